import type { Failure, JobState, JobType } from '@app/domain';
import { event } from './event-type.js';

interface OfJob {
  jobId: string;
  type: JobType;
  /** The instance whose queue holds the job. */
  owner: string;
  connectionId: string | null;
  scheduleId: string | null;
}

export const JOB_EVENTS = {
  /** A job waits: it is new, or was taken over, or is tried again after the failure of an attempt. */
  JobQueued: event<OfJob & { attempt: number; failure: Failure | null }>(),
  JobStarted: event<OfJob & { attempt: number }>(),
  /** A job has ended for good. */
  JobEnded: event<OfJob & { state: JobState; failure: Failure | null }>(),
};
