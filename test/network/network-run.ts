import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, backupsOf, call, restoresOf } from '../kill/api.js';
import { Broken } from '../kill/attempt.js';
import type { Attempt } from '../kill/attempt.js';
import { Audit } from '../kill/audit.js';
import type { AfterError } from '../kill/audit.js';
import { prepareSubject, UsualTimes } from '../kill/preparation.js';
import { makeReady } from '../kill/readiness.js';
import type { Subject } from '../kill/subject.js';
import type { State } from '../kill/states.js';
import type { EngineName } from '../kill/target.js';
import { Victim } from '../kill/victim.js';
import { NetworkReport } from './network-report.js';
import { NetworkSides } from './network-sides.js';
import { planRound, wordsOfPlan } from './round-plan.js';
import type { RoundPlan } from './round-plan.js';
import { planSilence } from './silence-plan.js';
import type { SilentPlace } from './silence-plan.js';
import { SpoiledOperation, within } from './spoiled-operation.js';

export interface NetworkRunOptions {
  /** The same one makes the same choices. */
  seed: number;
  rounds: number;
  engines: readonly EngineName[];
  /** In place of what the seed chooses: a round for each. */
  silent?: readonly SilentPlace[];
  tell(line: string): void;
  /** Ends it after the round that is under way. */
  signal?: AbortSignal;
}

/** How many backups the retention leaves, besides the pinned ones that the run begins with. */
const RETENTION = 4;
const GRACE_SECONDS = 2;

/** The service says this where it was cut off from the answer to its last command. */
const MAY_BE_DONE = /may be done or undone|not known whether/;
/** And this where it was cut off from a database that it was replacing in place. */
const IS_INCOMPLETE = /is incomplete now/;
const BY_ITSELF = /^The service puts its previous state back/;
/** What is left to do is looked for each minute. */
const PUT_BACK_WITHIN_MS = 100_000;

const afterNetworkFault: AfterError = ({ old, operation }, { message }) =>
  MAY_BE_DONE.test(String(message)) ? [old, operation.result] : [old];

/** A run ended at a state that must not be. */
export class NetworkRunFailure extends Error {}

/**
 * Spoils the network between the service and its servers again and again while it backs up and restores, and holds what
 * came of it to what is promised. Corrupted connections use TLS: without it neither end can notice a changed byte in the
 * middle of a row, as TCP's own checks have passed by then. Rejects with a {@link NetworkRunFailure} at the first broken
 * promise; its message names a folder with all that was seen of it.
 */
