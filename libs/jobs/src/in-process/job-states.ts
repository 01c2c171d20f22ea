import type { Catalog, JobRecord, NewEvent } from '@app/catalog';
import type { JobState } from '@app/domain';
import { domainEvent } from '@app/events';

/** Returns what the failure of a job means in the words of its definition, such as `BackupFailed`. */
export type FailureEvents = (job: JobRecord) => readonly NewEvent[];

/** Writes changes of the state of jobs, and with a failure the events that tell of it. */
export class JobStates {
  constructor(
    private readonly catalog: Catalog,
    private readonly failureEventsOf: FailureEvents,
  ) {}

  /** Does `JobRepository.update` for a change of the state, and inserts the job that repeats it. */
  move(
    id: string,
    states: readonly JobState[],
    change: Partial<JobRecord>,
    repeatOf: (job: JobRecord) => JobRecord | undefined = () => undefined,
  ): Promise<JobRecord | undefined> {
    // A transaction costs several times as much as the statement, and most jobs succeed.
    if (!isFailure(change)) return this.catalog.jobs.update(id, states, change);
    return this.catalog.transaction(async (catalog) => {
      const job = await catalog.jobs.update(id, states, change);
      if (job === undefined) return undefined;
      const repeat = repeatOf(job);
      if (repeat !== undefined) await catalog.jobs.insert([repeat]);
      else await this.appendFailure(catalog, job);
      return job;
    });
  }

  /** Adds what tells of a job that failed, and is not repeated, to the transaction in which it was changed. */
  appendFailure({ outbox }: Pick<Catalog, 'outbox'>, job: JobRecord): Promise<void> {
    if (!isFailure(job)) return Promise.resolve();
    const { id: jobId, type, owner, connectionId, scheduleId, failure } = job;
    const failed = domainEvent('JobFailed', { jobId, type, owner, connectionId, scheduleId, failure });
    return outbox.append([failed, ...this.failureEventsOf(job)]);
  }
}

function isFailure({ state }: Partial<JobRecord>): boolean {
  return state === 'failed' || state === 'interrupted';
}
