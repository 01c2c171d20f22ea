import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError, messageOf } from '@app/domain';
import type { Clock, Failure, JobType, Logger } from '@app/domain';
import type { EventLog } from './event-log.js';
import { JobAttempt } from './job-attempt.js';
import type { AttemptEnd } from './job-attempt.js';
import { JobEndings } from './job-endings.js';
import { JobPruning } from './job-pruning.js';
import type { JobHandler, JobQueue, JobRequest } from './job-queue.js';
import { hasEnded, jobRecordOf } from './job-records.js';
import { JobSelection } from './job-selection.js';
import type { Candidate } from './job-selection.js';
import { RETRY_DELAYS_MS } from './job-verdict.js';
import { Perseverance } from './perseverance.js';
import { Presence } from './presence.js';
import type { Instance } from './presence.js';

const DAY_MS = 24 * 3_600_000;
/** A timer reaches 24.8 days only, and does not notice that the clock is set. */
const LONGEST_SLEEP_MS = 30_000;

export interface InProcessQueueOptions {
  catalog: Catalog;
  events: EventLog;
  clock: Clock;
  logger: Logger;
  /** Jobs at a time. */
  concurrency: number;
  instance: Instance;
  /** True where no other process can use the catalog (SQLite): whoever else is signed on is dead. Default: false. */
  alone?: boolean | undefined;
  /** Before the second attempt, the third, …; the last holds for all further ones. Each varies by 10 %. */
  retryDelaysMs?: readonly number[] | undefined;
  /** Takes secrets out of what is logged and of failures. */
  redact?: ((text: string) => string) | undefined;
  heartbeatMs?: number | undefined;
  deadAfterMs?: number | undefined;
  /** How long jobs that have ended are remembered. */
  keepMs?: number | undefined;
  /** Before another look at what another instance does, and another try of a catalog that does not answer. */
  pauseMs?: number | undefined;
}

/**
 * The queue of one process. What is to be remembered is in the catalog; in memory is what it takes to choose the next
 * job, and what runs.
 */
export class InProcessQueue implements JobQueue {
  private readonly handlers = new Map<JobType, JobHandler>();
  private readonly waiting = new JobSelection();
  private readonly attempts = new Map<string, JobAttempt>();
  private readonly endings = new JobEndings();
  private readonly perseverance: Perseverance;
  private readonly presence: Presence;
  private readonly pruning: JobPruning;
  /** Work that the catalog must outlive. */
  private readonly pending = new Set<Promise<unknown>>();
  /** Jobs whose insertion failed, or so it seemed: their callers were told so. */
  private readonly uncertain = new Set<string>();
  private readonly redact: (text: string) => string;
  private readonly pauseMs: number;
  private started = false;
  private closing: Promise<void> | undefined;
  private alarm: NodeJS.Timeout | undefined;
  private resting = false;

  constructor(private readonly options: InProcessQueueOptions) {
    const { catalog, clock, logger, instance, alone = false, heartbeatMs = 10_000, deadAfterMs = 60_000 } = options;
    this.redact = options.redact ?? ((text) => text);
    this.pauseMs = options.pauseMs ?? 2_000;
    this.perseverance = new Perseverance(logger);
    this.pruning = new JobPruning({ catalog, clock, logger, keepMs: options.keepMs ?? 90 * DAY_MS });
    this.presence = new Presence({
      ...{ catalog, clock, logger, instance, alone, heartbeatMs, deadAfterMs },
      onReborn: () => this.abandonAll(),
      onBeat: () => this.lookAround(),
      onTakenOver: (interrupted) => this.takeUp(interrupted),
    });
  }

  get running(): number {
    return this.attempts.size;
  }

  register(type: JobType, handler: JobHandler): void {
    if (this.handlers.has(type)) throw new Error(`There are two handlers for ${type} jobs`);
    this.handlers.set(type, handler);
  }

  async start(): Promise<void> {
    await this.presence.begin();
    this.pruning.begin();
    this.started = true;
    this.pump();
  }

  recordsOf(requests: readonly JobRequest[]): JobRecord[] {
    const now = this.now();
    return requests.map((request) => jobRecordOf(request, this.presence.id, now));
  }

  async enqueue(request: JobRequest): Promise<JobRecord> {
    if (this.closing !== undefined) throw shuttingDown();
    return this.tracked(this.insert(request));
  }

  admit(records: readonly JobRecord[]): void {
    for (const job of records) {
      if (job.state !== 'queued' || job.owner !== this.presence.id || this.isMine(job.id)) continue;
      this.tell(job);
      if (this.closing === undefined) this.waiting.add(candidateOf(job));
    }
    this.pump();
  }

  async ended(id: string): Promise<JobRecord> {
    for (;;) {
      const mine = this.isMine(id);
      const job = mine ? await this.endings.of(id) : await this.options.catalog.jobs.get(id);
      if (job === undefined && !mine) throw noSuchJob(id);
      if (job !== undefined && hasEnded(job)) return job;
      if (this.closing !== undefined && !this.attempts.has(id)) throw shuttingDown();
      if (!mine) await sleep(this.pauseMs, undefined, { ref: false });
    }
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.attempts.get(id)?.job ?? this.options.catalog.jobs.get(id);
  }

