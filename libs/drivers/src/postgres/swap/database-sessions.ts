import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, someOf } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';

const FIRST_POLL_MS = 3;
const LAST_POLL_MS = 100;

export interface DatabaseSession {
  pid: number;
  /** The session as a person can find it: "pid 4711, user app, application psql, idle". */
  holder: string;
  /** Somebody's, as opposed to workers of the server. */
  client: boolean;
  /** Whether we may end it. */
  endable: boolean;
}

/**
 * Who may end whose session, as `pg_terminate_backend` sees it. Where we may not end the server's own workers, they are left
 * out: the server sends them away itself when a database is renamed or dropped.
 */
const SESSIONS = `
  SELECT a.pid, a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend' AS client,
         format('pid %s, user %s, application %s', a.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'))
           || coalesce(', ' || a.state, '') AS holder,
         current_setting('is_superuser') = 'on' OR NOT coalesce(r.rolsuper, false)
           AND (pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')) AS endable
    FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
   WHERE a.datname = ANY ($1::text[]) AND a.pid <> pg_backend_pid()
     AND (a.usesysid IS NOT NULL OR current_setting('is_superuser') = 'on')`;

export async function sessionsIn(session: PostgresSession, databases: readonly string[]): Promise<DatabaseSession[]> {
  return session.query<{ pid: number; holder: string; client: boolean; endable: boolean }>(
    `${SESSIONS} ORDER BY a.pid`,
    [databases],
  );
}

/**
 * Ends all sessions in these databases, which nobody can enter any more. Resolves with how many of clients there were.
 * BUSY, naming them, with those that we may not end, or that do not go within `patienceMs`.
 */
export async function endSessions(
  session: PostgresSession,
  databases: readonly string[],
  options: { patienceMs: number; check: () => void },
): Promise<number> {
  const ended = new Set<number>();
  const deadline = performance.now() + options.patienceMs;
  for (let poll = FIRST_POLL_MS; ; poll = Math.min(2 * poll, LAST_POLL_MS)) {
    // In one query, so that many sessions do not cost many round trips.
    const left = await session.query<{ pid: number; holder: string; client: boolean; endable: boolean }>(
      `SELECT s.*, CASE WHEN s.endable THEN pg_terminate_backend(s.pid) END AS done
         FROM (${SESSIONS}) s`,
      [databases],
    );
    if (left.length === 0) return ended.size;
    for (const { pid, client } of left) if (client) ended.add(pid);
    const kept = left.filter(({ endable }) => !endable);
    if (kept.length > 0) throw inUse(databases, kept, 'which this user may not end');
    if (performance.now() > deadline) throw inUse(databases, left, 'which do not end');
    options.check();
    await sleep(poll);
  }
}

export function namesOf(sessions: readonly DatabaseSession[]): string {
  const holders = sessions.map(({ holder }) => holder);
  return someOf(holders, { separator: '; ' });
}

function inUse(databases: readonly string[], sessions: readonly DatabaseSession[], why: string): DomainError {
  return new DomainError('BUSY', `"${databases[0]}" is in use by sessions ${why}. Nothing was changed.`, {
    hint: `Let these sessions finish, or end them: ${namesOf(sessions)}.`,
  });
}
