import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@app/domain';
import type { ContentChecksums, RowCounts } from '@app/domain';
import { serverRefusal } from '../login/mysql-errors.js';
import { MysqlSession } from '../login/mysql-session.js';
import { holdsNoRows } from './mysql-dump-warnings.js';
import type { MysqlDumpPlan } from './mysql-preflight.js';
import { countedTables, readInventory } from './mysql-inventory.js';
import type { TableEntry } from './mysql-inventory.js';
import { waitForLocks } from './locks/mysql-patience.js';
import { CONTENT_ALGORITHM, contentBasis, figuresOf, hashedTables, pinTexts } from './row-checksums.js';
import type { HashedTable, TableFigures } from './row-checksums.js';

/** A commit that is written into the log becomes visible within this time. */
const COMMIT_MS = 25;

/** The server notes in whole seconds when a table was written. */
const SECOND_MS = 1_000;

/** A backup may have this many connections at a time. */
const CONNECTIONS = 6;

const WRITTEN = 'it was written while the dump began, so that the row checksums are not those of the dump';
const WRITTEN_WITHOUT = 'it has no transactions and was written during the dump';
const NOTHING_SEEN = 'the dump showed no table';

/** The state just before the first snapshot. */
interface Start {
  /** See {@link logPosition}. */
  position: string | undefined;
  /** The time by the server's clock, in whole seconds. */
  since: string;
  writes: LastWrites;
}

/** When each table was last written, as the server notes it; null where it has no note. */
type LastWrites = ReadonlyMap<string, string | null>;

/** The changes that happened between the two snapshots, or the reason why nothing can be told of them. */
type Between =
  | {
      /** Nothing at all was written in the server. */
      still: boolean;
      /** Tables that the server itself says were written. */
      written: ReadonlySet<string>;
    }
  | { why: string };

interface Looked {
  entry: TableEntry;
  hashed: HashedTable;
}

/**
 * What the rows of a database hold in the dump's own snapshot, which no other session can join on these servers: looked at
 * in one snapshot from before the dump's and in one from after it. A table that is the same in both, that the server does
 * not say was written in between, and of which the dump has as many rows, was so in the dump's.
 * Tables without transactions are looked at before the dump begins and after it has ended. Every table that differs, or
 * cannot be read, is left out with the reason, and never fails the dump.
 */
export class ContentLooks implements AsyncDisposable {
  private readonly sums = new Map<string, string>();
  private readonly uncovered = new Map<string, string>();
  /** Sums of tables without transactions, before the dump. */
  private readonly before = new Map<string, string>();
  /** How many rows the tables had whose sums are told. */
  private readonly rows = new Map<string, number>();
  private readonly second: Promise<Between>;
  private show: (between: Between) => void = () => undefined;
  private asked = false;
  private start: Start | undefined;
  private compared: Promise<void> = Promise.resolve();
  private owned: AsyncDisposable | undefined;

  private constructor(
    private readonly first: MysqlSession,
    private readonly later: MysqlSession,
    private readonly basis: string,
    private readonly tables: readonly Looked[],
    private readonly history: boolean,
    private readonly signal: AbortSignal,
  ) {
    this.second = new Promise((resolve) => (this.show = resolve));
  }