export async function networkRun(options: NetworkRunOptions): Promise<NetworkReport> {
  const folder = await mkdtemp(join(tmpdir(), 'network-run-'));
  await chmod(folder, 0o711);
  const servers = await NetworkSides.start(options.engines, folder, options.silent !== undefined);
  const victim = await Victim.prepare({
    ...{ BACKUP_RETENTION_COUNT: String(RETENTION), SHUTDOWN_GRACE_SECONDS: String(GRACE_SECONDS) },
    ...servers.env,
  });
  try {
    return await new NetworkRun(options, victim, servers).run();
  } finally {
    await victim.end();
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

class NetworkRun {
  private readonly options: NetworkRunOptions;
  private readonly victim: Victim;
  private readonly servers: NetworkSides;
  private readonly audit: Audit;
  private readonly usual = new UsualTimes();
  private readonly report: NetworkReport;

  constructor(options: NetworkRunOptions, victim: Victim, servers: NetworkSides) {
    this.options = options;
    this.victim = victim;
    this.servers = servers;
    const subjects = servers.sides.map(({ subject }) => subject);
    this.audit = new Audit(victim.home, subjects, afterNetworkFault);
    this.report = new NetworkReport(options.seed);
  }

  async run(): Promise<NetworkReport> {
    const { audit, usual, victim } = this;
    await victim.start();
    for (const { subject, proxy } of this.servers.sides) {
      await prepareSubject(victim.url, subject, {
        audit,
        usual,
        connect: () => subject.connect(victim.url, proxy.port),
      });
    }
    const { rounds, silent } = this.options;
    for (let round = 0; round < (silent?.length ?? rounds); round += 1) {
      if (this.options.signal?.aborted === true) break;
      try {
        await this.round(round);
      } catch (error) {
        throw await this.failure(round, error);
      }
    }
    await audit.cleared(victim.url);
    if (silent !== undefined) await this.checkVerificationServers();
    return this.report;
  }

  /** The engines take turns; a silent round takes the engine of its place. */
  private async round(round: number): Promise<void> {
    const { audit, victim } = this;
    victim.forgetLogs();
    const { sides } = this.servers;
    const silent = this.options.silent?.[round];
    const side =
      silent === undefined
        ? sides[round % sides.length]
        : sides.find(({ subject: { target } }) => target.engine === silent.engine);
    if (side === undefined) throw new Error('There is no such engine.');
    const { subject } = side;
    const { engine } = subject.target;
    const choices = await audit.choicesOf(victim.url, subject);
    const plan = silent === undefined ? planRound(this.options.seed, round, choices) : planSilence(silent, choices);
    await makeReady(plan.operation, subject.target);
    this.options.tell(`${round}: ${engine}: ${wordsOfPlan(plan)}`);
    const login = { ssl_mode: plan.tls ? 'require' : 'disable' };
    await ask(victim.url, 'PATCH', `/api/connections/${subject.connectionId}`, login);

    const began = Date.now();
    const attempt: Attempt = { subject, operation: plan.operation, old: subject.state };
    const { phase, effectMs } = await new SpoiledOperation(victim, side, attempt, plan).run(this.usual);
    if (plan.intervention === 'SIGTERM') await victim.start();
    const quietMs = await audit.quiet(victim.url, victim.pid);
    if (isIncomplete(attempt)) await this.putBack(attempt);
    checkDelayed(plan, attempt);
    const [end = 'old'] = await audit.account(victim.url, [attempt]);
    const { fault, intervention } = plan;
    this.report.add({ engine, kind: plan.operation.kind, fault: fault.kind, intervention, phase, effectMs, end });
    this.report.verifiedBackups = audit.verified;
    this.options.tell(
      `   ${phase} → ${end}: ${answerOf(attempt)}\n` +
        `   ${effectMs === undefined ? '' : `${plan.intervention} took ${effectMs} ms, `}` +
        `at rest after ${quietMs} ms, ${Date.now() - began} ms in all`,
    );
  }

  /** Waits until the service has put the previous state back, or undoes the restore, whichever its answer says. */
  private async putBack({ subject, answer, old }: Attempt): Promise<void> {
    const { url } = this.victim;
    if (BY_ITSELF.test(String(answer?.body['hint']))) return await this.isPutBack(subject, old);
    const { connectionId } = subject;
    const [failed] = (await restoresOf(url)).filter(({ connection_id: id }) => id === connectionId);
    await ask(url, 'POST', `/api/restores/${failed?.id}/undo`, {});
    const [undo] = (await restoresOf(url)).filter(({ connection_id: id }) => id === connectionId);
    if (undo !== undefined && undo.id !== failed?.id) this.audit.ignoresRestores([undo.id]);
    // The undo saves what was there, which is neither state.
    const saved = (await backupsOf(url)).filter(({ path }) => path === undo?.safety_backup_path);
    this.audit.ignoresBackups(saved.map(({ id }) => id));
    this.options.tell('   undone, as the answer told');
  }

  private async isPutBack({ target }: Subject, old: State): Promise<void> {
    const began = Date.now();
    while ((await target.stateOf()).state !== old) {
      if (Date.now() - began > PUT_BACK_WITHIN_MS) throw new Broken('The service has not put it back by itself.');
      await delay(500);
    }
    this.options.tell(`   put back by itself after ${Date.now() - began} ms`);
  }

  /** The next verification drops what earlier ones could not drop. */
  private async checkVerificationServers(): Promise<void> {
    const { url } = this.victim;
    for (const { subject } of this.servers.sides) {
      const backup = (await backupsOf(url)).find(({ connection_id: id }) => id === subject.connectionId);
      await ask(url, 'POST', `/api/backups/${backup?.id}/verify`, { level: 'restored' });
    }
    const left = await this.servers.verificationServers();
    if (left.length > 0) throw new Broken(`Verifications have left ${left.join(', ')}.`);
  }

  /** Writes all that was seen into a folder of its own. */
  private async failure(round: number, error: unknown): Promise<NetworkRunFailure> {
    const { seed } = this.options;
    const folder = join(tmpdir(), `network-failure-${seed}-${round}`);
    await mkdir(folder, { recursive: true });
    for (const [index, log] of this.victim.allLogs().entries())
      await writeFile(join(folder, `service-${index}.log`), log);
    const seen: unknown[] = [];
    for (const path of ['/api/restores?limit=5', '/api/jobs?limit=20', '/api/catalog/backups?limit=50']) {
      const answer = await within(
        5_000,
        Promise.resolve().then(() => call(this.victim.url, 'GET', path)),
        path,
      ).catch(String);
      seen.push(answer);
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await writeFile(join(folder, 'failure.txt'), `${message}\n\n${JSON.stringify(seen, undefined, 1)}\n`);
    for (const { subject } of this.servers.sides)
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

/** An operation may fail because somebody uses the database, but not because the network is slow. */
function checkDelayed({ fault, operation }: RoundPlan, { answer }: Attempt): void {
  if (fault.kind !== 'delay' || answer?.status === 200 || operation.held) return;
  throw new Broken(`${operation.words} failed on a slow network: ${answer?.status} ${JSON.stringify(answer?.body)}`);
}
