import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, call, restoresOf, unfinishedJobs } from '../kill/api.js';
import { Audit, Broken } from '../kill/audit.js';
import type { AfterError, Attempt } from '../kill/audit.js';
import { waitFor } from '../kill/moment.js';
import { backupFolderOf, PhaseWatch } from '../kill/phase.js';
import { prepareSubject, UsualTimes } from '../kill/preparation.js';
import { Subject } from '../kill/subject.js';
import type { EngineName } from '../kill/target.js';
import { Victim } from '../kill/victim.js';
import { FaultyProxy } from './faulty-proxy.js';
import { NetworkReport } from './network-report.js';
import { planRound, wordsOfPlan } from './round-plan.js';
import type { RoundPlan } from './round-plan.js';
import { tlsSettings } from './tls-settings.js';

export interface NetworkRunOptions {
  /** The same one makes the same choices. */
  seed: number;
  rounds: number;
  engines: readonly EngineName[];
  tell(line: string): void;
  /** Ends it after the round that is under way. */
  signal?: AbortSignal;
}

/** How many backups the retention leaves, besides the pinned ones that the run begins with. */
const RETENTION = 4;
const GRACE_SECONDS = 5;
/** The grace time that is the default. It holds for cancel, too. */
const TAKES_EFFECT_WITHIN_MS = 30_000;
/** Of an operation whose network works again. */
const ANSWERED_WITHIN_MS = 120_000;

/** What a service says that was cut off from the answer to its last command, or from a database that it was replacing in place. */
const MAY_BE_DONE = /may be done or undone|not known whether/;
const IS_INCOMPLETE = /is incomplete now/;

const afterNetworkFault: AfterError = ({ old, operation }, { message }) =>
  MAY_BE_DONE.test(String(message)) ? [old, operation.result] : [old];

/** A run ended at a state that must not be. */
export class NetworkRunFailure extends Error {}

interface Side {
  subject: Subject;
  proxy: FaultyProxy;
}

/**
 * Spoils the network between the service and its servers again and again while it backs up and restores, and holds what
 * came of it to what is promised. Corrupted connections use TLS: without it neither end can notice a changed byte in the
 * middle of a row, as TCP's own checks have passed by then. Rejects with a {@link NetworkRunFailure} at the first broken
 * promise; its message names a folder with all that was seen of it.
 */
