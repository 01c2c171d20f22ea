import type { PostgresSession } from './postgres-session.js';

/** Insufficient privilege, and a function that this server does not have (before 9.6, or another program's imitation). */
const CANNOT_BE_TOLD = new Set(['42501', '42883']);

/**
 * The cluster's own number, and what a clone of its files differs in from the original: whether it follows
 * another server, its timeline and its port. The name of the database and not its oid, because a swap changes the oid.
 */
export async function askIdentity(session: PostgresSession): Promise<string | undefined> {
  try {
    const row = await session.queryOne<{
      cluster: string;
      timeline: number;
      port: string;
      standby: boolean;
      name: string;
    }>(
      `SELECT s.system_identifier::text AS cluster, c.timeline_id AS timeline, current_setting('port') AS port,
         pg_is_in_recovery() AS standby, current_database() AS name
       FROM pg_control_system() s, pg_control_checkpoint() c`,
    );
    return JSON.stringify(['PostgreSQL', row.cluster, row.timeline, row.port, row.standby, row.name]);
  } catch (error) {
    if (CANNOT_BE_TOLD.has((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
}
