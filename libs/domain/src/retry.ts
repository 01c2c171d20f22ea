import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /** How often `work` is done at most. */
  attempts: number;
  /** Whether another attempt may succeed after this error. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds to wait after attempt number `attempt`, which counts from 1. Default: none. */
  pauseMs?: (attempt: number) => number;
}

/** Repeats work that failed with a transient error. Rejects with the error of the last attempt, or the first that is not transient. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, isTransient, pauseMs } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
      if (pauseMs !== undefined) await sleep(pauseMs(attempt));
    }
  }
}