  /** To be called before the dump tool starts. Rejects with the reason where content cannot be looked at here. */
  static async begin(plan: MysqlDumpPlan, lockTimeoutMs: number, signal: AbortSignal): Promise<ContentLooks> {
    const { connection, dumpHistory } = plan;
    await using guard = new AsyncDisposableStack();
    // A query that still runs would be waited for.
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const open = async (): Promise<MysqlSession> => {
      const session = await MysqlSession.open(connection, { signal: either });
      guard.defer(async () => {
        over.abort();
        await session.close();
      });
      await waitForLocks(session, lockTimeoutMs);
      await pinTexts(session);
      await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      return session;
    };
    const first = await open();
    await requireConnections(first);
    const later = await open();
    const basis = await contentBasis(first);
    if (basis === undefined) throw new Error('max_allowed_packet is too small for the text of a row');
    const hashed = await hashedTables(first, connection.database);
    const tables = countedTables(await readInventory(first, connection.database)).flatMap((entry) => {
      const of = hashed.get(entry.name);
      return of === undefined || holdsNoRows(entry) ? [] : [{ entry, hashed: of }];
    });
    const content = new ContentLooks(first, later, basis, tables, dumpHistory, signal);
    for (const table of tables.filter(({ entry }) => !isVersioned(entry))) {
      const figures = await content.look(first, table);
      if (figures !== undefined && 'sum' in figures) content.before.set(table.entry.name, figures.sum);
    }
    content.start = await readStart(first, signal);
    await sleep(COMMIT_MS, undefined, { signal });
    await startSnapshot(first);
    content.owned = guard.move();
    content.compared = content.compareSnapshots();
    // Awaited late, when the dump has ended.
    content.compared.catch(() => undefined);
    return content;
  }

  /** To be called when the dump tool has shown a table: its snapshot stands. Any number of times. */
  tableSeen(): void {
    const { start } = this;
    if (this.asked || start === undefined) return;
    this.asked = true;
    const look = async (): Promise<Between> => {
      await startSnapshot(this.later);
      const position = await logPosition(this.later);
      const still = position !== undefined && position === start.position;
      return { still, written: still ? new Set() : writtenAfter(start, await lastWrites(this.later)) };
    };
    look().then(this.show, (error: unknown) => this.show({ why: wordsOf(error) }));
  }

