import type { JobRecord } from '@app/catalog';
import { DomainError, messageOf, firstFailure } from '@app/domain';
import type { JobType } from '@app/domain';
import type { JobHandler } from '../job-handler.js';
import { JobRun } from './job-run.js';
import type { JobRunParts } from './job-run.js';
import type { Candidate } from './job-selection.js';
import { verdictOf } from './job-verdict.js';
import type { JobStates } from './job-states.js';
import type { HandlerEnd, StopReason } from './job-verdict.js';
import type { WriteRetry } from './write-retry.js';
import { repeatOf } from './restart-rules.js';

export interface AttemptParts extends JobRunParts {
  states: JobStates;
  owner: string;
  retryDelaysMs: readonly number[];
  writeRetry: WriteRetry;
  handlerOf: (type: JobType) => JobHandler;
  /** Called when the job has ended and the catalog cannot store that for the moment. */
  unwritten: (job: JobRecord) => void;
  /** The method of {@link JobContext}. */
  givesWay: <T>(wait: () => Promise<T>, signal: AbortSignal) => Promise<T>;
}

export type AttemptEnd =
  /** Another instance runs a job under its lock key. */
  | { kind: 'locked' }
  /** Somebody else has ended it, or it belongs to another instance now. */
  | { kind: 'gone' }
  /** The catalog did not answer, so that the job is as it was. */
  | { kind: 'unclaimed'; error: unknown }
  /** The job has ended, or is queued again. */
  | { kind: 'over'; job: JobRecord };

/** Claims a job, runs its handler, and writes the outcome. */
export class JobAttempt {
  private readonly abort = new AbortController();
  private reason: StopReason | undefined;
  private askedToStopAt: number | null = null;
  private jobRun: JobRun | undefined;

  constructor(
    private readonly candidate: Candidate,
    private readonly parts: AttemptParts,
  ) {}

  /** Returns the present state of the job; undefined while it is being claimed. */
  get job(): JobRecord | undefined {
    const run = this.jobRun;
    if (run === undefined) return undefined;
    return { ...run.job, ...run.state, cancelRequestedAt: this.cancelRequestedAt };
  }

  get cancelRequestedAt(): number | null {
    return this.jobRun?.job.cancelRequestedAt ?? this.askedToStopAt;
  }

  get cancelled(): boolean {
    return this.reason === 'cancel';
  }

  stop(reason: StopReason): void {
    // The caller of a cancel gets that answer, also when a shutdown follows.
    this.reason ??= reason;
    if (reason === 'cancel') this.askedToStopAt ??= this.parts.clock.now().getTime();
    this.abort.abort();
  }

  /** Runs the attempt. It never rejects. */
  async run(): Promise<AttemptEnd> {
    const claimed = await this.claim();
    if ('kind' in claimed) return claimed;
    const run = new JobRun(claimed, this.parts);
    this.jobRun = run;
    if (claimed.cancelRequestedAt !== null) this.stop('cancel');
    else this.parts.tell(claimed);
    const end = await this.handle(run);
    await run.close();
    return this.writeEnd(run, end);
  }

  private async claim(): Promise<JobRecord | AttemptEnd> {
    const { catalog, owner, clock, writeRetry } = this.parts;
    const { id } = this.candidate;
    try {
      const claim = await catalog.jobs.claim(id, owner, clock.now().getTime());
      if (claim === 'locked') return { kind: 'locked' };
    } catch (error) {
      return { kind: 'unclaimed', error };
    }
    try {
      const job = await writeRetry.persist(`job ${id}`, () => catalog.jobs.get(id));
      // It is ours and running although it was "gone": the answer of an earlier claim was lost.
      return job?.state === 'running' && job.owner === owner ? job : { kind: 'gone' };
    } catch {
      // It stays `running` in the catalog; the next start ends it.
      return { kind: 'gone' };
    }
  }

  private async handle(run: JobRun): Promise<HandlerEnd> {
    const { signal } = this.abort;
    if (signal.aborted) return { error: new DomainError('CANCELLED', 'It had not begun; nothing was changed.') };
    try {
      return {
        result: await this.parts.handlerOf(run.job.type).run(
          run.job,
          run.contextFor(signal, (wait) => this.parts.givesWay(wait, signal)),
        ),
      };
    } catch (failure) {
      const error = firstFailure(failure);
      const log = { err: error, job: run.job.id, type: run.job.type };
      if (!(error instanceof DomainError)) this.parts.logger.error(log, `a job failed unexpectedly`);
      else if (error.cause !== undefined) this.parts.logger.warn(log, `a job failed: ${error.message}`);
      return { error };
    }
  }

  private async writeEnd(run: JobRun, end: HandlerEnd): Promise<AttemptEnd> {
    const { clock, redact, retryDelaysMs, writeRetry } = this.parts;
    const { reason: stop } = this;
    const { mayRetry } = run;
    const now = clock.now().getTime();
    const verdict = verdictOf(run.job, end, { stop, mayRetry, retryDelaysMs, now, random: Math.random(), redact });
    if (verdict.state === 'queued') {
      const { attempt, maxAttempts } = run.job;
      run.say(`Attempt ${attempt} of ${maxAttempts} failed: ${verdict.failure?.message ?? ''}`);
    }
    const change: Partial<JobRecord> = { ...run.state, ...verdict };
    // It does not write null, as another instance may have requested a cancel meanwhile.
    if (this.cancelRequestedAt !== null) change.cancelRequestedAt = this.cancelRequestedAt;
    const ended: JobRecord = { ...run.job, ...change };
    try {
      const written = await writeRetry.persist(`the end of job ${run.job.id}`, (failures, error) => {
        if (failures > 0) this.parts.unwritten(ended);
        const refused = error instanceof DomainError && error.code === 'CATALOG_FAILED';
        return this.write(run.job, refused ? bare(change) : change);
      });
      if (written === undefined) return await this.endedByOthers(ended);
      return { kind: 'over', job: written };
    } catch (error) {
      this.parts.logger.error({ err: error, job: run.job.id }, `the end of a job was not written: ${messageOf(error)}`);
      return { kind: 'over', job: ended };
    }
  }

  private write({ id }: JobRecord, change: Partial<JobRecord>): Promise<JobRecord | undefined> {
    const { states, owner } = this.parts;
    if (change.state !== 'interrupted') return states.move(id, ['running'], change);
    return states.move(id, ['running'], change, (job) => repeatOf(job, owner, job.finishedAt ?? 0));
  }

  /** The job was not `running` any more: an earlier write succeeded, or others counted this instance as dead. */
  private async endedByOthers(ended: JobRecord): Promise<AttemptEnd> {
    const known = await this.parts.catalog.jobs.get(ended.id).catch(() => undefined);
    if (known?.state === ended.state) return { kind: 'over', job: known };
    const states = { job: ended.id, here: ended.state, catalog: known?.state };
    this.parts.logger.warn(states, 'a job has ended that the catalog had given up');
    return { kind: 'over', job: ended };
  }
}

/** Returns the part of the change that the catalog must store when it has refused the rest. */
function bare(change: Partial<JobRecord>): Partial<JobRecord> {
  const kept = { ...change };
  delete kept.progress;
  delete kept.log;
  return kept.result === undefined ? kept : { ...kept, result: null };
}
