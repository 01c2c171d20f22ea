import type { JobType, JsonObject } from '@app/domain';

/** A job to be done. */
export interface JobRequest {
  type: JobType;
  payload: JsonObject;
  /** Default: none, it runs beside any other. */
  lockKey?: string | undefined;
  connectionId?: string | undefined;
  scheduleId?: string | undefined;
  dueAt?: Date | undefined;
  /** Asking twice under one key gives one job. */
  uniqueKey?: string | undefined;
  /** Default: `manual`. */
  urgency?: 'manual' | 'scheduled' | 'background' | undefined;
  /** Default: 1, no retry. */
  maxAttempts?: number | undefined;
  /** Not before. */
  runAfter?: Date | undefined;
  /**
   * Default: false, it waits in the catalog until it has run. True for what nobody would expect to happen after a
   * restart of the service: the work of a call that was told that it failed, and any restore.
   */
  abandonedByRestart?: boolean | undefined;
}
