import { setTimeout as delay } from 'node:timers/promises';
import { ask, backupsOf, restoresOf, unfinishedJobs } from './api.js';
import type { ListedBackup, ListedRestore } from './api.js';
import { Broken } from './attempt.js';
import type { Attempt } from './attempt.js';
import { differencesBetween } from './fingerprint.js';
import { strayFiles, strayProcesses } from './leftovers.js';
import type { Choices } from './operation.js';
import { finishReady } from './readiness.js';
import { ANNEX } from './phase.js';
import type { End } from './report.js';
import type { State } from './states.js';
import type { Subject } from './subject.js';

/** A server may still be busy with what a dead client has told it, and what is left to do is looked for each minute. */
const QUIET_WITHIN_MS = 100_000;
const LOOK_EVERY_MS = 100;
const RESTORED_DATABASE = 'restored';

/** What a database may hold after an operation that was answered with an error. None: it must not be answered so. */
export type AfterError = (attempt: Attempt, error: Readonly<Record<string, unknown>>) => readonly State[];

/** Nothing but the service is at fault: it may only say that the database is in use. */
const afterKill: AfterError = ({ old }, { code }) => (code === 'BUSY' ? [old] : []);

/** What must be true after each fault, and knows what was true before. */
export class Audit {
  /** Of backups that were verified, so that nothing needs to be restored twice. */
  private readonly holds = new Map<string, State>();
  /** What the target of each restore held before. Undefined: neither of the two states, so that nobody undoes it. */
  private readonly replaced = new Map<string, State | undefined>();
  /** Backups of neither state, whose content is not checked. */
  private readonly ignored = new Set<string>();
  verified = 0;
  private readonly home: string;
  private readonly subjects: readonly Subject[];
  private readonly afterError: AfterError;

  constructor(home: string, subjects: readonly Subject[], afterError = afterKill) {
    this.home = home;
    this.subjects = subjects;
    this.afterError = afterError;
  }

  knows(backupId: string, state: State): void {
    this.holds.set(backupId, state);
  }

  /** For restores that no attempt has begun. */
  ignoresRestores(ids: readonly string[]): void {
    for (const id of ids) if (!this.replaced.has(id)) this.replaced.set(id, undefined);
  }

  /** For backups that no attempt has made. */
  ignoresBackups(ids: readonly string[]): void {
    for (const id of ids) if (!this.holds.has(id)) this.ignored.add(id);
  }

  async choicesOf(url: string, subject: Subject): Promise<Choices> {
    const { connectionId, state, target } = subject;
    const [backups, restores] = await Promise.all([backupsOf(url), restoresOf(url)]);
    return {
      ...{ engine: target.engine, database: target.database, connectionId, state },
      backups: backups.flatMap((backup) => {
        const held = this.holds.get(backup.id);
        return held === undefined || backup.connection_id !== connectionId ? [] : [{ backup, state: held }];
      }),
      undoable: restores.flatMap((restore) => {
        const held = this.replaced.get(restore.id);
        // Tables alone fit to the state that they were taken out of, and to no other.
        const fits = restore.tables === null || held === state;
        return held === undefined || restore.connection_id !== connectionId || !restore.undo.available || !fits
          ? []
          : [{ restore, state: held }];
      }),
    };
  }

