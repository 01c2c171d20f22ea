import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { FoundCopy } from '../../db-driver.js';
import { dropAccount } from '../confinement/confined-account.js';
import { databaseSettings } from '../database-settings.js';
import { creationOf, endCreation } from '../end-creation.js';
import { databaseError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import { fullOptions } from '../postgres-databases.js';
import { carryOver } from './carry-over.js';
import { parseCopyName, requireCopyName } from './copy-names.js';
import { propertiesOf } from './database-properties.js';
import { dropCopyDatabase, INVALID } from './drop-copy.js';

/** For building indexes; sorting takes of it what the data needs. */
const BULK_MEMORY = '128MB';
/** They would make the load another's, or impossible. */
const NOT_WHILE_LOADING = /^(role|default_transaction_read_only|synchronous_commit|maintenance_work_mem)=/i;

/** Makes a staging database like the target: what the load needs of its properties is there before, and all of them when it is swapped in. */
export async function createStaging(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  requireCopyName(name);
  await working(connection, name, `The staging database "${name}" could not be made`, signal, async (session) => {
    const { database } = connection;
    const target = await propertiesOf(session, database);
    const options =
      fullOptions(await databaseSettings(session, database)) + (await tablespaceOption(session, database));
    await session.query(`${creationOf(name)}${options}`, [], AS_LONG_AS_IT_TAKES);
    await session.query('BEGIN');
    await carryOver(session, { ...target, ...(await whileLoading(session, target.settings)) }, name);
    await session.query(
      `COMMENT ON DATABASE ${pg.escapeIdentifier(name)} IS ${pg.escapeLiteral(`A restore of ${pg.escapeIdentifier(database)} that is being loaded by database-backup-service`)}`,
    );
    await session.query('COMMIT');
  });
}

/** Settings of the staging database that are gone when it is swapped in, so that every tool that loads has them. */
async function whileLoading(
  session: PostgresSession,
  settings: readonly string[],
): Promise<{ settings: string[]; comment: null; connectionLimit: number }> {
  const { small } = await session.queryOne<{ small: boolean }>(
    `SELECT setting::int * 1024::bigint < pg_size_bytes('${BULK_MEMORY}') AS small FROM pg_settings WHERE name = 'maintenance_work_mem'`,
  );
  // The loaded data is durable when the swap is, as that is committed later.
  const bulk = ['synchronous_commit=off', 'default_transaction_read_only=off'];
  if (small) bulk.push(`maintenance_work_mem=${BULK_MEMORY}`);
  return {
    settings: [...settings.filter((setting) => !NOT_WHILE_LOADING.test(setting)), ...bulk],
    comment: null,
    connectionLimit: -1,
  };
}

async function tablespaceOption(session: PostgresSession, database: string): Promise<string> {
  const { tablespace } = await session.queryOne<{ tablespace: string }>(
    'SELECT spcname AS tablespace FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname = $1',
    [database],
  );
  // Naming it takes a right that leaving it out does not.
  return tablespace === 'pg_default' ? '' : ` TABLESPACE ${pg.escapeIdentifier(tablespace)}`;
}

export async function dropCopy(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  requireCopyName(name);
  await working(connection, name, `The database "${name}" could not be dropped`, signal, async (session) => {
    // Its maker may have lost the answer, while the server still makes it.
    await endCreation(session, name);
    await dropCopyDatabase(session, connection, name, signal);
    await dropAccount(session, name);
  });
}

export async function copyBytes(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (parseCopyName(name) === undefined) return undefined;
  return working(connection, name, `The database "${name}" could not be measured`, signal, async (session) => {
    const [row] = await session.query<{ bytes: string | null }>(
      `SELECT CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                THEN pg_database_size(oid)::text END AS bytes FROM pg_database WHERE datname = $1`,
      [name],
    );
    return row === undefined || row.bytes === null ? undefined : Number(row.bytes);
  });
}

export async function copies(connection: ConnectionParams, signal: AbortSignal | undefined): Promise<FoundCopy[]> {
  return working(connection, '', 'The staging and previous databases could not be listed', signal, async (session) => {
    const rows = await session.query<{ name: string; whole: boolean }>(
      `SELECT datname AS name, datconnlimit <> ${INVALID} AS whole FROM pg_database ORDER BY 1`,
    );
    return rows.flatMap(({ name, whole }) => {
      const parsed = parseCopyName(name);
      return parsed === undefined ? [] : [{ ...parsed, whole }];
    });
  });
}

async function working<T>(
  connection: ConnectionParams,
  name: string,
  what: string,
  signal: AbortSignal | undefined,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T> {
  await using session = await openOther(connection, [connection.database, name], signal);
  try {
    return await work(session);
  } catch (error) {
    throw databaseError(error, what);
  }
}
