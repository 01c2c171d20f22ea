import type { PostgresSession } from './postgres-session.js';

/**
 * Who holds locks on objects of the current database besides us, as a person can find them: "pid 4711, user app,
 * application psql, since 12:30:01". At most five.
 */
export async function lockHolders(session: PostgresSession, onlyExclusive: boolean): Promise<string> {
  const rows = await session.query<{ holder: string }>(
    `SELECT DISTINCT format('pid %s, user %s, application %s', l.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'))
              || coalesce(', ' || a.state, '') AS holder
       FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.granted AND l.locktype IN ('relation', 'object') AND l.pid <> pg_catalog.pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND (l.relation IS NULL OR l.relation >= 16384)
        AND (NOT $1 OR l.mode IN ('AccessExclusiveLock', 'ExclusiveLock'))
        AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
      LIMIT 5`,
    [onlyExclusive],
  );
  return rows.length === 0 ? 'a session that is gone by now' : rows.map((row) => row.holder).join('; ');
}
