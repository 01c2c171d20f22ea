import type { MysqlSession } from '../../login/mysql-session.js';

/** From here on the session waits for locks of tables so long, not a day, and takes its time for all else. */
export async function waitForLocks(session: MysqlSession, lockTimeoutMs: number): Promise<void> {
  await session.run(`SET SESSION lock_wait_timeout = ${Math.max(1, Math.ceil(lockTimeoutMs / 1000))}`);
  const { flavour } = await session.serverInfo();
  await session.run(`SET SESSION ${flavour === 'MariaDB' ? 'max_statement_time' : 'max_execution_time'} = 0`);
}