  /** Waits until nothing is under way or left behind. How long that took, milliseconds. */
  async quiet(url: string, service: number | undefined): Promise<number> {
    const began = Date.now();
    for (;;) {
      const complaints = await this.complaints(url, service);
      if (complaints.length === 0) return Date.now() - began;
      if (Date.now() - began > QUIET_WITHIN_MS) {
        throw new Broken(
          `After ${QUIET_WITHIN_MS / 1000} s something is still under way or left behind:\n${complaints.join('\n')}`,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  /** What was begun to be dropped is gone in the end. */
  async cleared(url: string): Promise<void> {
    const began = Date.now();
    for (;;) {
      const dropping = (await restoresOf(url)).filter(({ undo }) => undo.copy !== null && !undo.available);
      if (dropping.length === 0) return;
      if (Date.now() - began > QUIET_WITHIN_MS) {
        throw new Broken(`After ${QUIET_WITHIN_MS / 1000} s these are still there: ${JSON.stringify(dropping)}`);
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  private async complaints(url: string, service: number | undefined): Promise<string[]> {
    const jobs = await unfinishedJobs(url);
    const restores = await restoresOf(url);
    return [
      ...jobs.map(({ type, state }) => `a ${type} job is ${state}`),
      ...restores.filter(({ state }) => state === 'running').map(({ id }) => `the restore ${id} is listed as running`),
      ...(await strayFiles(this.home)),
      ...(await strayProcesses(this.home, service)),
      ...(await Promise.all(this.subjects.map((subject) => databaseFaults(subject, restores)))).flat(),
    ];
  }

  /** Checks all that must be true of a service at rest, and learns from it. How each attempt ended. */
  async account(url: string, attempts: readonly Attempt[]): Promise<End[]> {
    const ends: End[] = [];
    for (const attempt of attempts) ends.push(await this.endOf(url, attempt));
    for (const subject of this.subjects) {
      const attempt = attempts.find((one) => one.subject === subject);
      if (attempt === undefined) await this.requireState(subject, [subject.state]);
      for (const fault of await subject.target.faultsOfUse(subject.state)) throw broken(subject, fault);
    }
    const made = await this.verifyNewBackups(url, attempts);
    return attempts.map(({ subject, operation }, index) =>
      operation.kind === 'backup' && ends[index] === 'old' && made.has(subject.connectionId)
        ? 'new'
        : (ends[index] ?? 'old'),
    );
  }

  private async requireState(
    subject: Subject,
    allowed: readonly State[],
    database = subject.target.database,
  ): Promise<State> {
    const { target } = subject;
    const { state, found } = await target.stateOf(database);
    if (state !== undefined && allowed.includes(state)) return state;
    const differences = allowed.map((one) => {
      const expected = target.fingerprints.get(one);
      return `from ${one}:\n${expected === undefined ? '' : differencesBetween(expected, found).join('\n')}`;
    });
    throw broken(
      subject,
      `"${database}" is ${state === undefined ? 'between the states' : `in state ${state}`}; it differs ${differences.join('\n')}`,
    );
  }

  private async endOf(url: string, attempt: Attempt): Promise<End> {
    const { subject, operation, old, answer } = attempt;
    const succeeded = answer?.status === 200;
    const allowed = this.allowedAfter(attempt);
    if (allowed.length === 0) {
      throw broken(subject, `${operation.words} was refused: ${answer?.status} ${JSON.stringify(answer?.body)}`);
    }
    if (operation.database === ANNEX) return this.endOfAnnex(attempt);
    await finishReady(attempt);
    subject.state = await this.requireState(subject, allowed);
    await this.checkRecord(url, attempt);
    await checkAnswer(url, attempt);
    if (answer !== undefined) return succeeded ? 'acknowledged' : 'refused';
    return subject.state === old ? 'old' : 'new';
  }

  private allowedAfter(attempt: Attempt): readonly State[] {
    const { operation, old, answer } = attempt;
    if (answer === undefined) return [old, operation.result];
    return answer.status === 200 ? [operation.result] : this.afterError(attempt, answer.body);
  }

  /** It is wholly there or not at all. */
  private async endOfAnnex(attempt: Attempt): Promise<End> {
    const { subject, operation, old, answer } = attempt;
    await this.requireState(subject, [old]);
    const failed = answer !== undefined && answer.status !== 200 && this.allowedAfter(attempt).length === 1;
    if (!(await isThere(subject, ANNEX, failed ? QUIET_WITHIN_MS : 0))) {
      if (answer?.status === 200) throw broken(subject, `${operation.words} was answered, and is not there`);
      return answer === undefined ? 'old' : 'refused';
    }
    if (failed) throw broken(subject, `${operation.words} failed with ${JSON.stringify(answer.body)}, and is there`);
    await this.requireState(subject, [operation.result], ANNEX);
    await subject.target.drop(ANNEX);
    return answer === undefined ? 'new' : 'acknowledged';
  }

  /** What the service says of a restore is what became of it. */
  private async checkRecord(url: string, attempt: Attempt): Promise<void> {
    const { subject, operation, old, answer } = attempt;
    const restores = (await restoresOf(url)).filter(({ connection_id: id }) => id === subject.connectionId);
    const fresh = restores.filter(({ id, database }) => database === subject.target.database && !this.replaced.has(id));
    for (const { id } of fresh) this.replaced.set(id, old);
    if (!['restore', 'tables', 'undo'].includes(operation.kind)) {
      if (fresh.length > 0) throw broken(subject, `${operation.words} is listed as a restore`);
      return;
    }
    if (fresh.length > 1) throw broken(subject, `${operation.words} is listed ${fresh.length} times`);
    const state = fresh[0]?.state;
    if (answer?.status === 200 && state !== 'succeeded')
      throw broken(subject, `${operation.words} is listed as ${state}`);
    // After its commit nobody can tell who died, or was cut off, before he heard of it.
    const unknown = state === 'interrupted' || (answer !== undefined && this.allowedAfter(attempt).length > 1);
    if (operation.strategy === 'transaction' && unknown) return;
    const expected = state === 'succeeded' ? operation.result : old;
    if (subject.state !== expected) {
      throw broken(subject, `${operation.words} is listed as ${state}, but the database is in state ${subject.state}`);
    }
  }

  /** Every backup that came to be holds what the database held. By whose connection there are any. */
  private async verifyNewBackups(url: string, attempts: readonly Attempt[]): Promise<Set<string>> {
    const made = new Set<string>();
    const backups = await backupsOf(url);
    for (const { path, status } of backups) {
      if (status !== 'complete') throw new Broken(`${path} is listed as ${status}`);
    }
    for (const backup of backups.filter(({ id }) => !this.holds.has(id) && !this.ignored.has(id))) {
      const attempt = attempts.find(({ subject }) => subject.connectionId === backup.connection_id);
      if (attempt === undefined) throw new Broken(`${backup.path} was made by nobody`);
      await this.verify(url, attempt, backup);
      this.knows(backup.id, attempt.old);
      this.verified += 1;
      made.add(attempt.subject.connectionId);
    }
    return made;
  }

  private async verify(url: string, { subject, old }: Attempt, { id, path }: ListedBackup): Promise<void> {
    await ask(url, 'POST', `/api/backups/${id}/verify`, { level: 'stored' });
    const body = { connection_id: subject.connectionId, backup_file_path: path, target_database: RESTORED_DATABASE };
    await ask(url, 'POST', '/api/restore', body);
    await this.requireState(subject, [old], RESTORED_DATABASE);
    await subject.target.drop(RESTORED_DATABASE);
  }
}

function broken({ target }: Subject, what: string): Broken {
  return new Broken(`${target.engine}: ${what}`);
}

/** Whether it still is after so long: what a restore could not drop is dropped later, each minute. */
async function isThere({ target }: Subject, database: string, waitMs: number): Promise<boolean> {
  const began = Date.now();
  while ((await target.databases()).includes(database)) {
    if (Date.now() - began >= waitMs) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}

/** What was answered is there. */
async function checkAnswer(url: string, { subject, operation, answer }: Attempt): Promise<void> {
  if (answer?.status !== 200) return;
  if (operation.kind === 'backup') {
    const { id } = answer.body['backup'] as { id: string };
    const listed = (await backupsOf(url)).some((backup) => backup.id === id);
    if (!listed) throw broken(subject, `${operation.words} was answered, and is not listed`);
  }
  if (operation.kind === 'verify') {
    const { backup } = answer.body as { backup: { verification: { level: string } | null } };
    if (backup.verification?.level !== operation.body['level']) {
      throw broken(subject, `${operation.words} was answered with ${JSON.stringify(backup.verification)}`);
    }
  }
}

/** No copy is there that nobody knows, and none is missing that could be swapped back in. */
async function databaseFaults(subject: Subject, restores: readonly ListedRestore[]): Promise<string[]> {
  const { engine, database } = subject.target;
  const { databases, locked } = await subject.target.look();
  const copies = restores
    .filter((restore) => restore.connection_id === subject.connectionId)
    .flatMap(({ undo, tables }) =>
      undo.copy === null ? [] : [{ name: undo.copy, wanted: undo.available, ofTables: tables !== null }],
    );
  const expected = new Set([database, ANNEX, ...copies.map(({ name }) => name)]);
  const stray = databases.filter((name) => !expected.has(name));
  const accounts = await subject.target.strangeAccounts();
  // What restores of tables have kept is within the database on PostgreSQL.
  const separate = copies.filter(({ wanted, ofTables }) => wanted && !(ofTables && engine === 'postgres'));
  const missing = [database, ...separate.map(({ name }) => name)].filter((name) => !databases.includes(name));
  return [
    ...stray.map((name) => `${engine}: the database ${name} should not be there`),
    ...missing.map((name) => `${engine}: the database ${name} is missing`),
    ...accounts.map((name) => `${engine}: the account ${name} should not be there`),
    ...(locked ? [`${engine}: nobody may connect to ${database}`] : []),
  ];
}
