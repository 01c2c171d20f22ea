import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import type { AttemptEnd, JobAttempt } from './job-attempt.js';
import { JobSelection } from './job-selection.js';
import type { Candidate } from './job-selection.js';

/** The longest sleep: a timer reaches only 24.8 days, and does not notice when the clock is set. */
const LONGEST_SLEEP_MS = 30_000;

export interface JobDispatchParts {
  clock: Clock;
  logger: Logger;
  /** How many jobs run at a time. */
  concurrency: number;
  /** The pause before another try of a lock that another instance holds, and of a catalog that does not answer. */
  pauseMs: number;
  attemptOf: (candidate: Candidate) => JobAttempt;
  /** It never rejects. A job that is `locked` or `unclaimed` waits again, unless the dispatch is closed. */
  onEnd: (candidate: Candidate, attempt: JobAttempt, end: AttemptEnd) => Promise<void>;
}

/** Holds the waiting and the running jobs of this process, and begins the next one whenever there is room. */
export class JobDispatch {
  private readonly waiting = new JobSelection();
  private readonly attempts = new Map<string, JobAttempt>();
  /** Jobs that gave up their place for a wait, and those of them that wait for room again. */
  private readonly outside = new Set<string>();
  private readonly returning = new Map<string, () => void>();
  private readonly ends = new Set<Promise<void>>();
  private state: 'not-yet-open' | 'open' | 'closed' = 'not-yet-open';
  private alarm: NodeJS.Timeout | undefined;
  private resting = false;

  constructor(private readonly parts: JobDispatchParts) {}

  get running(): number {
    return this.attempts.size;
  }

  get runs(): readonly (readonly [string, JobAttempt])[] {
    return [...this.attempts];
  }

  attempt(id: string): JobAttempt | undefined {
    return this.attempts.get(id);
  }

  isWaiting(id: string): boolean {
    return this.waiting.has(id);
  }

  has(id: string): boolean {
    return this.waiting.has(id) || this.attempts.has(id);
  }

  open(): void {
    if (this.state === 'not-yet-open') this.state = 'open';
    this.pump();
  }

  /** Begins no more jobs. Returns the waiting ones. */
  close(): Candidate[] {
    this.state = 'closed';
    clearTimeout(this.alarm);
    return this.clear();
  }

  clear(): Candidate[] {
    const waiting = this.waiting.candidates();
    this.waiting.clear();
    return waiting;
  }

  /** Resolves when no job runs any more. */
  async idle(): Promise<void> {
    while (this.ends.size > 0) await Promise.all(this.ends);
  }

  /** Adds jobs, and skips those that wait or run already. */
  add(candidates: readonly Candidate[]): void {
    if (this.state === 'closed') return;
    for (const candidate of candidates) if (!this.attempts.has(candidate.id)) this.waiting.add(candidate);
    this.pump();
  }

  /** Lets another job run while one waits for something that may never end. Afterwards the job needs room again. */
  async giveWay<T>(id: string, wait: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.outside.add(id);
    this.pump();
    try {
      return await wait();
    } finally {
      await this.comeBack(id, signal);
    }
  }

  /** A job that is told to stop gets room at once, as it only has to end. */
  private async comeBack(id: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const enter = (): void => {
      this.returning.delete(id);
      this.outside.delete(id);
      resolve();
    };
    if (this.hasRoom() || signal.aborted) return enter();
    this.returning.set(id, enter);
    signal.addEventListener('abort', enter, { once: true });
    await promise;
    signal.removeEventListener('abort', enter);
  }

  private hasRoom(): boolean {
    return this.attempts.size - this.outside.size < this.parts.concurrency;
  }

  /** Removes a waiting job; undefined when it does not wait. */
  withdraw(id: string): Candidate | undefined {
    return this.waiting.remove(id);
  }

  private pump(): void {
    for (const enter of this.returning.values()) if (this.hasRoom()) enter();
    if (this.state !== 'open' || this.resting) return;
    while (this.hasRoom()) {
      const candidate = this.waiting.take(this.now());
      if (candidate === undefined) break;
      this.begin(candidate);
    }
    clearTimeout(this.alarm);
    // When there is no room, the end of a job wakes the dispatch.
    const next = this.hasRoom() ? this.waiting.nextChangeAt() : undefined;
    if (next === undefined) return;
    const ms = Math.min(Math.max(next - this.now(), 1), LONGEST_SLEEP_MS);
    this.alarm = setTimeout(() => this.pump(), ms).unref();
  }

  private begin(candidate: Candidate): void {
    const attempt = this.parts.attemptOf(candidate);
    this.attempts.set(candidate.id, attempt);
    const end = attempt.run().then((how) => this.end(candidate, attempt, how));
    this.ends.add(end);
    void end.then(() => this.ends.delete(end));
  }

  private async end(candidate: Candidate, attempt: JobAttempt, end: AttemptEnd): Promise<void> {
    this.attempts.delete(candidate.id);
    if (end.kind !== 'locked') this.waiting.release(candidate);
    else if (this.state === 'open') this.waiting.postpone(candidate, this.now() + this.parts.pauseMs);
    if (end.kind === 'unclaimed') {
      if (this.state === 'open') this.waiting.add(candidate);
      this.rest(end.error);
    }
    await this.parts.onEnd(candidate, attempt, end);
    this.pump();
  }

  /** Pauses all jobs, as the catalog would not answer the others either. */
  private rest(error: unknown): void {
    if (this.resting) return;
    this.resting = true;
    this.parts.logger.warn({ err: error }, `jobs are held up: ${messageOf(error)}`);
    setTimeout(() => {
      this.resting = false;
      this.pump();
    }, this.parts.pauseMs).unref();
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }
}
