import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '@app/domain';
import { APPLICATION_NAME } from './login/postgres-session.js';
import type { PostgresSession } from './login/postgres-session.js';

const ENDS_WITHIN_MS = 15_000;
const POLL_MS = 20;

/** The beginning of every command of ours that makes a database of this name. */
export function creationOf(name: string): string {
  return `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0`;
}

/** See `DbDriver.endCreation`. Only our own sessions can be seen without further rights, and it is one of them. */
export async function endCreation(session: PostgresSession, name: string): Promise<void> {
  const deadline = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    const found = await session.query<{ pid: number }>(
      `SELECT pid, pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
        WHERE pid <> pg_catalog.pg_backend_pid() AND usename = session_user AND application_name = $1
          AND state = 'active' AND pg_catalog.strpos(query, $2) = 1`,
      [APPLICATION_NAME, creationOf(name)],
    );
    if (found.length === 0) return;
    if (performance.now() >= deadline) {
      throw new DomainError('BUSY', `The session that creates "${name}" (pid ${found[0]?.pid}) does not end.`, {
        hint: 'Look at what the server is waiting for; it is tried again.',
      });
    }
    await sleep(POLL_MS);
  }
}
