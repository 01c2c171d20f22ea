import type { PostgresSession } from '../login/postgres-session.js';

/**
 * Hash keys whose values may hash otherwise in another database: what an enum is in (its values have other numbers there), and
 * what is compared by a collation of which ICU or the system may come in another version. Expressions of such types count.
 */
const KEYS = `
  SELECT p.partrelid, c.opcname, k.coll, (SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = k.attnum) AS type
    FROM pg_partitioned_table p, unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[]) k (attnum, class, coll)
    JOIN pg_opclass c ON c.oid = k.class JOIN pg_am m ON m.oid = c.opcmethod WHERE p.partstrat = 'h' AND m.amname = 'hash'`;

/** pg_dump itself writes rows of these by way of the topmost table. It does not know that others need the same. */
const ENUM_KEY = `opcname = 'enum_ops'`;
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

/** Whether the rows of all partitions must be dumped by way of their topmost tables, to be restorable at all. */
export async function needsRowsByRoot(session: PostgresSession): Promise<boolean> {
  const { needs } = await session.queryOne<{ needs: boolean }>(
    `SELECT EXISTS (SELECT FROM (${KEYS}) k WHERE ${OTHER_KEY}) AS needs`,
  );
  return needs;
}

/**
 * SQL for `oid` and `root` (`{schema, name}`) of partitions whose rows a dump holds under the topmost table, and that may come to lie in
 * other ones of its partitions.
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
