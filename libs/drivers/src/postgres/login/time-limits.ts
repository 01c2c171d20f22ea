import type { PostgresSession } from './postgres-session.js';

/**
 * For work that takes its time or must not be broken off: no limit that a role or database may have set ends it, but for
 * waiting for somebody's lock.
 */
export async function liftTimeLimits(session: PostgresSession, lockTimeoutMs: number): Promise<void> {
  // First and alone, as the next query might already take too long.
  await session.query('SET statement_timeout = 0');
  await session.query(
    `SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
      WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`,
  );
  await session.query(`SET lock_timeout = ${lockTimeoutMs}`);
}
