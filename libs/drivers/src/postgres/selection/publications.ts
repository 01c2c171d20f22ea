import pg from 'pg';
import { DomainError, someOf } from '@app/domain';
import { tableKey } from '../dump/table-key.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { sqlName } from './copy-schemas.js';
import type { Membership } from './copy-schemas.js';
import type { Relation } from './table-catalog.js';

/** How the server finds the old row of an UPDATE or DELETE that it sends to subscribers. */
export interface ReplicaIdentity {
  home: string;
  table: string;
  /** `pg_class.relreplident`: default, full, nothing, index. */
  kind: 'd' | 'f' | 'n' | 'i';
  index: string | null;
}

/** The publications that name these tables. Publications of whole schemas or of all tables find their tables by themselves. */
export async function membershipsOf(session: PostgresSession, oids: readonly string[]): Promise<Membership[]> {
  const { filtered } = await session.queryOne<{ filtered: boolean }>(
    `SELECT pg_catalog.current_setting('server_version_num')::int >= 150000 AS filtered`,
  );
  const details = filtered
    ? `CASE WHEN r.prattrs IS NOT NULL THEN ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(r.prattrs::int2[]) WITH ORDINALITY AS u (number, place)
         JOIN pg_catalog.pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = u.number ORDER BY u.place) END AS columns,
       pg_catalog.pg_get_expr(r.prqual, r.prrelid) AS condition`
    : 'NULL::text[] AS columns, NULL::text AS condition';
  return session.query<Membership & Record<string, unknown>>(
    `SELECT n.nspname::text AS home, c.relname::text AS "table", p.pubname::text AS publication, ${details}
       FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
         JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE r.prrelid = ANY ($1::oid[]) ORDER BY p.oid, c.oid`,
    [oids],
  );
}

export async function leavePublications(session: PostgresSession, memberships: readonly Membership[]): Promise<void> {
  for (const { publication, home, table } of memberships) {
    await session.query(`ALTER PUBLICATION ${quoted(publication)} DROP TABLE ONLY ${sqlName(home, table)}`);
  }
}

/**
 * Puts the tables that have come into their places into the publications of those that were there. UNSUPPORTED where one does not
 * fit. Resolves with warnings.
 */
export async function joinPublications(
  session: PostgresSession,
  memberships: readonly Membership[],
  present: readonly Relation[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const membership of memberships) {
    const { home, table, publication } = membership;
    if (isAmong(present, home, table)) await join(session, membership);
    else
      warnings.push(
        `${tableKey(home, table)} was published by ${quoted(publication)} and is not among what came back.`,
      );
  }
  return warnings;
}

/**
 * The same for tables of which there were none: by what the dump, or the kept copy, says about them, as far as this user may and
 * the publications are still there.
 */
export async function joinFormerPublications(
  session: PostgresSession,
  memberships: readonly Membership[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const membership of memberships) {
    const { home, table, publication } = membership;
    const [found] = await session.query<{ all: boolean; mine: boolean }>(
      `SELECT puballtables AS "all", pg_catalog.pg_has_role(pubowner, 'USAGE') AS mine FROM pg_catalog.pg_publication WHERE pubname = $1`,
      [publication],
    );
    if (found?.all === true) continue;
    const published = `${tableKey(home, table)} was published by ${quoted(publication)}`;
    if (found === undefined) warnings.push(`${published}, which is not there any more.`);
    else if (found.mine) await join(session, membership);
    else warnings.push(`${published}, whose owner has to add it again: ALTER PUBLICATION … ADD TABLE.`);
  }
  return warnings;
}

async function join(session: PostgresSession, membership: Membership): Promise<void> {
  const { home, table, publication, columns, condition } = membership;
  const name = sqlName(home, table);
  const list = columns === null ? '' : ` (${columns.map(quoted).join(', ')})`;
  const filter = condition === null ? '' : ` WHERE (${condition})`;
  try {
    await session.query(`ALTER PUBLICATION ${quoted(publication)} ADD TABLE ONLY ${name}${list}${filter}`);
  } catch (error) {
    if (!isServerError(error) || isOfTheMoment(error.code)) throw error;
    throw new DomainError(
      'UNSUPPORTED',
      `${tableKey(home, table)} cannot be published by ${quoted(publication)} as before: ${serverWords(error)}.`,
      {
        hint: `Nothing was changed. Take the table out of the publication (ALTER PUBLICATION ${quoted(publication)} DROP TABLE ${name}), restore, and add it again.`,
        cause: error,
      },
    );
  }
}

/** Returns the replica identities of tables that are published, by name or not. */
export async function identitiesOf(session: PostgresSession, oids: readonly string[]): Promise<ReplicaIdentity[]> {
  return session.query<ReplicaIdentity & Record<string, unknown>>(
    `${PUBLISHED} SELECT n.nspname::text AS home, c.relname::text AS "table", c.relreplident::text AS kind,
            (SELECT x.relname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
              WHERE i.indrelid = c.oid AND i.indisreplident) AS index
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid IN (SELECT oid FROM published) AND c.relkind IN ('r', 'p') ORDER BY c.oid`,
    [oids],
  );
}

