import type { Catalog, JobRecord, NewEvent } from '@app/catalog';
import type { JobState } from '@app/domain';
import { domainEvent } from '@app/events';
import { hasEnded } from '../job-records.js';

/** Returns what the failure of a job means in the words of its definition, such as `BackupFailed`. */
export type FailureEvents = (job: JobRecord) => readonly NewEvent[];

/** Returns the events of a job that has just come into its state. */
export function eventsOfJob(job: JobRecord, failureEventsOf: FailureEvents): NewEvent[] {
  const { id: jobId, type, owner, connectionId, scheduleId, state, attempt, failure } = job;
  const about = { jobId, type, owner, connectionId, scheduleId };
  if (state === 'queued') return [domainEvent('JobQueued', { ...about, attempt, failure })];
  if (!hasEnded(job)) return [domainEvent('JobStarted', { ...about, attempt })];
  const ended = domainEvent('JobEnded', { ...about, state, failure });
  return state === 'failed' || state === 'interrupted' ? [ended, ...failureEventsOf(job)] : [ended];
}

/** Rolls a transaction back. */
class NotClaimed extends Error {}

/** Writes changes of the state of jobs together with their events. */
export class JobStates {
  constructor(
    private readonly catalog: Catalog,
    private readonly failureEventsOf: FailureEvents,
  ) {}

  /** Does `JobRepository.insert`. */
  insert(records: readonly JobRecord[]): Promise<string[]> {
    return this.catalog.transaction(async (catalog) => {
      const inserted = await catalog.jobs.insert(records);
      const ids = new Set(inserted);
      await this.append(
        catalog,
        records.filter(({ id }) => ids.has(id)),
      );
      return inserted;
    });
  }

  /** Does `JobRepository.claim`. */
  async claim(id: string, owner: string, now: number): Promise<'claimed' | 'locked' | 'gone'> {
    let claim: 'claimed' | 'locked' | 'gone' = 'claimed';
    try {
      await this.catalog.transaction(async (catalog) => {
        claim = await catalog.jobs.claim(id, owner, now);
        // PostgreSQL commits no transaction in which a statement has failed, as that of a locked job has.
        if (claim !== 'claimed') throw new NotClaimed(claim);
        const job = await catalog.jobs.get(id);
        if (job !== undefined) await this.append(catalog, [job]);
      });
    } catch (error) {
      if (!(error instanceof NotClaimed)) throw error;
    }
    return claim;
  }

  /** Does `JobRepository.update` for a change of the state, and inserts the job that repeats it. */
  move(
    id: string,
    states: readonly JobState[],
    change: Partial<JobRecord>,
    repeatOf: (job: JobRecord) => JobRecord | undefined = () => undefined,
  ): Promise<JobRecord | undefined> {
    return this.catalog.transaction(async (catalog) => {
      const job = await catalog.jobs.update(id, states, change);
      if (job === undefined) return undefined;
      const repeat = repeatOf(job);
      if (repeat !== undefined) await catalog.jobs.insert([repeat]);
      await this.append(catalog, [job], repeat);
      return job;
    });
  }

  /** Adds the events of jobs, and of the one that repeats them, to the transaction in which they were changed. */
  append({ outbox }: Pick<Catalog, 'outbox'>, jobs: readonly JobRecord[], repeat?: JobRecord): Promise<void> {
    // A job that is repeated has not failed yet.
    const failureEventsOf = repeat === undefined ? this.failureEventsOf : () => [];
    const changed = repeat === undefined ? jobs : [...jobs, repeat];
    return outbox.append(changed.flatMap((job) => eventsOfJob(job, failureEventsOf)));
  }
}
