import type { JobRecord } from '@app/catalog';
import type { JobProgress, JobType, JsonObject } from '@app/domain';

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

/** Does the work of one type of jobs. */
export interface JobHandler {
  /**
   * One attempt. The result is what the caller of a blocking call gets, as JSON. Rejects with a DomainError; anything
   * else is a fault of ours, logged whole and shown as INTERNAL. When `signal` is aborted it ends what it has started,
   * cleans up, and rejects.
   */
  run(job: JobRecord, context: JobContext): Promise<JsonObject>;
}

export interface JobContext {
  /** Aborted by a cancel, or when a shutdown has no more patience. */
  readonly signal: AbortSignal;
  /** Keeps what is not given. Called as often as one likes; written and told at most twice a second. Rate and time left follow. */
  progress(change: Partial<Omit<JobProgress, 'bytesPerSecond' | 'secondsLeft'>>): void;
  /** One line for the job's log: what began, what a tool said. Redacted, cut at 500 characters; the last 200 are kept. */
  log(line: string): void;
  /** From here on a failure is final: no retry (a restore that has begun to load). */
  noRetry(): void;
  /** For a wait that others end, however late: until it is over, and there is room again, another job may run instead. */
  givesWay<T>(wait: () => Promise<T>): Promise<T>;
}

/**
 * The port behind which jobs wait and run: in this process now, on other machines later. At most one job per lock key at
 * a time, at most `concurrency` in this process; the more urgent first, between equals the connections take turns, and
 * within one connection the older goes first.
 */
export interface JobQueue {
  register(type: JobType, handler: JobHandler): void;
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
