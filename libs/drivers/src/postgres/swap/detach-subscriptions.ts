import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { PostgresSession } from '../login/postgres-session.js';

/**
 * A publisher to which every connection fails at once. For tables that were not copied yet DROP SUBSCRIPTION connects to the
 * publisher even without a slot, and waits without limit for its answer; where it cannot connect it goes on. The server demands
 * a password where the owner of the subscription is no superuser.
 */
const NOWHERE = 'host=/nonexistent/publisher port=1 user=nobody password=none connect_timeout=2';

/** The server drops no database that has a subscription, enabled or not. */
export async function subscriptionsIn(session: PostgresSession, database: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT subname AS name FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
      WHERE d.datname = $1 ORDER BY 1`,
    [database],
  );
  return rows.map(({ name }) => name);
}

/**
 * Takes the subscriptions out of a database that is about to be dropped, and must be open to us. Their slots on other servers
 * stay: the database that took its place may use them under the same names.
 */
export async function dropSubscriptions(
  connection: ConnectionParams,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await using session = await PostgresSession.open(connection, signal);
  for (const name of names.map((one) => pg.escapeIdentifier(one))) {
    await session.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
    await session.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
    await session.query(`ALTER SUBSCRIPTION ${name} CONNECTION ${pg.escapeLiteral(NOWHERE)}`);
    await session.query(`DROP SUBSCRIPTION ${name}`);
  }
}
