import type { PostgresSession } from '../login/postgres-session.js';

/**
 * For sessions that load a copy which nobody uses. What they commit need not be on disk before the copy takes its place:
 * the commit of that waits for all before it. An index is sorted in up to an eighth of what the server keeps its pages in,
 * within bounds that neither starve it nor take much beside several of them. Nobody else holds locks there but autovacuum,
 * which gives way, so that waiting for one is waiting for one of our own.
 */
export async function setForBulkLoad(session: PostgresSession): Promise<void> {
  await session.query('SET statement_timeout = 0');
  await session.query(
    `SELECT set_config(s.name, CASE s.name WHEN 'synchronous_commit' THEN 'off' WHEN 'maintenance_work_mem' THEN m.kb || 'kB' ELSE '0' END, false)
       FROM pg_settings s, (SELECT greatest(current.setting::bigint, least(524288, greatest(65536, pages.setting::bigint * 8 / 4))) AS kb
         FROM pg_settings current, pg_settings pages WHERE current.name = 'maintenance_work_mem' AND pages.name = 'shared_buffers') m
      WHERE s.name IN ('synchronous_commit', 'maintenance_work_mem', 'lock_timeout', 'idle_in_transaction_session_timeout',
        'idle_session_timeout', 'transaction_timeout')`,
  );
  await session.query('RESET search_path');
}