  async cancel(id: string): Promise<JobRecord> {
    const attempt = this.attempts.get(id);
    if (attempt !== undefined) return this.tracked(this.cancelRunning(id, attempt));
    const candidate = this.waiting.remove(id);
    try {
      return await this.tracked(this.cancelInCatalog(id));
    } catch (error) {
      if (isOver(error)) this.endings.settle(id, undefined);
      else if (candidate !== undefined) this.waiting.add(candidate);
      throw error;
    }
  }

  async shutdown(graceMs: number): Promise<void> {
    this.closing ??= this.close();
    const timer = setTimeout(() => {
      this.stopAll();
      this.perseverance.hasten();
    }, graceMs);
    try {
      await this.closing;
    } finally {
      clearTimeout(timer);
    }
  }

  private async close(): Promise<void> {
    clearTimeout(this.alarm);
    const waiting = this.waiting.candidates();
    this.waiting.clear();
    this.presence.retire();
    await this.pruning.end();
    for (const { id, abandonedByRestart } of waiting) {
      if (abandonedByRestart) await this.giveUp(id);
      this.endings.settle(id, undefined);
    }
    while (this.pending.size > 0) await Promise.all(this.pending);
    this.endings.settleAll();
    await this.presence.end();
    await this.presence.signOff().catch((error: unknown) => {
      this.options.logger.warn({ err: error }, `this instance could not sign off: ${messageOf(error)}`);
    });
  }

  private isMine(id: string): boolean {
    return this.waiting.has(id) || this.attempts.has(id);
  }

  private async insert(request: JobRequest): Promise<JobRecord> {
    const { jobs } = this.options.catalog;
    const [job] = this.recordsOf([request]) as [JobRecord];
    for (;;) {
      const inserted = await jobs.insert([job]).catch((error: unknown) => {
        this.uncertain.add(job.id);
        throw error;
      });
      if (inserted.length > 0) break;
      const known = await jobs.byUniqueKey(job.uniqueKey ?? '');
      if (known !== undefined) return known;
    }
    if (this.closing !== undefined) {
      await this.giveUp(job.id);
      throw shuttingDown();
    }
    this.admit([job]);
    return job;
  }

  /** Begins as many jobs as there is room for. */
  private pump(): void {
    if (!this.started || this.resting || this.closing !== undefined) return;
    while (this.attempts.size < this.options.concurrency) {
      const candidate = this.waiting.take(this.now());
      if (candidate === undefined) break;
      this.begin(candidate);
    }
    clearTimeout(this.alarm);
    const next = this.waiting.nextChangeAt();
    if (next === undefined) return;
    const ms = Math.min(Math.max(next - this.now(), 1), LONGEST_SLEEP_MS);
    this.alarm = setTimeout(() => this.pump(), ms).unref();
  }

  private begin(candidate: Candidate): void {
    const { catalog, clock, logger, retryDelaysMs = RETRY_DELAYS_MS } = this.options;
    const attempt = new JobAttempt(candidate, {
      ...{ catalog, clock, logger, retryDelaysMs },
      owner: this.presence.id,
      redact: this.redact,
      perseverance: this.perseverance,
      handlerOf: (type) => this.handlerOf(type),
      tell: (job) => this.tell(job),
      unwritten: (job) => {
        if (hasEnded(job)) this.endings.settle(job.id, job);
      },
    });
    this.attempts.set(candidate.id, attempt);
    void this.tracked(attempt.run().then((end) => this.finish(candidate, attempt, end)));
  }

  private async finish(candidate: Candidate, { cancelled }: JobAttempt, end: AttemptEnd): Promise<void> {
    const { id } = candidate;
    this.attempts.delete(id);
    switch (end.kind) {
      case 'locked':
        this.waiting.stepAside(candidate, this.now() + this.pauseMs);
        break;
      case 'unclaimed':
        this.waiting.release(candidate);
        this.waiting.add(candidate);
        this.rest(end.error);
        break;
      case 'gone':
        this.waiting.release(candidate);
        this.endings.settle(id, undefined);
        break;
      case 'over':
        this.waiting.release(candidate);
        await this.conclude(end.job);
    }
    if (cancelled && this.waiting.has(id)) await this.cancel(id).catch(() => undefined);
    if (this.closing !== undefined) await this.leave(candidate);
    this.pump();
  }

  private async conclude(job: JobRecord): Promise<void> {
    this.tell(job);
    if (hasEnded(job)) this.endings.settle(job.id, job);
    // Cancelled by another instance in the moment in which it failed.
    else if (job.cancelRequestedAt !== null) await this.cancelInCatalog(job.id).catch(() => undefined);
    else this.waiting.add(candidateOf(job));
  }

  /** A job that is queued again during a shutdown. */
  private async leave({ id, abandonedByRestart }: Candidate): Promise<void> {
    if (this.waiting.remove(id) === undefined) return;
    if (abandonedByRestart) await this.giveUp(id);
    this.endings.settle(id, undefined);
  }

