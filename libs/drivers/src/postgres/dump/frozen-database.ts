import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { DomainError } from '@app/domain';
import type { CompareDepth, ContentChecksums, RowCounts } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { Census } from '../../db-driver.js';
import { lockedOut } from '../login/lock-holders.js';
import { isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { waitForLocks } from '../login/time-limits.js';
import { cancelled } from '../../session/network-errors.js';
import {
  ChecksumTally,
  contentBasis,
  countAndSum,
  HASHED_COLUMNS,
  largeObjectsSum,
  tolerating,
} from './content-checksums.js';
import type { HashedColumn } from './content-checksums.js';
import { countObjects, NOT_OF_EXTENSION, USER_SCHEMA } from './object-counts.js';
import { readTables } from './read-tables.js';
import { ROWS_BY_ROOT } from './rows-by-root.js';
import { tableKey } from './table-key.js';

const TABLES_PER_LOCK = 500;
const TABLES_PER_COUNT = 100;
const WITH_ALL_COLUMNS = { isLarge: true };
/** Somebody who makes and drops tables all the time leaves gaps between two of his transactions. */
const ATTEMPTS = 20;

interface LockedTable {
  oid: string;
  schema: string;
  name: string;
  /** `p`: a partitioned parent, which has no rows of its own. */
  kind: 'r' | 'p';
  /** The rows of an extension's table that are the user's: `WHERE …` as the extension says it; otherwise empty. */
  condition: string;
  /** Unlogged, on a standby, which has no rows of such tables. */
  unreadable: boolean;
  columns: readonly HashedColumn[];
  /** The root of a partition whose rows a dump puts in by way of the root. */
  root: { schema: string; name: string } | null;
}

/**
 * Tables that pg_dump locks; it writes the rows of the plain ones. Views and foreign tables have none of their own, and of an
 * extension's tables only those matter that it declares as configuration.
 */
const TABLES = `
  SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
         coalesce(e.condition, '') AS condition, c.relpersistence = 'u' AND pg_is_in_recovery() AS unreadable,
         ${HASHED_COLUMNS} AS columns, b.root
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (SELECT t.oid, t.condition FROM pg_extension x, unnest(x.extconfig, x.extcondition) AS t (oid, condition)) e
      ON e.oid = c.oid
    LEFT JOIN (${ROWS_BY_ROOT}) b ON b.oid = c.oid
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     AND (e.oid IS NOT NULL OR ${USER_SCHEMA} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')})
   ORDER BY c.oid`;

/**
 * A database as it was at one instant: one read-only snapshot, in which no table can be altered or emptied any more. It
 * lasts as long as the session, which is for nothing else.
 */
export class FrozenDatabase {
  private constructor(
    private readonly session: PostgresSession,
    private readonly tables: readonly LockedTable[],
    /** For `pg_dump --snapshot`; undefined unless asked for. */
    readonly snapshot: string | undefined,
  ) {}

  /**
   * First the locks, then the snapshot: what TRUNCATE, a rewriting ALTER TABLE or a DROP INDEX did between a snapshot and
   * the locks, the snapshot would not show (FAILURES 11). BUSY where a lock was not to be had in `lockTimeoutMs`,
   * SCHEMA_CHANGED where tables come and go incessantly. Others as the server says them; {@link isUnsharable} tells which
   * of them mean that it cannot be done here.
   */
  static async freeze(
    session: PostgresSession,
    options: { lockTimeoutMs: number; exported: boolean },
  ): Promise<FrozenDatabase> {
    await waitForLocks(session, options.lockTimeoutMs);
    let tables = await session.query<LockedTable>(TABLES, [], WITH_ALL_COLUMNS);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // LOCK takes no snapshot; the first SELECT does.
      if (await lock(session, tables)) {
        const snapshot = options.exported ? await exportSnapshot(session) : undefined;
        const present = await session.query<LockedTable>(TABLES, [], WITH_ALL_COLUMNS);
        if (isDeepStrictEqual(present, tables)) return new FrozenDatabase(session, tables, snapshot);
      }
      await session.query('ROLLBACK');
      tables = await session.query<LockedTable>(TABLES, [], WITH_ALL_COLUMNS);
    }
    throw new DomainError('SCHEMA_CHANGED', `Tables of "${session.connection.database}" come and go incessantly.`, {
      hint: 'Back up again when no migration runs.',
    });
  }

  /** Reads what the open transaction of `session` sees. It takes no locks: the transaction has made all that is in the database. */
  static async within(session: PostgresSession): Promise<FrozenDatabase> {
    return new FrozenDatabase(session, await session.query<LockedTable>(TABLES, [], WITH_ALL_COLUMNS), undefined);
  }

  /** CANCELLED when `signal`, which should be the session's, fires. */
  async census(depth: CompareDepth, signal?: AbortSignal): Promise<Census> {
    const objects = await countObjects(this.session);
    const basis = depth === 'content' ? await contentBasis(this.session) : undefined;
    const tally = basis === undefined ? undefined : new ChecksumTally();
    const rows = await this.countRows(tally, signal);
    const partOf = Object.fromEntries(
      this.plain.flatMap((table) => (table.root === null ? [] : [[keyOf(table), unitOf(table)]])),
    );
    return {
      objects,
      rows,
      ...(Object.keys(partOf).length === 0 ? {} : { partOf }),
      ...(basis === undefined || tally === undefined ? {} : { checksums: await this.checksums(tally, basis) }),
    };
  }

  private get plain(): readonly LockedTable[] {
    return this.tables.filter(({ kind }) => kind === 'r');
  }

  private async checksums(tally: ChecksumTally, basis: string): Promise<ContentChecksums> {
    return tally.checksums(basis, await tolerating(this.session, () => largeObjectsSum(this.session)));
  }

  /** `tally`: gets what the rows hold, where that is asked for. */
  private async countRows(tally: ChecksumTally | undefined, signal: AbortSignal | undefined): Promise<RowCounts> {
    const rows: Record<string, number> = {};
    for (const table of this.plain) {
      rows[unitOf(table)] = 0;
      tally?.add(unitOf(table), '0');
    }
    const readable = this.plain.filter(({ unreadable }) => !unreadable);
    const take = (table: LockedTable, { count, sum }: Figures): void => {
      const unit = unitOf(table);
      rows[unit] = (rows[unit] ?? 0) + Number(count);
      if (sum !== undefined) tally?.add(unit, sum);
    };
    for (const tables of batches(readable, TABLES_PER_COUNT)) {
      if (signal?.aborted === true) throw cancelled('Counting the rows');
      const read = (some: readonly LockedTable[], content: boolean) => async (): Promise<void> => {
        const figures = await this.figuresOf(some, content);
        for (const [index, table] of some.entries()) take(table, figures[index] ?? { count: '0' });
      };
      if (tally === undefined) {
        await read(tables, false)();
        continue;
      }
      if ('value' in (await tolerating(this.session, read(tables, true)))) continue;
      // One of them at least: which?
      for (const table of tables) {
        const done = await tolerating(this.session, read([table], true));
        if ('value' in done) continue;
        tally.leaveOut(unitOf(table), done.why);
        await read([table], false)();
      }
    }
    return rows;
  }

  private async figuresOf(tables: readonly LockedTable[], content: boolean): Promise<Figures[]> {
    const counts = tables.map(
      (table, index) =>
        `SELECT ${index} AS at, ${content ? countAndSum(table.columns) : 'count(*)::text AS rows'} FROM ONLY ${sqlName(table)} ${table.condition}`,
    );
    const figures: Figures[] = [];
    for (const { at, rows: count, sum } of await readTables<{ at: number; rows: string; sum?: string }>(
      this.session,
      counts.join(' UNION ALL '),
    )) {
      figures[at] = { count, ...(sum === undefined ? {} : { sum }) };
    }
    return figures;
  }
}

