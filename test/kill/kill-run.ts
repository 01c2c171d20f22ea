import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from './api.js';
import type { Answer } from './api.js';
import { Audit } from './audit.js';
import type { Attempt } from './attempt.js';
import { chooseMoment, waitFor, wordsOf } from './moment.js';
import type { Moment } from './moment.js';
import { chooseOperation } from './operation.js';
import { journalsIn } from './journals.js';
import { backupFolderOf, PhaseWatch } from './phase.js';
import { prepareSubject, UsualTimes } from './preparation.js';
import { makeReady } from './readiness.js';
import { randomOf } from './random.js';
import type { Random } from './random.js';
import { KillReport } from './report.js';
import { Subject } from './subject.js';
import { ENGINES } from './target.js';
import type { EngineName } from './target.js';
import { Victim } from './victim.js';

export interface KillRunOptions {
  /** The same one makes the same choices. */
  seed: number;
  kills: number;
  /** Default: both. */
  engines?: readonly EngineName[];
  tell(line: string): void;
  /** Ends it after the step that is under way. */
  signal?: AbortSignal;
}

/** How many backups the retention leaves, besides the pinned ones that the run begins with. */
const RETENTION = 4;
/** How long after a start the next kill may come, where it comes while the service puts things in order. */
const LATEST_SECOND_KILL_MS = 2_500;
/** How long after the kill somebody still holds what the dead service wanted. */
const LATEST_RELEASE_MS = 4_000;

/** A staging database that is held so long cannot be dropped by the service that starts again, and is left for later. */
const COPY_HELD_MS = 12_000;
/** How often somebody starts a second service on the same data. */
const SECOND_SERVICE = 0.08;

/** A run ended at a state that must not be. */
export class KillRunFailure extends Error {}

/**
 * Kills the service again and again while it backs up and restores, starts it again, and holds what it left to what is
 * promised. Rejects with a {@link KillRunFailure} at the first broken promise; its message names a folder with all that
 * was seen of it.
 */
export async function killRun(options: KillRunOptions): Promise<KillReport> {
  const victim = await Victim.prepare({ BACKUP_RETENTION_COUNT: String(RETENTION), JOB_CONCURRENCY: '4' });
  const subjects = await Promise.all((options.engines ?? ENGINES).map((engine) => Subject.start(engine)));
  try {
    return await new KillRun(options, victim, subjects).run();
  } finally {
    await victim.end();
    await Promise.all(subjects.map(({ target }) => target.stop()));
  }
}

class KillRun {
  private readonly options: KillRunOptions;
  private readonly victim: Victim;
  private readonly subjects: readonly Subject[];
  private readonly audit: Audit;
  private readonly report: KillReport;
  private readonly usual = new UsualTimes();

  constructor(options: KillRunOptions, victim: Victim, subjects: readonly Subject[]) {
    this.options = options;
    this.victim = victim;
    this.subjects = subjects;
    this.audit = new Audit(victim.home, subjects);
    this.report = new KillReport(options.seed);
  }

  async run(): Promise<KillReport> {
    await this.victim.start();
    const { audit, usual, victim } = this;
    for (const subject of this.subjects) {
      await prepareSubject(victim.url, subject, { audit, usual, connect: () => subject.connect(victim.url) });
    }
    for (let step = 0; this.report.kills < this.options.kills; step += 1) {
      if (this.options.signal?.aborted === true) break;
      try {
        await this.step(step);
      } catch (error) {
        throw await this.failure(step, error);
      }
    }
    await this.audit.cleared(this.victim.url);
    return this.report;
  }

  private async step(step: number): Promise<void> {
    this.victim.forgetLogs();
    const { seed } = this.options;
    const random = randomOf(seed, step, 0);
    const aimAt = Math.floor(random.next() * this.subjects.length);
    const both = random.chance(0.6);
    const attempts: Attempt[] = [];
    for (const [index, subject] of this.subjects.entries()) {
      const choices = await this.audit.choicesOf(this.victim.url, subject);
      const operation = chooseOperation(randomOf(seed, step, index + 1), choices);
      if (!both && index !== aimAt) continue;
      await makeReady(operation, subject.target);
      attempts.push({ subject, operation, old: subject.state });
    }
    const aimed = attempts.find(({ subject }) => subject === this.subjects[aimAt]);
    if (aimed === undefined) throw new Error('Nothing was chosen.');
    const moment = chooseMoment(random, aimed.operation);
    const words = attempts.map(({ subject, operation }) => `${subject.target.engine}: ${operation.words}`).join('; ');
    this.options.tell(`${step}: ${words}; killed ${wordsOf(moment)} of ${aimed.subject.target.engine}`);

    if (random.chance(SECOND_SERVICE)) await this.refuseSecond();
    const began = Date.now();
    const { watches, released } = await this.perform(attempts, aimed, moment, random.next() * LATEST_RELEASE_MS);
    const killedAt = Date.now();
    await this.startAgain(random);
    await released;
    const quietMs = await this.audit.quiet(this.victim.url, this.victim.pid);
    const ends = await this.audit.account(this.victim.url, attempts);
    this.report.add(
      attempts.map((attempt, index) => ({
        ...{ engine: attempt.subject.target.engine, kind: attempt.operation.kind },
        ...{ phase: watches[index]?.reached ?? 'begun', end: ends[index] ?? 'old' },
      })),
      quietMs,
    );
    this.report.verifiedBackups = this.audit.verified;
    const told = attempts.map((_, index) => `${watches[index]?.reached} → ${ends[index]}`).join(', ');
    this.options.tell(
      `   ${told}; ${killedAt - began} ms, at rest after ${quietMs} ms, ${Date.now() - began} ms in all`,
    );
  }

