import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /** How often `work` is done at most. */
  attempts: number;
  /** Whether another attempt may succeed after this error. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds to wait after attempt number `attempt`, which counts from 1. Default: none. */
  pauseMs?: (attempt: number) => number;
  /** Ends a pause. Rejects with its reason then. */
  signal?: AbortSignal;
}

/** Repeats work that failed with a transient error. Rejects with the error of the last attempt, or the first that is not transient. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, isTransient, pauseMs, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
      if (pauseMs !== undefined) await pause(pauseMs(attempt), signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
