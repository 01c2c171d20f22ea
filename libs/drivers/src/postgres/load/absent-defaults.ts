import type { ConnectionParams } from '@app/domain';
import { serverWords } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';

/**
 * What every new database has, and a source may have dropped: no dump says so. The query tells which of them a database
 * lacks; by these names they stand in the manifest.
 */
const DEFAULTS = {
  'schema public': {
    lacking: `NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public')`,
    // It has no CASCADE: whatever is in the schema came with the dump.
    drop: 'DROP SCHEMA IF EXISTS public',
  },
  'extension plpgsql': {
    lacking: `NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'plpgsql')`,
    drop: 'DROP EXTENSION IF EXISTS plpgsql',
  },
} as const;

type Default = keyof typeof DEFAULTS;
const NAMES = Object.keys(DEFAULTS) as Default[];

export async function absentDefaults(session: PostgresSession): Promise<string[]> {
  const columns = NAMES.map((name) => `CASE WHEN ${DEFAULTS[name].lacking} THEN '${name}' END`);
  const { absent } = await session.queryOne<{ absent: string[] }>(
    `SELECT pg_catalog.array_remove(ARRAY[${columns.join(', ')}], NULL) AS absent`,
  );
  return absent;
}

/**
 * Drops what the source lacked, in what was just made or cleared. `before`: what must be gone before the dump is loaded;
 * else the rest, which commands of the dump could still need. What cannot be dropped stays, with a warning.
 */
export async function dropAbsent(
  session: PostgresSession,
  absent: readonly string[] = [],
  when: 'before' | 'after',
): Promise<string[]> {
  const inTransaction = session.client.getTransactionStatus() === 'T';
  const warnings: string[] = [];
  for (const name of NAMES) {
    if (!absent.includes(name) || (name === 'schema public') !== (when === 'before')) continue;
    if (inTransaction) await session.query('SAVEPOINT absent');
    try {
      await session.query(DEFAULTS[name].drop);
      if (inTransaction) await session.query('RELEASE SAVEPOINT absent');
    } catch (error) {
      if (inTransaction) await session.query('ROLLBACK TO SAVEPOINT absent');
      warnings.push(`The source had no ${name}, which every new database has, and it stays: ${serverWords(error)}.`);
    }
  }
  return warnings;
}

/** The same with a session of its own. */
export async function dropAbsentIn(
  connection: ConnectionParams,
  absent: readonly string[] | undefined,
  when: 'before' | 'after',
  signal: AbortSignal,
): Promise<string[]> {
  if (absent === undefined || absent.length === 0) return [];
  await using session = await PostgresSession.open(connection, signal);
  return await dropAbsent(session, absent, when);
}
