import type { JobType, JsonObject } from '@app/domain';

/** The request for a job. */
export interface JobRequest {
  type: JobType;
  payload: JsonObject;
  /** Jobs with the same key run one at a time. Default: none, the job runs in parallel with any other. */
  lockKey?: string | undefined;
  connectionId?: string | undefined;
  scheduleId?: string | undefined;
  dueAt?: Date | undefined;
  /** Two requests with one key make one job. */
  uniqueKey?: string | undefined;
  /** Default: `manual`. */
  urgency?: 'manual' | 'scheduled' | 'background' | undefined;
  /** Default: 1, no retry. */
  maxAttempts?: number | undefined;
  /** The job does not begin before this time. */
  runAfter?: Date | undefined;
  /**
   * Default: false, the job waits in the catalog until it has run. True for jobs that nobody expects to run after a restart of
   * the service: the work of a call whose caller was told that it failed, and any restore.
   */
  abandonedByRestart?: boolean | undefined;
}
