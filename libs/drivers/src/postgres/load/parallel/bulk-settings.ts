import type { PostgresSession } from '../../login/postgres-session.js';
import { waitForLocks } from '../../login/time-limits.js';

/** How long to wait for autovacuum, which then gives way; the server's default is a second. */
const AUTOVACUUM_WAIT_MS = 20;

/**
 * For sessions that load a staging database, which nobody uses. What they commit need not be on disk before it is swapped in:
 * the commit of that waits for all before it. An index is sorted in up to an eighth of what the server keeps its pages in,
 * within bounds that neither starve it nor take much where there are several of them.
 */
export async function setForBulkLoad(session: PostgresSession): Promise<void> {
  await letAutovacuumGiveWay(session);
  await session.query(
    `SELECT set_config(s.name, CASE s.name WHEN 'synchronous_commit' THEN 'off' ELSE m.kb || 'kB' END, false)
       FROM pg_settings s, (SELECT greatest(current.setting::bigint, least(524288, greatest(65536, pages.setting::bigint * 8 / 4))) AS kb
         FROM pg_settings current, pg_settings pages WHERE current.name = 'maintenance_work_mem' AND pages.name = 'shared_buffers') m
      WHERE s.name IN ('synchronous_commit', 'maintenance_work_mem')`,
  );
  await session.query('RESET search_path');
}

/**
 * Nobody else holds locks on a staging database but autovacuum, which looks at tables as soon as they have rows, and gives way when
 * somebody has waited for `deadlock_timeout`, which only a superuser sets. So waiting for a lock is else waiting for one of our own,
 * and no limit of time is of use.
 */
export async function letAutovacuumGiveWay(session: PostgresSession): Promise<void> {
  await waitForLocks(session, 0);
  await session.query(
    `SELECT set_config('deadlock_timeout', '${AUTOVACUUM_WAIT_MS}', false) FROM pg_roles WHERE rolname = current_user AND rolsuper`,
  );
}
