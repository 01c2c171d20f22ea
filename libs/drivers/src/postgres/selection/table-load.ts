import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ContentChecksums, RowCounts, ToolInfo } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { DumpSource, LoadHooks, LoadPlan, TableLoadResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { ChecksumTally, contentBasis, countAndSum, HASHED_COLUMNS } from '../dump/content-checksums.js';
import type { HashedColumn } from '../dump/content-checksums.js';
import { readTables } from '../dump/read-tables.js';
import { tableKey } from '../dump/table-key.js';
import { showLoaded } from '../load/loaded-rows.js';
import { CommandFailure, DumpLoader } from '../load/dump-loader.js';
import { LoadTransaction } from '../load/load-transaction.js';
import { policyFor } from '../load/run-script.js';
import { restoreError, shorten } from '../load/restore-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { loadSettings } from '../login/session-settings.js';
import { serverWords } from '../login/postgres-errors.js';
import { useSourceSettings } from '../load/source-settings.js';
import { sqlName, writeContent } from './copy-schemas.js';
import { withScript } from './dump-script.js';
import { publishesEverything } from './publications.js';
import { withSchemaDump } from './schema-dump.js';
import type { SchemaDumpOptions } from './schema-dump.js';
import { RowLoader } from './selected-rows.js';
import type { SelectedRows } from './selected-rows.js';
import { contentFor } from './extraction-database.js';
import type { Placed, Prepared } from './extraction-database.js';

export interface TableLoad {
  plan: LoadPlan;
  /** The name of the table-extraction database, and of the staging tables. */
  incoming: string;
  into: 'staging' | 'target';
  prepared: Prepared;
  /** pg_dump. */
  dumpTool: ToolInfo;
  runtimeDir: string;
  lockTimeoutMs: number;
}

/**
 * Makes prepared tables in the target and fills them, in one transaction: a failure or death at any point leaves nothing.
 * Nothing that is in the target is locked, as the new tables know none of its tables yet.
 */
export async function loadTables(load: TableLoad, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult> {
  const { plan, incoming, into, prepared, lockTimeoutMs } = load;
  const { database } = plan.connection;
  await using session = await PostgresSession.open(plan.connection, hooks.signal, loadSettings(source.own));
  const transaction = new LoadTransaction(session, lockTimeoutMs);
  try {
    if (source.own) await useSourceSettings(session, source);
    await transaction.begin();
    await runSection(load, source, session, 'pre-data', hooks.signal);
    await transaction.assertUnbroken();
    const unsent = into === 'staging' ? await keepFromSubscribers(session, prepared.tables) : [];
    const loaded = await withScript(source, plan.tool, '--data-only', hooks.signal, (script) =>
      new RowLoader(session, prepared.tables, prepared.sequences).load(script),
    );
    await transaction.assertUnbroken();
    await setSequences(session, loaded);
    for (const name of unsent) await session.query(`ALTER TABLE ONLY ${name} SET LOGGED`, [], AS_LONG_AS_IT_TAKES);
    await runSection(load, source, session, 'post-data', hooks.signal);
    await transaction.assertUnbroken();
    await session.query('SET search_path = pg_catalog');
    const rows = await countRows(session, prepared.tables, loaded);
    if (into === 'staging') await writeContent(session, incoming, contentFor(prepared));
    const { check } = hooks;
    const asked = async (): Promise<string[]> => {
      const notes =
        check === undefined
          ? []
          : await showLoaded(session, check, async () => ({
              rows,
              ...(check.depth === 'content' ? await sumsOf(session, prepared.tables, loaded) : {}),
            }));
      await hooks.beforeCommit();
      return notes;
    };
    let notes: readonly string[] = [];
    const ready = await asked().then(
      (said) => {
        notes = said;
        return undefined;
      },
      (error: unknown) => ({ error }),
    );
    if (ready !== undefined) throw new CallerRefusal(ready.error);
    hooks.signal.throwIfAborted();
    await transaction.commit();
    const warnings = [...prepared.warnings, ...notes, ...(await analyze(session, prepared.tables, source.searchPath))];
    return { tables: prepared.selected.map(({ schema, name }) => tableKey(schema, name)), rows, warnings };
  } catch (error) {
    await transaction.rollBack();
    if (error instanceof CallerRefusal) throw error.cause;
    if (hooks.signal.aborted && !transaction.committed) throw cancelled(`The restore of tables of "${database}"`);
    throw loadError(error, database);
  }
}

class CallerRefusal extends Error {
  constructor(override readonly cause: unknown) {
    super('The caller refused.');
  }
}

/** Also for the table-extraction database, whose name no message needs. */
export function loadError(error: unknown, database: string): DomainError {
  if (!(error instanceof CommandFailure)) return restoreError(error, database, undefined);
  return restoreError(error.cause, database, { line: undefined, command: shorten(error.command) });
}

async function runSection(
  { plan, incoming, into, prepared, dumpTool, runtimeDir, lockTimeoutMs }: TableLoad,
  source: DumpSource,
  session: PostgresSession,
  section: SchemaDumpOptions['section'],
  signal: AbortSignal,
): Promise<void> {
  const loader = new DumpLoader(session, await policyFor(session, plan, source));
  const schemas = into === 'staging' ? [...new Set(prepared.tables.map(({ to }) => to))] : [];
  const connection = { ...(plan.confinement?.administrator ?? plan.connection), database: incoming };
  const { server_encoding: encoding } = await session.queryOne<{ server_encoding: string }>('SHOW server_encoding');
  const own = { runtimeDir, lockTimeoutMs, signal };
  const options = { connection, server: plan.server, encoding, tool: dumpTool, section, schemas, ...own };
  await withSchemaDump(options, (script) => loader.load(script as Readable));
}

/**
 * A publication of all tables would send the rows of the staging tables under a name that no subscriber knows, which stops subscribers;
 * the rows of unlogged tables are not sent. Returns the tables that were made unlogged.
 */
async function keepFromSubscribers(session: PostgresSession, tables: readonly Placed[]): Promise<string[]> {
  if (!(await publishesEverything(session))) return [];
  const rows = await session.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_catalog.pg_class c
      WHERE c.oid = ANY ($1::regclass[]) AND c.relkind = 'r' AND c.relpersistence = 'p'`,
    [tables.map(({ to, name }) => sqlName(to, name))],
  );
  const names = rows.map(({ name }) => name);
  for (const name of names) await session.query(`ALTER TABLE ONLY ${name} SET UNLOGGED`);
  return names;
}

async function setSequences(session: PostgresSession, { values }: SelectedRows): Promise<void> {
  for (const { to, name, value, called } of values) {
    await session.query('SELECT pg_catalog.setval($1::regclass, $2::bigint, $3)', [sqlName(to, name), value, called]);
  }
}

async function countRows(
  session: PostgresSession,
  tables: readonly Placed[],
  { rows: expected }: SelectedRows,
): Promise<RowCounts> {
  const rows: Record<string, number> = {};
  const wrong: string[] = [];
  for (const [index, { schema, name, to, kind }] of tables.entries()) {
    const wanted = expected[index];
    // The rows of a partitioned table are its partitions’, unless the dump itself inserted them through it.
    if (kind === 'p' && wanted === undefined) continue;
    const [{ count } = { count: '0' }] = await readTables<{ count: string }>(
      session,
      `SELECT pg_catalog.count(*) AS count FROM ${kind === 'p' ? '' : 'ONLY '}${sqlName(to, name)}`,
    );
    const key = tableKey(schema, name);
    rows[key] = Number(count);
    if (wanted !== undefined && wanted !== Number(count)) wrong.push(`${key} has ${count} rows instead of ${wanted}`);
  }
  if (wrong.length === 0) return rows;
  throw new DomainError('RESTORE_FAILED', `What was loaded is not what the dump holds: ${wrong.join('; ')}.`, {
    hint: 'Nothing was changed. Restore another backup.',
  });
}

/** Returns the checksums of the rows, by the names that the tables have in the dump. */
async function sumsOf(
  session: PostgresSession,
  tables: readonly Placed[],
  { rows: expected }: SelectedRows,
): Promise<{ checksums?: ContentChecksums }> {
  const basis = await contentBasis(session);
  if (basis === undefined) return {};
  const tally = new ChecksumTally();
  for (const [index, { schema, name, to, kind }] of tables.entries()) {
    if (expected[index] === undefined && kind === 'p') continue;
    const { columns } = await session.queryOne<{ columns: HashedColumn[] }>(
      `SELECT ${HASHED_COLUMNS} AS columns FROM pg_catalog.pg_class c WHERE c.oid = $1::regclass`,
      [sqlName(to, name)],
    );
    const [{ sum } = { sum: '0' }] = await readTables<{ sum: string }>(
      session,
      `SELECT ${countAndSum(columns)} FROM ${kind === 'p' ? '' : 'ONLY '}${sqlName(to, name)}`,
    );
    tally.add(tableKey(schema, name), sum);
  }
  return { checksums: tally.checksums(basis, { value: undefined }) };
}

/** Statistics are not in a dump (FAILURES 22). */
async function analyze(
  session: PostgresSession,
  tables: readonly Placed[],
  searchPath: string | undefined,
): Promise<string[]> {
  try {
    if (searchPath !== undefined)
      await session.query(`SELECT pg_catalog.set_config('search_path', $1, false)`, [searchPath]);
    for (const { to, name } of tables) await session.query(`ANALYZE ${sqlName(to, name)}`, [], AS_LONG_AS_IT_TAKES);
    return [];
  } catch (error) {
    return [`The restored tables have no statistics yet, as ANALYZE failed: ${serverWords(error)}. Run ANALYZE.`];
  }
}
