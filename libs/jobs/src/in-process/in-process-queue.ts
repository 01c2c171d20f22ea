import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog, JobRecord } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Clock, JobType, Logger } from '@app/domain';
import type { EventLog } from '@app/events';
import { JobAnnouncements } from './job-announcements.js';
import { JobAttempt } from './job-attempt.js';
import type { AttemptEnd } from './job-attempt.js';
import { JobCancellation } from './job-cancellation.js';
import { JobDispatch } from './job-dispatch.js';
import { JobEndings } from './job-endings.js';
import { JobIntake } from './job-intake.js';
import { JobPruning } from './job-pruning.js';
import type { JobDefinition, TypedHandler } from '../job-definition.js';
import type { JobHandler } from '../job-handler.js';
import type { JobQueue } from '../job-queue.js';
import type { JobRequest } from '../job-request.js';
import { hasEnded, jobRecordOf } from '../job-records.js';
import { candidateOf } from './job-selection.js';
import type { Candidate } from './job-selection.js';
import { JobStates } from './job-states.js';
import type { FailureEvents } from './job-states.js';
import { RETRY_DELAYS_MS } from './job-verdict.js';
import { WriteRetry } from './write-retry.js';
import { Heartbeat } from './heartbeat.js';
import type { Instance } from './heartbeat.js';
import { noSuchJob, QueuedJobs, shuttingDown } from './queued-jobs.js';

const HEARTBEAT_MS = 10_000;
const DEAD_AFTER_MS = 60_000;
const KEEP_MS = 90 * 24 * 3_600_000;
const PAUSE_MS = 2_000;
const COLLECT_MS = 250;

export interface InProcessQueueOptions {
  catalog: Catalog;
  events: EventLog;
  clock: Clock;
  logger: Logger;
  /** How many jobs run at a time. */
  concurrency: number;
  instance: Instance;
  /** The ids of instances that are surely dead: earlier runs of this service, which runs once at a time. Default: none. */
  pastRuns?: ReadonlySet<string> | undefined;
  /** True when no other process can use the catalog (SQLite), so that all other instances are dead. Default: false. */
  alone?: boolean | undefined;
  /** The delays before the second attempt, the third, and so on; the last one holds for all further ones. Each varies by 10 %. */
  retryDelaysMs?: readonly number[] | undefined;
  /** Removes secrets from log lines and failures. */
  redact?: ((text: string) => string) | undefined;
  heartbeatMs?: number | undefined;
  deadAfterMs?: number | undefined;
  /** Tests replace the monotonic clock, in milliseconds. */
  steadyMs?: (() => number) | undefined;
  /** How long ended jobs are kept. */
  keepMs?: number | undefined;
  /** The pause before another look at the jobs of another instance, and before another try of a catalog that does not answer. */
  pauseMs?: number | undefined;
  /** How long the news of a job waits for others before all are told to the other processes. */
  collectMs?: number | undefined;
  /** The pause between tries to write the end of a job. */
  writePausesMs?: readonly number[] | undefined;
}

/**
 * The queue of one process. The catalog keeps the jobs; the memory holds what is needed to choose the next job, and the jobs
 * that run.
 */