  /** After the dump tool has ended. `dumped`: how many rows the dump has of each table. Rejects when `signal` fires. */
  async finish(dumped: RowCounts): Promise<ContentChecksums> {
    if (!this.asked) this.show({ why: NOTHING_SEEN });
    await this.compared;
    // Out of the snapshot, so that what was written since is seen.
    await this.later.run('COMMIT').catch(() => undefined);
    for (const table of this.tables.filter(({ entry }) => !isVersioned(entry))) {
      const before = this.before.get(table.entry.name);
      if (before === undefined) continue;
      const figures = await this.look(this.later, table);
      if (figures === undefined || !('sum' in figures)) continue;
      if (figures.sum === before) this.cover(table, figures);
      else this.leaveOut(table, WRITTEN_WITHOUT);
    }
    for (const table of this.tables) {
      const { name } = table.entry;
      const rows = this.rows.get(name);
      if (rows === undefined || rows === (dumped[name] ?? 0)) continue;
      this.sums.delete(name);
      this.leaveOut(table, isVersioned(table.entry) ? WRITTEN : WRITTEN_WITHOUT);
    }
    return {
      algorithm: CONTENT_ALGORITHM,
      basis: this.basis,
      tables: Object.fromEntries(this.sums),
      ...(this.uncovered.size === 0 ? {} : { uncovered: Object.fromEntries(this.uncovered) }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.show({ why: NOTHING_SEEN });
    await this.owned?.[Symbol.asyncDispose]();
  }

  /** While the dump goes on. */
  private async compareSnapshots(): Promise<void> {
    const between = await this.second;
    for (const table of this.tables.filter(({ entry }) => isVersioned(entry))) {
      this.signal.throwIfAborted();
      if ('why' in between) this.leaveOut(table, between.why);
      else if (between.written.has(table.entry.name)) this.leaveOut(table, WRITTEN);
      else await this.compareLooks(table, between.still);
    }
  }

  private async compareLooks(table: Looked, still: boolean): Promise<void> {
    const early = await this.look(this.first, table);
    if (early === undefined || !('sum' in early)) return;
    const late = still ? early : await this.look(this.later, table);
    if (late === undefined || !('sum' in late)) return;
    if (early.sum === late.sum && early.rows === late.rows) this.cover(table, early);
    else this.leaveOut(table, WRITTEN);
  }

  /** Undefined, and the table left out, where it cannot be read. No lock stays: somebody may want to alter the table. */
  private async look(session: MysqlSession, table: Looked): Promise<TableFigures | undefined> {
    try {
      const figures = await withoutLocks(session, () => figuresOf(session, table.entry, table.hashed, this.history));
      if ('why' in figures) this.leaveOut(table, figures.why);
      return figures;
    } catch (error) {
      if (this.signal.aborted) throw error;
      this.leaveOut(table, wordsOf(error));
      return undefined;
    }
  }

  private cover({ entry, hashed }: Looked, { sum, rows }: { sum: string; rows: number }): void {
    this.sums.set(entry.name, sum);
    this.rows.set(entry.name, rows);
    for (const { column, why } of hashed.left) this.uncovered.set(`${entry.name}.${column}`, why);
  }

  private leaveOut({ entry }: Looked, why: string): void {
    this.uncovered.set(entry.name, why);
  }
}

/** Only InnoDB's snapshots are known to be of one instant. */
function isVersioned({ engine }: TableEntry): boolean {
  return engine?.toUpperCase() === 'INNODB';
}

/** The other connections of a dump come first: the tool's, the lock's, and those that watch it. */
async function requireConnections(session: MysqlSession): Promise<void> {
  const { own, all } = await session.row<{ own: number; all: number }>(
    'SELECT @@SESSION.max_user_connections AS own, @@GLOBAL.max_connections AS `all`',
  );
  if (own > 0 && own < CONNECTIONS) throw new Error(`the account may have only ${own} connections at a time`);
  const [used] = await session.rows<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Threads_connected'`);
  if (Number(used?.Value ?? 0) + CONNECTIONS > all) throw new Error('the server has hardly a free connection');
}

/** Reads without locks, as the dump tools do. This is harmless where no transaction is open: then no lock stays anyway. */
async function withoutLocks<T>(session: MysqlSession, read: () => Promise<T>): Promise<T> {
  await session.run('SAVEPOINT look');
  try {
    return await read();
  } finally {
    await session.run('ROLLBACK TO SAVEPOINT look').catch(() => undefined);
  }
}

async function startSnapshot(session: MysqlSession): Promise<void> {
  await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}

/**
 * Grows with everything that InnoDB writes. Undefined on MySQL, whose `Innodb_redo_log_current_lsn` does not yet show what was
 * just committed.
 */
async function logPosition(session: MysqlSession): Promise<string | undefined> {
  const rows = await session.rows<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Innodb_lsn_current'`);
  return rows[0]?.Value;
}

async function readStart(session: MysqlSession, signal: AbortSignal): Promise<Start> {
  const read = async (): Promise<Start> => {
    const position = await logPosition(session);
    const { now } = await session.row<{ now: string }>('SELECT CAST(NOW() AS CHAR) AS now');
    return { position, since: now, writes: await lastWrites(session) };
  };
  const start = await read();
  if ([...start.writes.values()].every((time) => time === null || time < start.since)) return start;
  // Later writes in the same second could not be told from these.
  await sleep(SECOND_MS, undefined, { signal });
  return await read();
}

async function lastWrites(session: MysqlSession): Promise<LastWrites> {
  // MySQL would tell what it knew a day ago. MariaDB has no such setting, and tells what is so.
  await session.run('SET SESSION information_schema_stats_expiry = 0').catch(() => undefined);
  const rows = await session.rows<{ name: string; time: string | null }>(
    'SELECT TABLE_NAME AS name, UPDATE_TIME AS time FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
  );
  return new Map(rows.map(({ name, time }) => [name, time]));
}

/**
 * Tables that were written after `start`. They may have the same rows again, as a queue that is empty most of the time. MySQL
 * notes when a transaction was committed; MariaDB notes when it began, which may be long before, so that any change of the note counts.
 */
function writtenAfter(start: Start, now: LastWrites): ReadonlySet<string> {
  const isWritten = ([name, time]: [string, string | null]): boolean =>
    time !== start.writes.get(name) || (time !== null && time >= start.since);
  return new Set([...now].filter(isWritten).map(([name]) => name));
}

function wordsOf(error: unknown): string {
  return serverRefusal(error)?.words ?? messageOf(error).replace(/\.$/, '');
}