interface Figures {
  count: string;
  sum?: string;
}

function keyOf({ schema, name }: Pick<LockedTable, 'schema' | 'name'>): string {
  return tableKey(schema, name);
}

/** The table that a dump holds the rows under. */
function unitOf(table: LockedTable): string {
  return keyOf(table.root ?? table);
}

/** Whether a snapshot cannot be exported or held here at all, as opposed to something having gone wrong. */
export function isUnsharable(error: unknown): boolean {
  // The errors mean: not supported; not in this state (a standby before version 10); no room for one more lock.
  return isServerError(error) && ['0A000', '55000', '53200'].includes(error.code);
}

async function exportSnapshot(session: PostgresSession): Promise<string> {
  return (await session.queryOne<{ id: string }>('SELECT pg_export_snapshot() AS id')).id;
}

/** Locks the tables as pg_dump does, which takes the same locks a moment later. Returns false when a table is not there any more. */
async function lock(session: PostgresSession, tables: readonly LockedTable[]): Promise<boolean> {
  for (const batch of batches(tables, TABLES_PER_LOCK)) {
    const names = batch.map((table) => `ONLY ${sqlName(table)}`);
    try {
      await session.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`, [], AS_LONG_AS_IT_TAKES);
    } catch (error) {
      if (!isServerError(error)) throw error;
      if (error.code === '55P03') throw await lockedOut(session, error);
      // The table, or its schema.
      if (error.code === '42P01' || error.code === '3F000') return false;
      throw error;
    }
  }
  return true;
}

function sqlName({ schema, name }: LockedTable): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