/** The tables among $1 that a publication covers: by name, by a table above them, by their schema, or as all tables. */
const PUBLISHED = `WITH RECURSIVE above(oid, ancestor) AS (
    SELECT o, o FROM pg_catalog.unnest($1::oid[]) AS o
    UNION SELECT a.oid, i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.ancestor
      JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid AND k.relispartition),
  published AS (
    SELECT DISTINCT a.oid, p.pubname, p.puballtables, p.pubupdate OR p.pubdelete AS changes
      FROM pg_catalog.pg_publication p, LATERAL pg_catalog.pg_get_publication_tables(p.pubname::text) t
        JOIN above a ON a.ancestor = t.relid)`;

/** The tables that have come into their places are identified as those were that they replace. Resolves with warnings. */
export async function identifyAs(
  session: PostgresSession,
  identities: readonly ReplicaIdentity[],
  present: readonly Relation[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const { home, table, kind, index } of identities) {
    if (!isAmong(present, home, table)) continue;
    const wanted =
      kind === 'i' && index !== null
        ? `USING INDEX ${quoted(index)}`
        : ({ d: 'DEFAULT', f: 'FULL', n: 'NOTHING', i: 'NOTHING' } as const)[kind];
    await session.query('SAVEPOINT replica_identity');
    try {
      await session.query(`ALTER TABLE ONLY ${sqlName(home, table)} REPLICA IDENTITY ${wanted}`);
      await session.query('RELEASE SAVEPOINT replica_identity');
    } catch (error) {
      if (!isServerError(error) || isOfTheMoment(error.code)) throw error;
      await session.query('ROLLBACK TO SAVEPOINT replica_identity');
      warnings.push(
        `${tableKey(home, table)} cannot have the replica identity ${wanted} as before: ${serverWords(error)}. It has that of the backup.`,
      );
    }
  }
  return warnings;
}

/** Warnings about restored tables that are published. `oids`: the tables that are in their places now. */
export async function replicationWarnings(
  session: PostgresSession,
  oids: readonly string[],
  outgoing: readonly string[],
): Promise<string[]> {
  const tables = await session.query<{
    name: string;
    publications: string;
    all: boolean;
    changes: boolean;
    found: boolean;
  }>(
    `${PUBLISHED} SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
            pg_catalog.string_agg(pg_catalog.quote_ident(p.pubname), ', ' ORDER BY p.pubname) AS publications,
            pg_catalog.bool_or(p.puballtables) AS "all", pg_catalog.bool_or(p.changes) AS changes,
            c.relkind = 'p' OR c.relreplident = 'f' OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid
              AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END) AS found
       FROM published p JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') GROUP BY n.nspname, c.relname, c.relkind, c.relreplident, c.oid ORDER BY c.oid`,
    [oids],
  );
  if (tables.length === 0) return [];
  const warnings: string[] = [];
  const stuck = tables.filter(({ changes, found }) => changes && !found);
  if (stuck.length > 0) {
    warnings.push(
      `The server refuses UPDATE and DELETE in ${someOf(stuck.map(({ name }) => name))}, published without a replica identity: add a primary key, or ALTER TABLE … REPLICA IDENTITY FULL.`,
    );
  }
  if (!(await decodes(session))) return warnings;
  warnings.push(
    `Subscribers still hold the rows from before in ${someOf(tables.map(({ name, publications }) => `${name} (publication ${publications})`))}. On each, empty these tables and have them copied again: the restore itself is not replicated.`,
  );
  if (tables.some(({ all }) => all) && outgoing.length > 0) {
    warnings.push(
      `Until what was replaced is dropped, its tables in ${outgoing.join(', ')} are part of a publication of all tables: ALTER SUBSCRIPTION … REFRESH PUBLICATION has to wait for that.`,
    );
  }
  return warnings;
}

/**
 * Whether rows put into a new table would be sent to subscribers under the name of a copy, which they do not know: that stops
 * them. Unlogged tables are not replicated.
 */
export async function publishesEverything(session: PostgresSession): Promise<boolean> {
  const rows = await session.query('SELECT FROM pg_catalog.pg_publication WHERE puballtables LIMIT 1');
  return rows.length > 0 && (await decodes(session));
}

async function decodes(session: PostgresSession): Promise<boolean> {
  const { level } = await session.queryOne<{ level: string }>(
    `SELECT pg_catalog.current_setting('wal_level') AS level`,
  );
  return level === 'logical';
}

export function isAmong(relations: readonly Relation[], schema: string, name: string): boolean {
  return relations.some((relation) => relation.schema === schema && relation.name === name);
}

/** Locks, deadlocks, lost connections, cancelled queries: nothing that is wrong with the table. */
function isOfTheMoment(code: string): boolean {
  return ['55P03', '40P01', '57014'].includes(code) || code.startsWith('08') || code.startsWith('57P');
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
