import type { JobRecord } from '@app/catalog';
import type { JobDefinition, TypedHandler } from './job-definition.js';
import type { JobRequest } from './job-request.js';

/**
 * The port behind which jobs wait and run: in this process now, on other machines later. At most one job runs for each lock
 * key, and at most `concurrency` jobs in this process. The more urgent job goes first; equally urgent jobs are chosen by round
 * robin over the connections, and the older job of a connection goes first.
 */
export interface JobQueue {
  register<P extends object, R extends object>(definition: JobDefinition<P, R>, handler: TypedHandler<P, R>): void;
  /** Ends or takes over the jobs of dead predecessors, then begins. Handlers must be registered before. */
  start(): Promise<void>;
  /** Returns the new job, or the existing one with its `uniqueKey`. Throws SHUTTING_DOWN once {@link shutdown} has begun. */
  enqueue(request: JobRequest): Promise<JobRecord>;
  /** Makes the records of many jobs, for the transaction of a schedule's step: see `ScheduleDispatcher`. */
  recordsOf(requests: readonly JobRequest[]): JobRecord[];
  /** Whether this is the instance of this process, which tells its watchers itself what happens to its jobs. */
  owns(job: { owner: string }): boolean;
  /** Takes over jobs whose records of {@link recordsOf} were inserted into the catalog. */
  admit(records: readonly JobRecord[]): void;
  /** Resolves when the job has ended in any way. Throws JOB_NOT_FOUND. */
  ended(id: string): Promise<JobRecord>;
  /** Cancels a queued job at once, and tells a running one to stop, see {@link ended}. Throws JOB_NOT_FOUND or JOB_FINISHED. */
  cancel(id: string): Promise<JobRecord>;
  /** Returns the job with its latest progress and log. */
  get(id: string): Promise<JobRecord | undefined>;
  /** The number of jobs that run in this process. */
  readonly running: number;
  /** Begins no more jobs. Running jobs may finish within the grace time; then it aborts them and waits for their end. Safe to call again. */
  shutdown(graceMs: number): Promise<void>;
}