  /** The catalog does not answer: every other job would meet the same. */
  private rest(error: unknown): void {
    if (this.resting) return;
    this.resting = true;
    this.options.logger.warn({ err: error }, `jobs are held up: ${messageOf(error)}`);
    setTimeout(() => {
      this.resting = false;
      this.pump();
    }, this.pauseMs).unref();
  }

  private async cancelRunning(id: string, attempt: JobAttempt): Promise<JobRecord> {
    attempt.stop('cancel');
    const { catalog, logger } = this.options;
    const change = { cancelRequestedAt: attempt.job?.cancelRequestedAt ?? this.now() };
    try {
      const job = await catalog.jobs.update(id, ['queued', 'running'], change);
      if (job !== undefined) this.tell(job);
    } catch (error) {
      // It is being stopped all the same, and says so when its end is written.
      logger.warn({ err: error, job: id }, `a cancel was not written: ${messageOf(error)}`);
    }
    const job = await this.get(id);
    if (job === undefined) throw noSuchJob(id);
    return job;
  }

  /** Of a job that does not run here. */
  private async cancelInCatalog(id: string): Promise<JobRecord> {
    const { jobs } = this.options.catalog;
    for (;;) {
      const now = this.now();
      const failure: Failure = { code: 'CANCELLED', message: 'The job was cancelled before it began.' };
      const end = { state: 'cancelled', failure, finishedAt: now, cancelRequestedAt: now } as const;
      const ended = await jobs.update(id, ['queued'], end);
      const changed = ended ?? (await jobs.update(id, ['running'], { cancelRequestedAt: now }));
      if (changed !== undefined) {
        this.tell(changed);
        if (ended !== undefined) this.endings.settle(id, ended);
        return changed;
      }
      const job = await jobs.get(id);
      if (job === undefined) throw noSuchJob(id);
      if (hasEnded(job)) throw new DomainError('JOB_FINISHED', `The job has ended already: it is ${job.state}.`);
    }
  }

  /** A queued job that nobody is to begin any more. */
  private async giveUp(id: string): Promise<void> {
    const failure: Failure = {
      code: 'SHUTTING_DOWN',
      message: 'The service was shut down before the job could begin. Nothing was changed.',
      hint: 'Try again when it has started anew.',
    };
    const change = { state: 'interrupted', failure, finishedAt: this.now() } as const;
    try {
      const job = await this.options.catalog.jobs.update(id, ['queued'], change);
      if (job === undefined) return;
      this.tell(job);
      this.endings.settle(id, job);
    } catch (error) {
      // The next start does the same.
      this.options.logger.warn({ err: error, job: id }, `a job could not be ended: ${messageOf(error)}`);
    }
  }

  private async takeUp(interrupted: readonly JobRecord[]): Promise<void> {
    for (const job of interrupted) {
      this.tell(job);
      this.endings.settle(job.id, job);
    }
    this.admit(await this.options.catalog.jobs.unfinished(this.presence.id));
  }

  /** What other instances may have done to jobs of this one. */
  private async lookAround(): Promise<void> {
    const { jobs } = this.options.catalog;
    for (const [id, attempt] of this.attempts) {
      const job = await jobs.get(id);
      if (job !== undefined && job.cancelRequestedAt !== null) attempt.stop('cancel');
    }
    for (const id of this.endings.ids()) {
      if (!this.waiting.has(id)) continue;
      const job = await jobs.get(id);
      if (job !== undefined && job.state === 'queued') continue;
      this.waiting.remove(id);
      this.endings.settle(id, job);
    }
    for (const id of this.uncertain) {
      await this.giveUp(id);
      this.uncertain.delete(id);
    }
  }

  private abandonAll(): void {
    this.stopAll();
    this.waiting.clear();
    this.endings.settleAll();
  }

  private stopAll(): void {
    for (const attempt of this.attempts.values()) attempt.stop('service');
  }

  private tell(job: JobRecord): void {
    this.options.events.publish({ type: 'job', job: { ...job, log: [] } });
  }

  private handlerOf(type: JobType): JobHandler {
    const handler = this.handlers.get(type);
    if (handler === undefined) throw new Error(`There is no handler for ${type} jobs`);
    return handler;
  }

  private tracked<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.pending.add(settled);
    void settled.then(() => this.pending.delete(settled));
    return work;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}

function candidateOf(job: JobRecord): Candidate {
  const { id, priority, connectionId, lockKey, createdAt, runAfter, abandonedByRestart } = job;
  return { id, priority, connectionId, lockKey, createdAt, runAfter, abandonedByRestart };
}

function isOver(error: unknown): boolean {
  return error instanceof DomainError && ['JOB_NOT_FOUND', 'JOB_FINISHED'].includes(error.code);
}

function noSuchJob(id: string): DomainError {
  return new DomainError('JOB_NOT_FOUND', `There is no job ${id}.`);
}

function shuttingDown(): DomainError {
  return new DomainError('SHUTTING_DOWN', 'The service is shutting down and begins nothing new.', {
    hint: 'Try again when it has started anew.',
  });
}
