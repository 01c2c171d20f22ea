import { DomainError } from '@app/domain';
import { isServerError } from './postgres-errors.js';
import type { PostgresSession } from './postgres-session.js';
import { PREPARED, preparedHolders } from './prepared-transactions.js';

const QUERY_SHOWN = 80;
/** Smaller numbers are those of system catalogs, which every session reads: only sessions that lock others out of them are named. */
const FIRST_USER_OID = 16_384;

/** Describes a process: `l` is its locks, `a` its activity, `c` and `n` what it has locked. */
const HOLDER = `pg_catalog.format('pid %s, user %s, application %s', l.pid, max(a.usename), coalesce(nullif(max(a.application_name), ''), '?'))
              || coalesce(', ' || max(a.state) || coalesce(' since ' || pg_catalog.to_char(max(a.state_change) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', ''), '')
              || coalesce(', with a lock on ' || min(pg_catalog.format('%I.%I', n.nspname, c.relname)), '')
              || coalesce(', last query: ' || nullif(pg_catalog.left(pg_catalog.regexp_replace(pg_catalog.regexp_replace(max(a.query),
                   $q$'([^']|'')*'?$q$, $q$'…'$q$, 'g'), '\\s+', ' ', 'g'), ${QUERY_SHOWN}), ''), '')`;

/**
 * Who holds locks on objects of the current database other than us, as a person can find and judge them: "pid 4711, user app,
 * application psql, idle in transaction since 2026-11-29 12:30:01 UTC, with a lock on public.orders, last query: UPDATE orders
 * SET …". At most five; before them the prepared transactions that do, as they have no session. Texts in the query are left out: they may be data.
 */
export async function lockHolders(session: PostgresSession, onlyExclusive: boolean): Promise<string> {
  const prepared = await preparedHolders(session, onlyExclusive);
  const rows = await session.query<{ holder: string }>(
    `SELECT ${HOLDER} AS holder
       FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
       LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE l.granted AND l.pid IS NOT NULL AND l.locktype IN ('relation', 'object') AND l.pid <> pg_catalog.pg_backend_pid()
        AND (l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) OR l.database = 0)
        AND CASE WHEN l.relation < ${FIRST_USER_OID} THEN l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
          ELSE l.database <> 0 AND (NOT $1 OR l.mode IN ('AccessExclusiveLock', 'ExclusiveLock')) END
        AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
      GROUP BY l.pid ORDER BY coalesce(bool_or(l.relation < ${FIRST_USER_OID}), false) DESC, min(a.xact_start), l.pid LIMIT 5`,
    [onlyExclusive],
  );
  const holders = [...prepared, ...rows.map((row) => row.holder)];
  return holders.length === 0 ? 'a session that is gone by now' : holders.join('; ');
}

/**
 * The same for those for whose lock this session of ours waits at the moment, whatever is locked. Where it is the catalogs that
 * would tell more, only the numbers of the processes.
 */
export async function blockersOf(session: PostgresSession, waiting: number): Promise<string> {
  try {
    return await describedBlockers(session, waiting);
  } catch (error) {
    if (!isServerError(error) || error.code !== '55P03') throw error;
    const rows = await session.query<{ pid: number }>(BLOCKERS, [waiting]);
    return rows.map(({ pid }) => `pid ${pid}`).join('; ');
  }
}

export const BLOCKERS = 'SELECT unnest(pg_blocking_pids($1)) AS pid';

async function describedBlockers(session: PostgresSession, waiting: number): Promise<string> {
  const rows = await session.query<{ holder: string }>(
    `WITH wanted AS (SELECT * FROM pg_catalog.pg_locks WHERE pid = $1 AND NOT granted),
          held AS (SELECT l.* FROM wanted w JOIN pg_catalog.pg_locks l ON l.locktype = w.locktype AND l.granted
            AND (l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid, l.objid, l.objsubid)
              IS NOT DISTINCT FROM (w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid, w.objsubid))
     SELECT ${HOLDER} AS holder
       FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS l (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
       LEFT JOIN held h ON h.pid = l.pid LEFT JOIN pg_catalog.pg_class c ON c.oid = h.relation
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE l.pid <> 0 GROUP BY l.pid
     UNION ALL
     SELECT pg_catalog.format('prepared transaction %s', ${PREPARED})
       FROM held h JOIN pg_catalog.pg_locks own ON own.virtualtransaction = h.virtualtransaction AND own.locktype = 'transactionid' AND own.granted
         JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = own.transactionid
      WHERE h.pid IS NULL LIMIT 5`,
    [waiting],
  );
  return rows.length === 0 ? 'a session that is gone by now' : rows.map(({ holder }) => holder).join('; ');
}

/** BUSY, with the sessions whose exclusive locks we waited for in vain. */
export async function lockedOut(session: PostgresSession, cause: unknown): Promise<DomainError> {
  if (session.client.getTransactionStatus() !== 'I') await session.query('ROLLBACK').catch(() => undefined);
  const holders = await lockHolders(session, true).catch(() => 'they could not be listed');
  return new DomainError('BUSY', `A table of "${session.connection.database}" is locked.`, {
    hint: `Let these sessions finish, or end them: ${holders}.`,
    cause,
  });
}
