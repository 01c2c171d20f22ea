import { DomainError, someOf } from '@app/domain';
import { tableKey } from '../dump/table-key.js';
import type { PostgresSession } from '../login/postgres-session.js';
import type { QualifiedName } from '../script/script-names.js';
import { ownedSequences } from './table-catalog.js';
import type { Relation } from './table-catalog.js';

const SHOWN = 10;

/** UNSUPPORTED, naming everything that would not survive it if these tables gave their place to others. */
export async function requireReplaceable(session: PostgresSession, tables: readonly Relation[]): Promise<void> {
  const others = tables.filter(({ kind }) => kind !== 'r' && kind !== 'p');
  const phrases = others.map((relation) => `${keyOf(relation)} is ${KINDS[relation.kind] ?? 'no table'}`);
  phrases.push(...(await acrossInheritance(session, tables)), ...(await strangeSequences(session, tables)));
  if (phrases.length === 0) {
    phrases.push(
      ...(await followers(session, tables)).map((follower) => `${follower} depends on it`),
      ...(await replication(session, tables)),
    );
  }
  if (phrases.length === 0) return;
  throw new DomainError(
    'UNSUPPORTED',
    `Tables of "${session.connection.database}" cannot be replaced alone: ${someOf(phrases, { most: SHOWN, separator: '; ' })}.`,
    {
      hint: 'Nothing was changed. Name the other tables, too, or restore into another database with target_database.',
    },
  );
}

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view there',
  m: 'a materialized view there',
  f: 'a foreign table there',
  S: 'a sequence there',
  i: 'an index there',
  I: 'an index there',
  c: 'a type there',
};

/** A table that inherits, or is a partition, of one that is not among them; or the other way round. */
export async function acrossInheritance(session: PostgresSession, tables: readonly Relation[]): Promise<string[]> {
  const rows = await session.query<{ parent: string; child: string; partition: boolean }>(
    `SELECT p.oid::regclass::text AS parent, c.oid::regclass::text AS child, c.relispartition AS partition
       FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
      WHERE c.relkind IN ('r', 'p', 'f') AND (i.inhparent = ANY ($1::oid[])) <> (i.inhrelid = ANY ($1::oid[])) ORDER BY 1, 2`,
    [oidsOf(tables)],
  );
  return rows.map(({ parent, child, partition }) =>
    partition ? `${child} is a partition of ${parent}` : `${child} inherits from ${parent}`,
  );
}

async function strangeSequences(session: PostgresSession, tables: readonly Relation[]): Promise<string[]> {
  const schemas = new Set(tables.map(({ schema }) => schema));
  return (await ownedSequences(session, oidsOf(tables)))
    .filter(({ schema }) => !schemas.has(schema))
    .map((sequence) => `its sequence ${keyOf(sequence)} is in another schema`);
}

/**
 * Objects of others that refer to the tables themselves, and not to their names: the server would let them follow the old
 * table. Foreign keys are not among them, as they can be made anew.
 */
async function followers(session: PostgresSession, tables: readonly Relation[]): Promise<string[]> {
  const rows = await session.query<{ follower: string }>(
    `WITH RECURSIVE own(classid, objid) AS (
       SELECT 'pg_catalog.pg_class'::regclass::oid, o FROM pg_catalog.unnest($1::oid[]) AS o
       UNION SELECT d.classid, d.objid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = own.classid AND d.refobjid = own.objid
        WHERE d.deptype IN ('a', 'i', 'P', 'S') AND d.classid <> 'pg_catalog.pg_publication_rel'::regclass),
     strangers AS (
       SELECT DISTINCT d.classid, d.objid, d.objsubid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = own.classid AND d.refobjid = own.objid
        WHERE d.classid <> 'pg_catalog.pg_publication_rel'::regclass
          AND NOT EXISTS (SELECT FROM own o WHERE o.classid = d.classid AND o.objid = d.objid)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
            WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'f')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
            WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid AND t.tgisinternal))
     SELECT DISTINCT coalesce(
         (SELECT CASE WHEN r.rulename = '_RETURN' THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.ev_class, 0) END
            FROM pg_catalog.pg_rewrite r WHERE s.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = s.objid),
         pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid)) AS follower
       FROM strangers s
     -- Dropped with the table that they name behind FROM, although they belong to another one.
     UNION SELECT pg_catalog.pg_describe_object('pg_catalog.pg_trigger'::regclass, t.oid, 0) FROM pg_catalog.pg_trigger t
      WHERE t.tgconstrrelid = ANY ($1::oid[]) AND NOT t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal ORDER BY 1`,
    [oidsOf(tables)],
  );
  return rows.map(({ follower }) => (IN_KEPT.test(follower) ? `${follower} (${KEPT_FOR_UNDO})` : follower));
}

const IN_KEPT = /\b__before_[0-9a-z]+_\d+\./;
const KEPT_FOR_UNDO = 'kept for the undo of an earlier restore of tables, which can be given up';

/** Finds what the server knows these tables by, and this user could not make the same again for others in their place. */
async function replication(session: PostgresSession, tables: readonly Relation[]): Promise<string[]> {
  const published = await session.query<{ table: string; publication: string }>(
    `SELECT r.prrelid::regclass::text AS "table", pg_catalog.quote_ident(p.pubname) AS publication
       FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
      WHERE r.prrelid = ANY ($1::oid[]) AND NOT pg_catalog.pg_has_role(p.pubowner, 'USAGE') ORDER BY 1, 2`,
    [oidsOf(tables)],
  );
  const subscribed = await session.query<{ table: string }>(
    `SELECT DISTINCT srrelid::regclass::text AS "table" FROM pg_catalog.pg_subscription_rel WHERE srrelid = ANY ($1::oid[])`,
    [oidsOf(tables)],
  );
  const members = await session.query<{ table: string; extension: string }>(
    `SELECT d.objid::regclass::text AS "table", pg_catalog.quote_ident(e.extname) AS extension
       FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_extension'::regclass
        AND d.objid = ANY ($1::oid[]) AND d.deptype = 'e' ORDER BY 1, 2`,
    [oidsOf(tables)],
  );
  return [
    ...published.map(
      ({ table, publication }) => `publication ${publication}, which only its owner may alter, publishes ${table}`,
    ),
    ...subscribed.map(({ table }) => `a subscription fills ${table}`),
    ...members.map(({ table, extension }) => `${table} belongs to extension ${extension}`),
  ];
}

function keyOf({ schema, name }: QualifiedName): string {
  return tableKey(schema, name);
}

function oidsOf(tables: readonly Relation[]): string[] {
  return tables.map(({ oid }) => oid);
}
