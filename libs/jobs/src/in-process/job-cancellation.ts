import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError, messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { JobAttempt } from './job-attempt.js';
import type { JobDispatch } from './job-dispatch.js';
import type { JobEndings } from './job-endings.js';
import { hasEnded } from '../job-records.js';
import { noSuchJob } from './queued-jobs.js';
import type { QueuedJobs } from './queued-jobs.js';

export interface JobCancellationParts {
  catalog: Catalog;
  logger: Logger;
  dispatch: JobDispatch;
  endings: JobEndings;
  queued: QueuedJobs;
  tell: (job: JobRecord) => void;
}

/** Cancels a job that waits or runs here or in another instance. */
export class JobCancellation {
  constructor(private readonly parts: JobCancellationParts) {}

  /** Does `JobQueue.cancel`. */
  cancel(id: string): Promise<JobRecord> {
    const attempt = this.parts.dispatch.attempt(id);
    return attempt === undefined ? this.cancelQueued(id) : this.cancelRunning(id, attempt);
  }

  private async cancelRunning(id: string, attempt: JobAttempt): Promise<JobRecord> {
    const { catalog, logger, tell } = this.parts;
    attempt.stop('cancel');
    try {
      const { cancelRequestedAt } = attempt;
      const job = await catalog.jobs.update(id, ['queued', 'running'], { cancelRequestedAt });
      if (job !== undefined) tell(job);
    } catch (error) {
      // The job is being stopped anyway, and its record says so when its end is written.
      logger.warn({ err: error, job: id }, `a cancel was not written: ${messageOf(error)}`);
    }
    const job = attempt.job ?? (await catalog.jobs.get(id));
    if (job === undefined) throw noSuchJob(id);
    return job;
  }

  private async cancelQueued(id: string): Promise<JobRecord> {
    const { dispatch, endings, queued, tell } = this.parts;
    const candidate = dispatch.withdraw(id);
    try {
      const job = await queued.cancel(id);
      tell(job);
      if (hasEnded(job)) endings.resolve(id, job);
      return job;
    } catch (error) {
      const isOver = error instanceof DomainError && ['JOB_NOT_FOUND', 'JOB_FINISHED'].includes(error.code);
      if (isOver) endings.resolve(id, undefined);
      else if (candidate !== undefined) dispatch.add([candidate]);
      throw error;
    }
  }
}
