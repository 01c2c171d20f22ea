import { someOf } from '@app/domain';
import type { PostgresSession } from '../../login/postgres-session.js';

/**
 * What a restore in place would cost those who subscribe to the database, in whole sentences: its publications are dropped and
 * come again with the dump, but a subscriber's stream ends where there were none, or sends rows that the subscriber has.
 */
export async function replicationLosses(session: PostgresSession): Promise<string[]> {
  const slots = await session.query<{ name: string }>(
    `SELECT pg_catalog.format('%I', slot_name) AS name FROM pg_catalog.pg_replication_slots
      WHERE database = pg_catalog.current_database() AND NOT temporary ORDER BY 1`,
  );
  if (slots.length === 0) return [];
  return [
    `Logical replication from "${session.connection.database}" stops then: all tables and publications are made anew, and what reads the replication slots ${someOf(slots.map(({ name }) => name))} cannot follow. Make those subscriptions anew afterwards, with a copy of all rows.`,
  ];
}

/** Each publication, and each table that one names. */
export async function publishedIn(session: PostgresSession): Promise<string[]> {
  const rows = await session.query<{ what: string }>(
    `SELECT pg_catalog.format('publication %I', pubname) AS what FROM pg_catalog.pg_publication
     UNION ALL SELECT pg_catalog.format('%I.%I in publication %I', n.nspname, c.relname, p.pubname)
       FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
         JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY 1`,
  );
  return rows.map(({ what }) => what);
}

export async function unpublishedSince(session: PostgresSession, before: readonly string[]): Promise<string[]> {
  const now = new Set(await publishedIn(session));
  const lost = before.filter((what) => !now.has(what));
  const gone = lost.filter((what) => what.startsWith('publication '));
  const named = lost.filter((what) => !gone.some((publication) => what.endsWith(` in ${publication}`)));
  if (named.length === 0) return [];
  return [`Not published any more, as the backup does not say so: ${someOf(named)}.`];
}