export async function networkRun(options: NetworkRunOptions): Promise<NetworkReport> {
  const folder = await mkdtemp(join(tmpdir(), 'network-run-'));
  await chmod(folder, 0o711);
  const victim = await Victim.prepare({
    ...{ BACKUP_RETENTION_COUNT: String(RETENTION), SHUTDOWN_GRACE_SECONDS: String(GRACE_SECONDS) },
  });
  const sides = await Promise.all(
    options.engines.map(async (engine): Promise<Side> => {
      const subject = await Subject.start(engine, { settings: await tlsSettings(engine, folder) });
      return { subject, proxy: await FaultyProxy.start(subject.target.server) };
    }),
  );
  try {
    return await new NetworkRun(options, victim, sides).run();
  } finally {
    await victim.end();
    await Promise.all(sides.map(({ proxy }) => proxy.close()));
    await Promise.all(sides.map(({ subject }) => subject.target.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

class NetworkRun {
  private readonly options: NetworkRunOptions;
  private readonly victim: Victim;
  private readonly sides: readonly Side[];
  private readonly audit: Audit;
  private readonly usual = new UsualTimes();
  private readonly report: NetworkReport;

  constructor(options: NetworkRunOptions, victim: Victim, sides: readonly Side[]) {
    this.options = options;
    this.victim = victim;
    this.sides = sides;
    const subjects = sides.map(({ subject }) => subject);
    this.audit = new Audit(victim.home, subjects, afterNetworkFault);
    this.report = new NetworkReport(options.seed);
  }

  async run(): Promise<NetworkReport> {
    const { audit, usual, victim } = this;
    await victim.start();
    for (const { subject, proxy } of this.sides) {
      await prepareSubject(victim.url, subject, {
        audit,
        usual,
        connect: () => subject.connect(victim.url, proxy.port),
      });
    }
    for (let round = 0; round < this.options.rounds; round += 1) {
      if (this.options.signal?.aborted === true) break;
      try {
        await this.round(round);
      } catch (error) {
        throw await this.failure(round, error);
      }
    }
    await audit.cleared(victim.url);
    return this.report;
  }

  /** The engines take turns. */
  private async round(round: number): Promise<void> {
    const { audit, victim } = this;
    victim.forgetLogs();
    const side = this.sides[round % this.sides.length];
    if (side === undefined) throw new Error('There is no engine.');
    const { subject } = side;
    const { engine } = subject.target;
    const plan = planRound(this.options.seed, round, await audit.choicesOf(victim.url, subject));
    this.options.tell(`${round}: ${engine}: ${wordsOfPlan(plan)}`);
    const login = { ssl_mode: plan.tls ? 'require' : 'disable' };
    await ask(victim.url, 'PATCH', `/api/connections/${subject.connectionId}`, login);

    const began = Date.now();
    const attempt: Attempt = { subject, operation: plan.operation, old: subject.state };
    const { watch, answeredBefore } = await this.perform(side, attempt, plan);
    if (plan.intervention === 'SIGTERM') await victim.start();
    const settledMs = await audit.settled(victim.url, victim.pid);
    if (isIncomplete(attempt)) await this.putBack(subject);
    checkDelayed(plan, attempt);
    const [end = 'old'] = await audit.account(victim.url, [attempt]);
    const { fault, intervention } = plan;
    const phase = answeredBefore ? 'answered' : watch.reached;
    this.report.add({ engine, kind: plan.operation.kind, fault: fault.kind, intervention, phase, end });
    this.report.provenBackups = audit.proven;
    this.options.tell(
      `   ${phase} → ${end}: ${answerOf(attempt)}\n` +
        `   settled after ${settledMs} ms, ${Date.now() - began} ms in all`,
    );
  }

  /** Begins the operation, spoils the network at the moment, and heals it. The answer stands in the attempt. */
  private async perform({ subject, proxy }: Side, attempt: Attempt, plan: RoundPlan) {
    const { url, home } = this.victim;
    const { operation } = attempt;
    const watch = await PhaseWatch.begin(subject.target, backupFolderOf(home));
    const hold = operation.held ? await subject.target.hold() : undefined;
    const over = new AbortController();
    const began = Date.now();
    const answer = call(url, operation.method, operation.path, operation.body).then(
      (given) => {
        attempt.answer = given;
        if (given.status === 200) this.usual.learn(subject.target.engine, operation.kind, Date.now() - began);
        over.abort();
      },
      () => over.abort(),
    );
    const stopGlances = new AbortController();
    const glances = plan.moment.at === 'share' ? glance(watch, stopGlances.signal) : undefined;
    try {
      await waitFor(plan.moment, this.usual.of(subject.target.engine, operation.kind), watch, over.signal);
      stopGlances.abort();
      await glances;
      await watch.look();
      const answeredBefore = over.signal.aborted;
      proxy.begin(plan.fault);
      await this.during(plan, subject, over.signal);
      proxy.heal();
      await hold?.release();
      await within(ANSWERED_WITHIN_MS, answer, `${operation.words} was not answered`);
      return { watch, answeredBefore };
    } finally {
      stopGlances.abort();
      proxy.heal();
      await hold?.release();
    }
  }

  /** While the network is spoiled. */
  private async during(plan: RoundPlan, subject: Subject, over: AbortSignal): Promise<void> {
    const { fault, intervention, interventionAfterMs } = plan;
    if (fault.kind === 'delay' || fault.kind === 'corrupt') {
      // One that waits for what a changed byte has eaten is told to stop.
      if (await ended(over, TAKES_EFFECT_WITHIN_MS)) return;
      if (fault.kind === 'corrupt') await this.cancel(subject, over);
      return;
    }
    if (intervention === 'none') return await delay(fault.forMs);
    await delay(interventionAfterMs);
    if (intervention === 'cancel') return await this.cancel(subject, over);
    this.victim.terminate();
    await within(TAKES_EFFECT_WITHIN_MS, this.victim.buried(), 'The service goes on after SIGTERM');
  }

  private async cancel(subject: Subject, over: AbortSignal): Promise<void> {
    const jobs = await unfinishedJobs(this.victim.url);
    const job = jobs.find(({ connection_id: id }) => id === subject.connectionId);
    if (job === undefined) return;
    const told = call(this.victim.url, 'POST', `/api/jobs/${job.id}/cancel`);
    if (!(await ended(over, TAKES_EFFECT_WITHIN_MS))) {
      throw new Broken(`The ${job.type} job goes on ${TAKES_EFFECT_WITHIN_MS / 1000} s after its cancel.`);
    }
    const { status, body } = await told;
    if (status !== 200 && body['code'] !== 'JOB_FINISHED') {
      throw new Broken(`The cancel was refused: ${status} ${JSON.stringify(body)}`);
    }
  }

  /** As the service says that it is to be done where it could not do it without the network. */
  private async putBack({ connectionId }: Subject): Promise<void> {
    const { url } = this.victim;
    const [failed] = (await restoresOf(url)).filter(({ connection_id: id }) => id === connectionId);
    await ask(url, 'POST', `/api/restores/${failed?.id}/undo`, {});
    const [undo] = (await restoresOf(url)).filter(({ connection_id: id }) => id === connectionId);
    if (undo !== undefined && undo.id !== failed?.id) this.audit.ignoresRestores([undo.id]);
    this.options.tell('   undone, as the answer told');
  }

  /** With all that was seen, in a folder of its own. */
  private async failure(round: number, error: unknown): Promise<NetworkRunFailure> {
    const { seed } = this.options;
    const folder = join(tmpdir(), `network-failure-${seed}-${round}`);
    await mkdir(folder, { recursive: true });
    for (const [index, log] of this.victim.allLogs().entries())
      await writeFile(join(folder, `service-${index}.log`), log);
    const seen: unknown[] = [];
    for (const path of ['/api/restores?limit=5', '/api/jobs?limit=20', '/api/backups?limit=50']) {
      const answer = await within(
        5_000,
        Promise.resolve().then(() => call(this.victim.url, 'GET', path)),
        path,
      ).catch(String);
      seen.push(answer);
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await writeFile(join(folder, 'failure.txt'), `${message}\n\n${JSON.stringify(seen, undefined, 1)}\n`);
    for (const { subject } of this.sides)
      await writeFile(join(folder, `${subject.target.engine}.log`), await subject.target.server.logTail());
    return new NetworkRunFailure(
      `Round ${round} of NETWORK_SEED=${seed}: ${error instanceof Error ? error.message : message}\nAll that was seen of it is in ${folder}.`,
      { cause: error },
    );
  }
}

function answerOf({ answer }: Attempt): string {
  if (answer === undefined) return 'no answer';
  const { code, message } = answer.body as { code?: string; message?: string };
  return [answer.status, code, message].filter((part) => part !== undefined).join(' ');
}

function isIncomplete({ answer }: Attempt): boolean {
  return answer !== undefined && answer.status !== 200 && IS_INCOMPLETE.test(String(answer.body['message']));
}

/** A slow network is no reason to fail; somebody who uses the database may be one. */
function checkDelayed({ fault, operation }: RoundPlan, { answer }: Attempt): void {
  if (fault.kind !== 'delay' || answer?.status === 200 || operation.held) return;
  throw new Broken(`${operation.words} failed on a slow network: ${answer?.status} ${JSON.stringify(answer?.body)}`);
}

/** Whether it has ended in time. */
async function ended(over: AbortSignal, withinMs: number): Promise<boolean> {
  await delay(withinMs, undefined, { signal: over }).catch(() => undefined);
  return over.aborted;
}

async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  const settled = new AbortController();
  const late = delay(ms, undefined, { signal: settled.signal }).then(() => {
    throw new Broken(`${what} for ${ms / 1000} s.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
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
