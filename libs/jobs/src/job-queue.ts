import type { JobRecord } from '@app/catalog';
import type { JobDefinition, TypedHandler } from './job-definition.js';
import type { JobRequest } from './job-request.js';

/**
 * The port behind which jobs wait and run: in this process now, on other machines later. At most one job per lock key at
 * a time, at most `concurrency` in this process; the more urgent first, between equals the connections take turns, and
 * within one connection the older goes first.
 */
export interface JobQueue {
  register<P extends object, R extends object>(definition: JobDefinition<P, R>, handler: TypedHandler<P, R>): void;
  /** Accounts for what dead predecessors left, then begins. Handlers must be registered. */
  start(): Promise<void>;
  /** The job, or the one that is there already under its `uniqueKey`. SHUTTING_DOWN once {@link shutdown} has begun. */
  enqueue(request: JobRequest): Promise<JobRecord>;
  /** For many at once, inside the transaction of a schedule's step: see `ScheduleDispatcher`. */
  recordsOf(requests: readonly JobRequest[]): JobRecord[];
  /** Takes up jobs that were inserted into the catalog by {@link recordsOf}. */
  admit(records: readonly JobRecord[]): void;
  /** Resolves when the job has ended, however. JOB_NOT_FOUND. */
  ended(id: string): Promise<JobRecord>;
  /** A queued job is cancelled at once; a running one is told to stop, see {@link ended}. JOB_NOT_FOUND, JOB_FINISHED. */
  cancel(id: string): Promise<JobRecord>;
  /** The job as it is now, with the latest progress and log. */
  get(id: string): Promise<JobRecord | undefined>;
  /** Jobs that run in this process. */
  readonly running: number;
  /** Begins nothing new; what runs may finish within the grace time, then it is aborted and its end awaited. Safe to call again. */
  shutdown(graceMs: number): Promise<void>;
}