  /** Begins all of them, and kills the service at the moment. Their answers stand in the attempts. */
  private async perform(attempts: Attempt[], aimed: Attempt, moment: Moment, holdForMs: number) {
    const { url } = this.victim;
    const folder = backupFolderOf(this.victim.home);
    const watches = await Promise.all(attempts.map(({ subject }) => PhaseWatch.begin(subject.target, folder)));
    const held = attempts.filter(({ operation }) => operation.held);
    const holds = await Promise.all(held.map(({ subject }) => subject.target.hold()));
    const over = new AbortController();
    const copyHolds = attempts
      .filter(({ operation }) => operation.copyHeld === true)
      .map(({ subject }) => holdCopyOf(subject, over.signal));
    const answers = attempts.map(async (attempt, index) => {
      const { operation, subject } = attempt;
      const began = Date.now();
      attempt.answer = await call(url, operation.method, operation.path, operation.body).catch(
        (): undefined => undefined,
      );
      if (attempt.answer === undefined) return;
      if (attempt.answer.status === 200) this.usual.learn(subject.target.engine, operation.kind, Date.now() - began);
      watches[index]?.answered();
    });
    void Promise.all(answers).then(() => over.abort());
    const watch = watches[attempts.indexOf(aimed)];
    if (watch === undefined) throw new Error('Nobody watches.');
    const usual = this.usual.of(aimed.subject.target.engine, aimed.operation.kind);
    const others = watches.filter((other) => other !== watch || moment.at === 'share');
    const stop = new AbortController();
    const glances = glance(others, stop.signal);
    // They are awaited below; a rejection before that would end the process.
    for (const awaited of [glances, ...copyHolds]) awaited.catch(() => undefined);
    await waitFor(moment, usual, watch, over.signal);
    this.victim.kill();
    stop.abort();
    await glances;
    await this.victim.buried();
    over.abort();
    await Promise.all(answers);
    this.report.journals.push(...(await journalsIn(this.victim.home)));
    holds.push(...(await Promise.all(copyHolds)));
    const releaseAfterMs = copyHolds.length > 0 ? holdForMs + COPY_HELD_MS : holdForMs;
    // What the dead service has told the server may still wait for them.
    const released = delay(holds.length === 0 ? 0 : releaseAfterMs).then(() =>
      Promise.all(holds.map((hold) => hold.release())),
    );
    return { watches, released };
  }

  /** Its data is somebody's who lives. */
  private async refuseSecond(): Promise<void> {
    await this.victim.startSecond();
    this.report.secondServices += 1;
  }

  private async startAgain(random: Random): Promise<void> {
    const [again, after] = [random.chance(0.25), random.next()];
    this.report.kills += 1;
    if (again) {
      await this.victim.startAndKill(after * LATEST_SECOND_KILL_MS);
      this.report.kills += 1;
      this.report.killsWhileRecovering += 1;
      this.options.tell(`   killed again ${Math.round(after * LATEST_SECOND_KILL_MS)} ms after its start`);
    }
    await this.victim.start();
  }

  /** With all that was seen, in a folder of its own. */
  private async failure(step: number, error: unknown): Promise<KillRunFailure> {
    const { seed } = this.options;
    const folder = join(tmpdir(), `kill-failure-${seed}-${step}`);
    await mkdir(folder, { recursive: true });
    for (const [index, log] of this.victim.allLogs().entries())
      await writeFile(join(folder, `service-${index}.log`), log);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const records = await this.records();
    await writeFile(join(folder, 'failure.txt'), `${message}\n\n${records}\n`);
    for (const { target } of this.subjects)
      await writeFile(join(folder, `${target.engine}.log`), await target.server.logTail());
    return new KillRunFailure(
      `Step ${step} of KILL_SEED=${seed}: ${error instanceof Error ? error.message : message}\nAll that was seen of it is in ${folder}.`,
      { cause: error },
    );
  }

  private async records(): Promise<string> {
    const answers: (Answer | string)[] = [];
    for (const path of ['/api/restores?limit=5', '/api/jobs?limit=20', '/api/catalog/backups?limit=50']) {
      answers.push(await call(this.victim.url, 'GET', path).catch((error: unknown) => String(error)));
    }
    return JSON.stringify(answers, undefined, 1);
  }
}

/** As soon as there is a new one. */
async function holdCopyOf({ target }: Subject, over: AbortSignal): Promise<{ release(): Promise<void> }> {
  const known = await target.databases();
  for (;;) {
    const copy = (await target.databases()).find((name) => name.includes('__restore_') && !known.includes(name));
    if (copy !== undefined) return await target.holdCopy(copy);
    if (over.aborted) return { release: () => Promise.resolve() };
    await delay(10);
  }
}

/** Looks at what is not aimed at, now and then, to say later how far it was. */
async function glance(watches: readonly PhaseWatch[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const watch of watches) await watch.look();
    await delay(10, undefined, { signal }).catch(() => undefined);
  }
}
