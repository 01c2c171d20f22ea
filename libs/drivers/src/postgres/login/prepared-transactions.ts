import type { PostgresSession } from './postgres-session.js';

/** The gid, owner and age of prepared transactions, as a person can find them: "'order-17' of app, prepared 3 hours ago". */
export const PREPARED = `pg_catalog.format('%L of %s, prepared %s ago', x.gid, x.owner,
  pg_catalog.date_trunc('second', pg_catalog.now() OPERATOR(pg_catalog.-) x.prepared)::pg_catalog.text)`;

/** Transactions that are prepared in a database. They have no session that could be ended, and outlive a restart of the server. */
export async function preparedIn(session: PostgresSession, database: string): Promise<string[]> {
  const rows = await session.query<{ transaction: string }>(
    `SELECT ${PREPARED} AS transaction FROM pg_catalog.pg_prepared_xacts x WHERE x.database = $1 ORDER BY x.prepared, x.gid`,
    [database],
  );
  return rows.map(({ transaction }) => transaction);
}

/** Those of the current database that hold a lock on one of its objects. */
export async function preparedHolders(session: PostgresSession, onlyExclusive: boolean): Promise<string[]> {
  const rows = await session.query<{ holder: string }>(
    `SELECT DISTINCT pg_catalog.format('prepared transaction %s (COMMIT PREPARED or ROLLBACK PREPARED ends it)', ${PREPARED}) AS holder
       FROM pg_catalog.pg_prepared_xacts x
         JOIN pg_catalog.pg_locks own ON own.pid IS NULL AND own.locktype = 'transactionid' AND own.granted
           AND own.transactionid = x.transaction
         JOIN pg_catalog.pg_locks l ON l.pid IS NULL AND l.virtualtransaction = own.virtualtransaction
      WHERE x.database = pg_catalog.current_database() AND l.granted AND l.locktype IN ('relation', 'object')
        AND (l.relation IS NULL OR l.relation >= 16384)
        AND (NOT $1 OR l.mode IN ('AccessExclusiveLock', 'ExclusiveLock')) LIMIT 5`,
    [onlyExclusive],
  );
  return rows.map(({ holder }) => holder);
}

export const PREPARED_HINT =
  'Connect to that database as their owner or a superuser, and end each with COMMIT PREPARED or ROLLBACK PREPARED.';
