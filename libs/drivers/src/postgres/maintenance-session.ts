import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { waitForLocks } from './login/time-limits.js';
import { PostgresSession } from './login/postgres-session.js';

/** Databases that servers usually have, and where nobody works. */
const USUAL = ['postgres', 'template1'];
const OTHERS_TRIED = 5;
const LOCK_TIMEOUT_MS = 5_000;

/** Opens a session in the first of these databases that is there and lets us in. */
export async function openFirst(
  connection: ConnectionParams,
  candidates: readonly string[],
  signal: AbortSignal | undefined,
): Promise<PostgresSession> {
  let failure: unknown;
  for (const database of candidates) {
    try {
      return await PostgresSession.open({ ...connection, database }, signal);
    } catch (error) {
      failure ??= error;
      if (!isElsewhereBetter(error)) throw error;
    }
  }
  throw failure;
}

/**
 * A session for work on whole databases, in none of `avoid`: a database cannot be renamed or dropped from within, nor while
 * anybody is in it. No limit of time ends what it does. UNSUPPORTED when there is no other database.
 */
export async function openOther(
  connection: ConnectionParams,
  avoid: readonly string[],
  signal?: AbortSignal,
): Promise<PostgresSession> {
  const session = await openElsewhere(connection, avoid, signal);
  try {
    await waitForLocks(session, LOCK_TIMEOUT_MS);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function openElsewhere(
  connection: ConnectionParams,
  avoid: readonly string[],
  signal: AbortSignal | undefined,
): Promise<PostgresSession> {
  const usual = USUAL.filter((name) => !avoid.includes(name));
  try {
    return await openFirst(connection, usual, signal);
  } catch (error) {
    if (!isElsewhereBetter(error)) throw error;
    const others = await otherDatabases(connection, [...avoid, ...USUAL], signal).catch(() => {
      throw error;
    });
    if (others.length > 0) return openFirst(connection, others, signal);
    throw new DomainError(
      'UNSUPPORTED',
      `"${connection.username}" may enter no other database of the server than "${connection.database}".`,
      { hint: 'Let that user connect to the database "postgres".', cause: error },
    );
  }
}

async function otherDatabases(
  connection: ConnectionParams,
  avoid: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  await using session = await PostgresSession.open(connection, signal);
  const rows = await session.query<{ name: string }>(
    `SELECT datname AS name FROM pg_catalog.pg_database
      WHERE datallowconn AND datconnlimit <> -2 AND pg_catalog.has_database_privilege(oid, 'CONNECT')
        AND NOT datname = ANY ($1::text[])
      ORDER BY encoding <> (SELECT encoding FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()), oid LIMIT ${OTHERS_TRIED}`,
    [avoid],
  );
  return rows.map(({ name }) => name);
}

function isElsewhereBetter(error: unknown): boolean {
  return error instanceof DomainError && ['DATABASE_NOT_FOUND', 'SERVER_REFUSED'].includes(error.code);
}
