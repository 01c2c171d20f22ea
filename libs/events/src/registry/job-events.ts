import type { Failure, JobType } from '@app/domain';
import { event } from './event-type.js';

export const JOB_EVENTS = {
  /** A job has failed for good, or its service ended before it did, and no other job repeats it. */
  JobFailed: event<{
    jobId: string;
    type: JobType;
    /** The instance whose queue held the job. */
    owner: string;
    connectionId: string | null;
    scheduleId: string | null;
    failure: Failure | null;
  }>(),
  /** Jobs wait, run or have ended. An instance tells this to the watchers of the others, some moments later and for many at once. */
  JobsChanged: event<{ instance: string; jobIds: readonly string[] }>(),
};