export class InProcessQueue implements JobQueue {
  private readonly handlers = new Map<JobType, JobHandler>();
  private readonly failureEvents = new Map<JobType, FailureEvents>();
  private readonly states: JobStates;
  private readonly dispatch: JobDispatch;
  private readonly endings = new JobEndings();
  private readonly queued: QueuedJobs;
  private readonly intake: JobIntake;
  private readonly cancellation: JobCancellation;
  private readonly writeRetry: WriteRetry;
  private readonly heartbeat: Heartbeat;
  private readonly pruning: JobPruning;
  /** Absent where there is no other process to tell. */
  private readonly announcements: JobAnnouncements | undefined;
  /** Calls that must end before the catalog is closed. */
  private readonly calls = new Set<Promise<unknown>>();
  private readonly pauseMs: number;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: InProcessQueueOptions) {
    const { catalog, clock, logger, concurrency, instance, alone = false, pastRuns = new Set() } = options;
    const { heartbeatMs = HEARTBEAT_MS, deadAfterMs = DEAD_AFTER_MS, keepMs = KEEP_MS, pauseMs = PAUSE_MS } = options;
    this.pauseMs = pauseMs;
    this.states = new JobStates(catalog, (job) => this.failureEvents.get(job.type)?.(job) ?? []);
    this.queued = new QueuedJobs({ catalog, states: this.states, clock });
    this.intake = new JobIntake(catalog, this.queued);
    this.writeRetry = new WriteRetry(logger, options.writePausesMs);
    this.pruning = new JobPruning({ catalog, clock, logger, keepMs });
    this.dispatch = new JobDispatch({
      ...{ clock, logger, concurrency, pauseMs },
      attemptOf: (candidate) => this.attemptOf(candidate),
      onEnd: (candidate, attempt, end) => this.onEnd(candidate, attempt, end),
    });
    const { dispatch, endings, queued } = this;
    const tell = (job: JobRecord) => this.tell(job);
    this.cancellation = new JobCancellation({ catalog, logger, dispatch, endings, queued, tell });
    if (!alone) {
      const instance = (): string => this.heartbeat.id;
      this.announcements = new JobAnnouncements({
        catalog,
        logger,
        instance,
        collectMs: options.collectMs ?? COLLECT_MS,
      });
    }
    this.heartbeat = new Heartbeat({
      ...{ catalog, states: this.states, clock, logger, instance, pastRuns, alone, heartbeatMs, deadAfterMs },
      steadyMs: options.steadyMs ?? (() => performance.now()),
      onReborn: () => this.abandonAll(),
      onBeat: () => this.lookAround(),
      onTakenOver: (interrupted) => this.takeUp(interrupted),
    });
  }

  get running(): number {
    return this.dispatch.running;
  }

  register<P extends object, R extends object>(definition: JobDefinition<P, R>, handler: TypedHandler<P, R>): void {
    const { type } = definition;
    if (this.handlers.has(type)) throw new Error(`There are two handlers for ${type} jobs`);
    this.handlers.set(type, definition.untyped(handler));
    this.failureEvents.set(type, (job) => definition.failureEventsOf(job));
  }

  async start(): Promise<void> {
    await this.heartbeat.begin();
    this.pruning.begin();
    this.dispatch.open();
  }

  recordsOf(requests: readonly JobRequest[]): JobRecord[] {
    const now = this.options.clock.now().getTime();
    return requests.map((request) => jobRecordOf(request, this.heartbeat.id, now));
  }

  async enqueue(request: JobRequest): Promise<JobRecord> {
    if (this.closing !== undefined) throw shuttingDown();
    return this.tracked(this.take(request));
  }

  admit(records: readonly JobRecord[]): void {
    const fresh = records.filter(
      ({ id, state, owner }) => state === 'queued' && owner === this.heartbeat.id && !this.dispatch.has(id),
    );
    for (const job of fresh) this.tell(job);
    this.dispatch.add(fresh.map(candidateOf));
  }

  async ended(id: string): Promise<JobRecord> {
    for (;;) {
      const mine = this.dispatch.has(id);
      const job = mine ? await this.endings.of(id) : await this.options.catalog.jobs.get(id);
      if (job !== undefined && hasEnded(job)) return job;
      if (mine) continue;
      if (job === undefined) throw noSuchJob(id);
      if (this.closing !== undefined) throw shuttingDown();
      await sleep(this.pauseMs, undefined, { ref: false });
    }
  }

  owns({ owner }: { owner: string }): boolean {
    return owner === this.heartbeat.id;
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.dispatch.attempt(id)?.job ?? this.options.catalog.jobs.get(id);
  }

  async cancel(id: string): Promise<JobRecord> {
    return this.tracked(this.cancellation.cancel(id));
  }

  async shutdown(graceMs: number): Promise<void> {
    this.closing ??= this.close();
    const timer = setTimeout(() => {
      this.stopAll();
      this.writeRetry.hasten();
    }, graceMs);
    try {
      await this.closing;
    } finally {
      clearTimeout(timer);
    }
  }

  private async close(): Promise<void> {
    const waiting = this.dispatch.close();
    this.heartbeat.retire();
    for (const candidate of waiting) await this.leave(candidate);
    await this.dispatch.idle();
    while (this.calls.size > 0) await Promise.all(this.calls);
    await Promise.all([this.heartbeat.end(), this.pruning.end(), this.announcements?.end()]);
    await this.heartbeat.signOff().catch((error: unknown) => {
      this.options.logger.warn({ err: error }, `this instance could not sign off: ${messageOf(error)}`);
    });
  }

  private async take(request: JobRequest): Promise<JobRecord> {
    const [wanted] = this.recordsOf([request]) as [JobRecord];
    const job = await this.intake.insert(wanted);
    if (job.id !== wanted.id) return job;
    if (this.closing !== undefined) {
      await this.giveUp(job.id);
      throw shuttingDown();
    }
    this.admit([job]);
    return job;
  }

  private attemptOf(candidate: Candidate): JobAttempt {
    const { catalog, clock, logger, retryDelaysMs = RETRY_DELAYS_MS, redact = (text) => text } = this.options;
    return new JobAttempt(candidate, {
      ...{ catalog, states: this.states, clock, logger, retryDelaysMs, redact },
      owner: this.heartbeat.id,
      writeRetry: this.writeRetry,
      handlerOf: (type) => this.handlerOf(type),
      tell: (job) => this.tell(job),
      givesWay: (wait, signal) => this.dispatch.giveWay(candidate.id, wait, signal),
      unwritten: (job) => {
        if (hasEnded(job)) this.endings.resolve(job.id, job);
      },
    });
  }

  private async onEnd(candidate: Candidate, attempt: JobAttempt, end: AttemptEnd): Promise<void> {
    const { id } = candidate;
    if (end.kind === 'gone') this.endings.resolve(id, undefined);
    else if (end.kind === 'over') await this.conclude(end.job);
    else if (attempt.cancelled) await this.cancellation.cancel(id).catch(() => undefined);
    else if (this.closing !== undefined) await this.leave(candidate);
  }

  private async conclude(job: JobRecord): Promise<void> {
    this.tell(job);
    const again = (): void => this.dispatch.add([candidateOf(job)]);
    if (hasEnded(job)) this.endings.resolve(job.id, job);
    // Another instance told it to stop in the moment in which it failed. If that cannot be written, the claim sees it.
    else if (job.cancelRequestedAt !== null) await this.cancellation.cancel(job.id).catch(again);
    else if (this.closing !== undefined) await this.leave(job);
    else again();
  }

  /** Ends a queued job at a shutdown, or leaves it in the catalog for the next start. */
  private async leave({ id, abandonedByRestart }: Candidate): Promise<void> {
    const job = abandonedByRestart ? await this.giveUp(id) : undefined;
    if (job !== undefined) this.tell(job);
    this.endings.resolve(id, job);
  }

  /** If the catalog fails, the next start does the same. */
  private giveUp(id: string): Promise<JobRecord | undefined> {
    return this.queued.giveUp(id).catch((error: unknown) => {
      this.options.logger.warn({ err: error, job: id }, `a job could not be ended: ${messageOf(error)}`);
      return undefined;
    });
  }

  private async takeUp(interrupted: readonly JobRecord[]): Promise<void> {
    for (const job of interrupted) this.tell(job);
    this.admit(await this.options.catalog.jobs.unfinished(this.heartbeat.id));
  }

  /** Reads what other instances have done to jobs of this one. */
  private async lookAround(): Promise<void> {
    const { jobs } = this.options.catalog;
    for (const [id, attempt] of this.dispatch.runs) {
      const job = await jobs.get(id);
      if (job !== undefined && job.cancelRequestedAt !== null) attempt.stop('cancel');
    }
    for (const id of this.endings.ids().filter((one) => this.dispatch.isWaiting(one))) {
      const job = await jobs.get(id);
      if (job?.state === 'queued' || !this.dispatch.isWaiting(id)) continue;
      this.dispatch.withdraw(id);
      this.endings.resolve(id, job);
    }
    await this.intake.takeBack();
  }

  private abandonAll(): void {
    this.stopAll();
    this.dispatch.clear();
    this.endings.resolveAll();
  }

  private stopAll(): void {
    for (const [, attempt] of this.dispatch.runs) attempt.stop('service');
  }

  private tell(job: JobRecord): void {
    this.options.events.publish({ type: 'job', job: { ...job, log: [] } });
    this.announcements?.note(job);
  }

  private handlerOf(type: JobType): JobHandler {
    const handler = this.handlers.get(type);
    if (handler === undefined) throw new Error(`There is no handler for ${type} jobs`);
    return handler;
  }

  private tracked<T>(call: Promise<T>): Promise<T> {
    const ended = call.then(
      () => undefined,
      () => undefined,
    );
    this.calls.add(ended);
    void ended.then(() => this.calls.delete(ended));
    return call;
  }
}
