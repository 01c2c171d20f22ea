import type { JobRecord } from '@app/catalog';
import type { JobProgress, JsonObject } from '@app/domain';

/** Does the work of one job type. */
export interface JobHandler {
  /**
   * Runs one attempt. The caller of a blocking call gets the result as JSON. Rejects with a DomainError; any other error is a
   * bug, which is logged completely and shown as INTERNAL. When `signal` is aborted, it ends what it has started, cleans up, and
   * rejects.
   */
  run(job: JobRecord, context: JobContext): Promise<JsonObject>;
}

export interface JobContext {
  /** Aborted by a cancel, or when the grace time of a shutdown is over. */
  readonly signal: AbortSignal;
  /** Changes the given figures, and adds rate and time left. It may be called often; it is written and published at most twice a second. */
  progress(change: Partial<Omit<JobProgress, 'bytesPerSecond' | 'secondsLeft'>>): void;
  /** Adds a line to the job's log. Lines are redacted and cut at 500 characters; the last 200 are kept. */
  log(line: string): void;
  /** Makes a later failure final, without a retry, as for a restore that has begun to load. */
  noRetry(): void;
  /** Waits for something that others end at any time. Another job may run until the wait is over and there is room again. */
  givesWay<T>(wait: () => Promise<T>): Promise<T>;
}
