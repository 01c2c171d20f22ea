import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Clock, Failure } from '@app/domain';
import type { JobStates } from './job-states.js';
import { hasEnded } from '../job-records.js';

const LATER = 'Try again when it has started anew.';

/** Ends jobs in the catalog that do not run here. */
export class QueuedJobs {
  constructor(private readonly parts: { catalog: Catalog; states: JobStates; clock: Clock }) {}

  /**
   * Ends a job that is queued in any instance, and notifies the owner of a running one. Returns the job as it is then. Throws
   * JOB_NOT_FOUND or JOB_FINISHED.
   */
  async cancel(id: string): Promise<JobRecord> {
    const { catalog, states } = this.parts;
    const { jobs } = catalog;
    for (;;) {
      const now = this.now();
      const failure: Failure = { code: 'CANCELLED', message: 'The job was cancelled before it began.' };
      const end = { state: 'cancelled', failure, finishedAt: now, cancelRequestedAt: now } as const;
      const changed =
        (await states.move(id, ['queued'], end)) ?? (await jobs.update(id, ['running'], { cancelRequestedAt: now }));
      if (changed !== undefined) return changed;
      const job = await jobs.get(id);
      if (job === undefined) throw noSuchJob(id);
      if (hasEnded(job)) {
        throw new DomainError('JOB_FINISHED', `The job has ended already: it is ${job.state}.`, {
          hint: `GET /api/jobs/${id} tells what came of it.`,
        });
      }
    }
  }

  /** Ends a job that must not begin any more. Returns undefined when it is not queued. */
  giveUp(id: string): Promise<JobRecord | undefined> {
    const failure: Failure = {
      code: 'SHUTTING_DOWN',
      message: 'The service was shut down before the job could begin. Nothing was changed.',
      hint: LATER,
    };
    const change = { state: 'interrupted', failure, finishedAt: this.now() } as const;
    return this.parts.states.move(id, ['queued'], change);
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }
}

export function noSuchJob(id: string): DomainError {
  return new DomainError('JOB_NOT_FOUND', `There is no job ${id}.`, {
    hint: 'GET /api/jobs lists them; those that ended long ago are forgotten.',
  });
}

export function shuttingDown(): DomainError {
  return new DomainError('SHUTTING_DOWN', 'The service is shutting down and begins nothing new.', { hint: LATER });
}
