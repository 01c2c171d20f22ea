import { setTimeout as delay } from 'node:timers/promises';
import { call, unfinishedJobs } from '../kill/api.js';
import { Broken } from '../kill/attempt.js';
import type { Attempt } from '../kill/attempt.js';
import { waitFor } from '../kill/moment.js';
import { backupFolderOf, PhaseWatch } from '../kill/phase.js';
import type { Phase } from '../kill/phase.js';
import type { UsualTimes } from '../kill/preparation.js';
import type { Subject } from '../kill/subject.js';
import type { Victim } from '../kill/victim.js';
import type { FaultyProxy } from './faulty-proxy.js';
import type { Place, RoundPlan } from './round-plan.js';

/** The default of the grace time. A cancel has as long. */
const TAKES_EFFECT_WITHIN_MS = 30_000;
/** After the network works again. */
const ANSWERED_WITHIN_MS = 120_000;
const SEEN_WITHIN_MS = 60_000;

export interface Side {
  subject: Subject;
  /** Stands before the server of the subject. */
  proxy: FaultyProxy;
  /** Stands before the server on which its backups are verified, where one is named. */
  verification?: FaultyProxy | undefined;
}

/** How far it was when the fault began, and how long it took until the cancel or the SIGTERM had its effect. */
export interface Spoiled {
  phase: Phase | Place;
  effectMs: number | undefined;
}

/** One operation whose network is spoiled. */
export class SpoiledOperation {
  private readonly victim: Victim;
  private readonly side: Side;
  private readonly attempt: Attempt;
  private readonly plan: RoundPlan;
  /** Fires when the operation has ended. */
  private readonly over = new AbortController();

  constructor(victim: Victim, side: Side, attempt: Attempt, plan: RoundPlan) {
    this.victim = victim;
    this.side = side;
    this.attempt = attempt;
    this.plan = plan;
  }

  /** Begins it, spoils the network at the moment, and heals it. The answer stands in the attempt. */
  async run(usual: UsualTimes): Promise<Spoiled> {
    const { plan, attempt } = this;
    const { subject } = this.side;
    const { operation } = attempt;
    const hold = operation.held ? await subject.target.hold() : undefined;
    const watch = await PhaseWatch.begin(subject.target, backupFolderOf(this.victim.home));
    const seen = this.awaitSight();
    const answer = this.begin(usual);
    try {
      const phase = await (seen === undefined ? this.awaitMoment(watch, usual) : this.seenAt(seen));
      const effectMs = await this.during();
      this.heal();
      await hold?.release();
      await within(ANSWERED_WITHIN_MS, answer, `${operation.words} was not answered`);
      return { phase, effectMs: plan.intervention === 'none' ? undefined : effectMs };
    } finally {
      this.heal();
      await hold?.release();
    }
  }

  private begin(usual: UsualTimes): Promise<void> {
    const { attempt } = this;
    const { subject, operation } = attempt;
    const began = Date.now();
    return call(this.victim.url, operation.method, operation.path, operation.body).then(
      (given) => {
        attempt.answer = given;
        if (given.status === 200) usual.learn(subject.target.engine, operation.kind, Date.now() - began);
        this.over.abort();
      },
      () => this.over.abort(),
    );
  }

  private heal(): void {
    this.side.proxy.heal();
    this.side.verification?.heal();
  }

  /** Undefined where the plan waits for a moment instead. */
  private awaitSight(): Promise<void> | undefined {
    const { sight, fault } = this.plan;
    if (sight === undefined) return undefined;
    const proxy = sight.ofSource ? this.side.proxy : this.side.verification;
    if (proxy === undefined) throw new Error('No server was named to verify on.');
    return proxy.beginAt(sight.words, fault);
  }

  private async seenAt(seen: Promise<void>): Promise<Place> {
    const { operation, sight } = this.plan;
    const place = sight?.place ?? 'dump';
    const ended = new Promise<never>((_, reject) => {
      this.over.signal.addEventListener('abort', () =>
        reject(new Broken(`${operation.words} ended before its ${place} was seen.`)),
      );
    });
    ended.catch(() => undefined);
    await within(SEEN_WITHIN_MS, Promise.race([seen, ended]), `The ${place} of ${operation.words} was not seen`);
    return place;
  }

  private async awaitMoment(watch: PhaseWatch, usual: UsualTimes): Promise<Phase> {
    const { moment, fault, operation } = this.plan;
    const stop = new AbortController();
    const glances = moment.at === 'share' ? glance(watch, stop.signal) : undefined;
    // It is awaited below; a rejection before that would end the process.
    glances?.catch(() => undefined);
    try {
      await waitFor(moment, usual.of(this.side.subject.target.engine, operation.kind), watch, this.over.signal);
    } finally {
      stop.abort();
      await glances;
    }
    await watch.look();
    const phase = this.over.signal.aborted ? 'answered' : watch.reached;
    this.side.proxy.begin(fault);
    return phase;
  }

  /** What happens while the network is spoiled. Resolves with how long the cancel or SIGTERM took. */
  private async during(): Promise<number | undefined> {
    const { fault, intervention, interventionAfterMs } = this.plan;
    if (fault.kind === 'delay' || fault.kind === 'corrupt') {
      // Where a changed byte was a length, the operation may wait for bytes that never come: it is cancelled.
      if (await ended(this.over.signal, TAKES_EFFECT_WITHIN_MS)) return undefined;
      return fault.kind === 'corrupt' ? await this.cancel() : undefined;
    }
    if (intervention === 'none') {
      await delay(fault.forMs);
      return undefined;
    }
    await delay(interventionAfterMs);
    if (intervention === 'cancel') return await this.cancel();
    const began = Date.now();
    this.victim.terminate();
    await within(TAKES_EFFECT_WITHIN_MS, this.victim.buried(), 'The service goes on after SIGTERM');
    return Date.now() - began;
  }

  private async cancel(): Promise<number | undefined> {
    const { url } = this.victim;
    const jobs = await unfinishedJobs(url);
    const job = jobs.find(({ connection_id: id }) => id === this.side.subject.connectionId);
    if (job === undefined) return undefined;
    const began = Date.now();
    const told = call(url, 'POST', `/api/jobs/${job.id}/cancel`);
    told.catch(() => undefined);
    if (!(await ended(this.over.signal, TAKES_EFFECT_WITHIN_MS))) {
      throw new Broken(`The ${job.type} job goes on ${TAKES_EFFECT_WITHIN_MS / 1000} s after its cancel.`);
    }
    const effectMs = Date.now() - began;
    const { status, body } = await told;
    if (status !== 200 && body['code'] !== 'JOB_FINISHED') {
      throw new Broken(`The cancel was refused: ${status} ${JSON.stringify(body)}`);
    }
    return effectMs;
  }
}

/** Whether it has ended in time. */
async function ended(over: AbortSignal, withinMs: number): Promise<boolean> {
  await delay(withinMs, undefined, { signal: over }).catch(() => undefined);
  return over.aborted;
}

export async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  const ended = new AbortController();
  const late = delay(ms, undefined, { signal: ended.signal }).then(() => {
    throw new Broken(`${what} for ${ms / 1000} s.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    late.catch(() => undefined);
  }
}

/** Looks now and then, to say later how far the operation was. */
async function glance(watch: PhaseWatch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await watch.look();
    await delay(10, undefined, { signal }).catch(() => undefined);
  }
}
