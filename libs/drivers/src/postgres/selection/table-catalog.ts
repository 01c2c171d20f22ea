import type { PostgresSession } from '../login/postgres-session.js';
import type { ForeignKey } from './copy-schemas.js';
import type { QualifiedName } from '../script/script-names.js';

export interface Relation extends QualifiedName {
  oid: string;
  /** `pg_class.relkind`. */
  kind: string;
}

/** Returns the relations that the selected names are now, and all partitions below them. It leaves out a name that is nothing. */
export async function relationsOf(session: PostgresSession, selected: readonly QualifiedName[]): Promise<Relation[]> {
  return session.query<Relation & Record<string, unknown>>(
    `WITH RECURSIVE found AS (
       SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         JOIN unnest($1::text[], $2::text[]) AS wanted(schema, name) ON n.nspname = wanted.schema AND c.relname = wanted.name
       UNION SELECT c.oid FROM found JOIN pg_catalog.pg_inherits i ON i.inhparent = found.oid
         JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p', 'f'))
     SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind
       FROM found JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ORDER BY c.oid`,
    [selected.map(({ schema }) => schema), selected.map(({ name }) => name)],
  );
}

/** Those relations of the database that these keys name (`format('%I.%I')`). */
export async function namesOf(session: PostgresSession, keys: readonly string[]): Promise<QualifiedName[]> {
  return session.query<QualifiedName & Record<string, unknown>>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE pg_catalog.format('%I.%I', n.nspname, c.relname) = ANY ($1)`,
    [keys],
  );
}

/** Every table of the database, without the system's and extensions' own. */
export async function allTables(session: PostgresSession): Promise<Relation[]> {
  return session.query<Relation & Record<string, unknown>>(
    `SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
          AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.oid`,
  );
}

/** Sequences that belong to columns of these tables. They go where their tables go. */
export async function ownedSequences(session: PostgresSession, oids: readonly string[]): Promise<Relation[]> {
  return session.query<Relation & Record<string, unknown>>(
    `SELECT DISTINCT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind
       FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjid = ANY ($1::oid[]) AND d.deptype IN ('a', 'i')`,
    [oids],
  );
}

/** Extended statistics have a schema of their own, and stay there when their table goes. */
export async function statisticsOf(session: PostgresSession, oids: readonly string[]): Promise<QualifiedName[]> {
  return session.query<QualifiedName & Record<string, unknown>>(
    `SELECT n.nspname::text AS schema, s.stxname::text AS name FROM pg_catalog.pg_statistic_ext s
       JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = ANY ($1::oid[]) ORDER BY s.oid`,
    [oids],
  );
}

/** The triggers that a foreign key consists of, on both its tables and on their partitions. */
export function keyTriggers(constraint: string): string {
  return `WITH RECURSIVE tree(oid) AS (
      SELECT ${constraint} UNION ALL SELECT c.oid FROM tree JOIN pg_catalog.pg_constraint c ON c.conparentid = tree.oid)
    SELECT tn.nspname::text AS schema, tc.relname::text AS "table", tp.proname::text AS function, tg.tgenabled::text AS enabled,
           tg.tgname::text AS name
      FROM tree JOIN pg_catalog.pg_trigger tg ON tg.tgconstraint = tree.oid
        JOIN pg_catalog.pg_class tc ON tc.oid = tg.tgrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
        JOIN pg_catalog.pg_proc tp ON tp.oid = tg.tgfoid`;
}

/** Foreign keys between these tables and others; those of partitions go with those of their parents. */
export async function foreignKeysAcross(
  session: PostgresSession,
  oids: readonly string[],
  direction: 'from them' | 'to them',
): Promise<ForeignKey[]> {
  const [own, other] = direction === 'from them' ? ['conrelid', 'confrelid'] : ['confrelid', 'conrelid'];
  const columns = (relation: string, keys: string): string =>
    `ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.${keys}) WITH ORDINALITY AS u(number, place)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.${relation} AND a.attnum = u.number ORDER BY u.place)`;
  return session.query<ForeignKey & Record<string, unknown>>(
    `SELECT n.nspname::text AS home, c.relname::text AS "table", k.conname::text AS name, ${columns('conrelid', 'conkey')} AS columns,
            pg_catalog.json_build_object('schema', m.nspname, 'name', t.relname) AS target,
            ${columns('confrelid', 'confkey')} AS "targetColumns", pg_catalog.pg_get_constraintdef(k.oid) AS definition,
            pg_catalog.obj_description(k.oid, 'pg_constraint') AS comment,
            coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('schema', s.schema, 'table', s."table", 'function', s.function, 'enabled', s.enabled))
               FROM (${keyTriggers('k.oid')}) s WHERE s.enabled <> 'O'), '[]') AS triggers
       FROM pg_catalog.pg_constraint k
         JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_catalog.pg_class t ON t.oid = k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
      WHERE k.contype = 'f' AND k.conparentid = 0 AND k.${own} = ANY ($1::oid[]) AND NOT k.${other} = ANY ($1::oid[])
      ORDER BY k.oid`,
    [oids],
  );
}
