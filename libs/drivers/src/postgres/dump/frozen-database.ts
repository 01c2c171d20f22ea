import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import type { Census } from '../../db-driver.js';
import { lockHolders } from '../login/lock-holders.js';
import { isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { cancelled } from '../../network-errors.js';
import { countObjects, NOT_OF_EXTENSION, USER_SCHEMA } from './object-counts.js';
import { someOf } from './postgres-preflight.js';
import { quoted, tableKey } from './table-key.js';

const TABLES_PER_LOCK = 500;
const TABLES_PER_COUNT = 100;
/** Somebody who truncates or swaps tables all the time leaves gaps between two of his transactions. */
const ATTEMPTS = 20;

interface DataTable {
  oid: number;
  schema: string;
  name: string;
  /** Of an extension's table, which of its rows are the user's: `WHERE …` as the extension says it; else empty. */
  condition: string;
  /** On a standby, which has no rows of unlogged tables. */
  unreadable: boolean;
}

/**
 * Tables whose rows pg_dump writes: not of views, foreign tables and partitioned parents, which have none of their own,
 * and of an extension's tables only those that it declares as configuration.
 */
const DATA_TABLES = `
  SELECT c.oid::pg_catalog.int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
         coalesce(e.condition, '') AS condition, c.relpersistence = 'u' AND pg_is_in_recovery() AS unreadable
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (SELECT t.oid, t.condition FROM pg_extension x, unnest(x.extconfig, x.extcondition) AS t (oid, condition)) e
      ON e.oid = c.oid
   WHERE c.relkind = 'r' AND c.relpersistence <> 't'
     AND (e.oid IS NOT NULL OR ${USER_SCHEMA} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')})
   ORDER BY c.oid`;

/**
 * What TRUNCATE, a rewriting ALTER TABLE, DROP or a RENAME did between the snapshot and our lock. The snapshot does not
 * protect from these: it would see an empty table, or another one under this name.
 */
const CHANGED_TABLES = `
  SELECT format('%I.%I', t.schema, t.name) AS name
    FROM unnest($1::oid[], $2::text[], $3::text[]) AS t (oid, schema, name) LEFT JOIN pg_class c ON c.oid = t.oid
   WHERE to_regclass(format('%I.%I', t.schema, t.name)) IS DISTINCT FROM t.oid::regclass
      OR pg_relation_filenode(t.oid) IS DISTINCT FROM c.relfilenode`;

/** Nothing may end the transaction for taking its time, as pg_dump does not let it either. */
const PATIENCE = `
  SELECT set_config(s.name, w.value, true)
    FROM pg_settings s JOIN (VALUES ('row_security', 'off'), ('lock_timeout', $1), ('statement_timeout', '0'),
      ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0')) AS w (name, value) ON w.name = s.name`;

/**
 * A database as it was at one instant: one read-only snapshot, in which no table can be altered or emptied any more. It
 * lasts as long as the session.
 */
export class FrozenDatabase {
  private constructor(
    private readonly session: PostgresSession,
    private readonly tables: readonly DataTable[],
    /** For `pg_dump --snapshot`; undefined unless asked for. */
    readonly snapshot: string | undefined,
  ) {}

  /**
   * BUSY where a lock was not to be had in `lockTimeoutMs`, SCHEMA_CHANGED where somebody replaces tables incessantly.
   * Others as the server says them; {@link isUnsharable} tells which of them mean that it cannot be done here.
   */
  static async freeze(
    session: PostgresSession,
    options: { lockTimeoutMs: number; exported: boolean },
  ): Promise<FrozenDatabase> {
    let changed: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        await session.query(PATIENCE, [String(options.lockTimeoutMs)]);
        const snapshot = options.exported ? await exportSnapshot(session) : undefined;
        const tables = (await session.query<DataTable>(DATA_TABLES)).map((table) => ({
          ...table,
          oid: Number(table.oid),
        }));
        await lock(session, tables);
        changed = await changedTables(session, tables);
        if (changed.length === 0) return new FrozenDatabase(session, tables, snapshot);
      } catch (error) {
        if (!isServerError(error)) throw error;
        if (error.code === '55P03') throw await busy(session, error);
        // Renamed or dropped before it was locked.
        if (error.code !== '42P01' && error.code !== '3F000') throw error;
        changed = [error.message];
      }
      await session.query('ROLLBACK');
    }
    throw new DomainError(
      'SCHEMA_CHANGED',
      `Tables of "${session.connection.database}" were replaced or emptied again and again: ${someOf(changed)}.`,
      { hint: 'Back up again when no migration runs.' },
    );
  }

  /** CANCELLED when `signal`, which should be the session's, fires. */
  async census(signal?: AbortSignal): Promise<Census> {
    return { objects: await countObjects(this.session), rows: await this.countRows(signal) };
  }

  private async countRows(signal: AbortSignal | undefined): Promise<RowCounts> {
    const rows: Record<string, number> = {};
    for (const { schema, name } of this.tables) rows[tableKey(schema, name)] = 0;
    const readable = this.tables.filter(({ unreadable }) => !unreadable);
    for (const tables of batches(readable, TABLES_PER_COUNT)) {
      if (signal?.aborted === true) throw cancelled('Counting the rows');
      const counts = tables.map(
        (table, index) =>
          `SELECT ${index} AS at, count(*)::text AS rows FROM ONLY ${sqlName(table)} ${table.condition}`,
      );
      for (const { at, rows: count } of await this.session.query<{ at: number; rows: string }>(
        counts.join(' UNION ALL '),
      )) {
        const table = tables[at];
        if (table !== undefined) rows[tableKey(table.schema, table.name)] = Number(count);
      }
    }
    return rows;
  }
}

/** Whether a snapshot cannot be exported or held here at all, as opposed to something having gone wrong. */
export function isUnsharable(error: unknown): boolean {
  // Not supported; not in this state (a standby before version 10); no room for one more lock.
  return isServerError(error) && ['0A000', '55000', '53200'].includes(error.code);
}

async function exportSnapshot(session: PostgresSession): Promise<string> {
  return (await session.queryOne<{ id: string }>('SELECT pg_export_snapshot() AS id')).id;
}

/** As pg_dump does, which takes the same locks a moment later. */
async function lock(session: PostgresSession, tables: readonly DataTable[]): Promise<void> {
  for (const batch of batches(tables, TABLES_PER_LOCK)) {
    const names = batch.map((table) => `ONLY ${sqlName(table)}`);
    await session.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
  }
}

async function changedTables(session: PostgresSession, tables: readonly DataTable[]): Promise<string[]> {
  const column = (of: (table: DataTable) => unknown): unknown[] => tables.map(of);
  const changed = await session.query<{ name: string }>(CHANGED_TABLES, [
    column(({ oid }) => oid),
    column(({ schema }) => schema),
    column(({ name }) => name),
  ]);
  return changed.map(({ name }) => name);
}

async function busy(session: PostgresSession, cause: unknown): Promise<DomainError> {
  await session.query('ROLLBACK').catch(() => undefined);
  const holders = await lockHolders(session, true).catch(() => 'they could not be listed');
  return new DomainError('BUSY', `A table of "${session.connection.database}" is locked.`, {
    hint: `Let these sessions finish, or end them: ${holders}.`,
    cause,
  });
}

function sqlName({ schema, name }: DataTable): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
