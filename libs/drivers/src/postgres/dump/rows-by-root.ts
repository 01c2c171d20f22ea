import type { PostgresSession } from '../login/postgres-session.js';

/**
 * The columns and expressions by whose hash tables are partitioned. Equal values may have another hash in another database
 * where their type contains an enum, whose values have other numbers there, or where their collation is not deterministic, as
 * its sort keys depend on the version of ICU.
 */
const KEYS = `
  SELECT p.partrelid, c.opcname, k.coll, (SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = k.attnum) AS type
    FROM pg_partitioned_table p, unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[]) k (attnum, class, coll)
    JOIN pg_opclass c ON c.oid = k.class JOIN pg_am m ON m.oid = c.opcmethod WHERE p.partstrat = 'h' AND m.amname = 'hash'`;

/** pg_dump itself writes the rows of such partitions under the topmost table. */
const ENUM_KEY = `opcname = 'enum_ops'`;
/** For these pg_dump must be told to do so. The type of an expression is not known, and counts as one that contains an enum. */
const OTHER_KEY = `
  opcname IN ('array_ops', 'range_ops', 'multirange_ops', 'record_ops') AND (type IS NULL OR EXISTS (
    WITH RECURSIVE holds (oid) AS (
      SELECT type UNION SELECT x.oid FROM holds h, LATERAL (
        SELECT unnest(ARRAY[t.typbasetype, t.typelem]) FROM pg_type t WHERE t.oid = h.oid
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE h.oid IN (r.rngtypid, (to_jsonb(r) ->> 'rngmultitypid')::oid)
        UNION ALL SELECT a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE t.oid = h.oid) x (oid) WHERE x.oid <> 0)
    SELECT FROM holds JOIN pg_type t USING (oid) WHERE t.typtype = 'e'))
  OR EXISTS (SELECT FROM pg_collation l WHERE l.oid = coll AND NOT coalesce((to_jsonb(l) ->> 'collisdeterministic')::bool, true))`;

/** Whether the rows of all partitions must be dumped under their topmost tables, as they could not be restored otherwise. */
export async function needsRowsByRoot(session: PostgresSession): Promise<boolean> {
  const { needs } = await session.queryOne<{ needs: boolean }>(
    `SELECT EXISTS (SELECT FROM (${KEYS}) k WHERE ${OTHER_KEY}) AS needs`,
  );
  return needs;
}

/**
 * SQL for `oid` and `root` (`{schema, name}`) of partitions whose rows a dump holds under the topmost table. A restore may put
 * them into other partitions of that table.
 */
export const ROWS_BY_ROOT = `
  WITH RECURSIVE up (oid, ancestor) AS (
      SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
    UNION ALL
      SELECT up.oid, i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.ancestor JOIN pg_partitioned_table p ON p.partrelid = i.inhparent),
  keys AS (${KEYS})
  SELECT up.oid, json_build_object('schema', n.nspname, 'name', r.relname) AS root
    FROM up JOIN pg_class r ON r.oid = up.ancestor JOIN pg_namespace n ON n.oid = r.relnamespace
   WHERE NOT r.relispartition
     AND (EXISTS (SELECT FROM up o JOIN keys ON keys.partrelid = o.ancestor WHERE o.oid = up.oid AND ${ENUM_KEY})
       OR EXISTS (SELECT FROM keys WHERE ${OTHER_KEY}))`;
