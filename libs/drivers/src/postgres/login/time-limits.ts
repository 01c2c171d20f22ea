import type { PostgresSession } from './postgres-session.js';

/** How long the session waits for somebody's lock; nothing else limits the time that its work takes. */
export async function waitForLocks(session: PostgresSession, lockTimeoutMs: number): Promise<void> {
  await session.query(`SET lock_timeout = ${lockTimeoutMs}`);
}
