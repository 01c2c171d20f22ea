import type { JobRecord } from '@app/catalog';
import type { JobProgress, JsonObject } from '@app/domain';

/** Does the work of one type of jobs. */
export interface JobHandler {
  /**
   * One attempt. The result is what the caller of a blocking call gets, as JSON. Rejects with a DomainError; anything
   * else is a fault of ours, logged whole and shown as INTERNAL. When `signal` is aborted it ends what it has started,
   * cleans up, and rejects.
   */
  run(job: JobRecord, context: JobContext): Promise<JsonObject>;
}

export interface JobContext {
  /** Aborted by a cancel, or when a shutdown has no more patience. */
  readonly signal: AbortSignal;
  /** Keeps what is not given. Called as often as one likes; written and told at most twice a second. Rate and time left follow. */
  progress(change: Partial<Omit<JobProgress, 'bytesPerSecond' | 'secondsLeft'>>): void;
  /** One line for the job's log: what began, what a tool said. Redacted, cut at 500 characters; the last 200 are kept. */
  log(line: string): void;
  /** From here on a failure is final: no retry (a restore that has begun to load). */
  noRetry(): void;
  /** For a wait that others end, however late: until it is over, and there is room again, another job may run instead. */
  givesWay<T>(wait: () => Promise<T>): Promise<T>;
}
