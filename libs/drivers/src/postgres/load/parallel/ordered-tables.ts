import type { QueryResultRow } from 'pg';
import { tableKey } from '../../dump/table-key.js';
import type { PostgresSession } from '../../login/postgres-session.js';

/** Extensions whose functions read no table: what they give depends on their arguments only. */
export const HARMLESS_EXTENSIONS: readonly string[] =
  `bloom btree_gin btree_gist citext cube dict_int dict_xsyn earthdistance fuzzystrmatch hll hstore intarray ip4r isn lo ltree
  pg_trgm pg_uuidv7 pgcrypto plpgsql prefix roaringbitmap rum seg semver unaccent unit uuid-ossp vector`.split(/\s+/);

/** Functions of the server itself that run what they are given, or read tables: dependencies on these are not recorded. */
const READING = String.raw`\m((query|cursor|table|schema|database)_to_xml\w*|ts_stat|ts_rewrite|lo_get|loread|(next|curr|last|set)val|pg_\w*size|to_reg\w+)\s*\(`;

const harmless = HARMLESS_EXTENSIONS.map((name) => `'${name}'`).join(', ');

/**
 * What runs when a row comes into a table: expressions of generated columns, CHECKs and partition keys, domains of columns at
 * any depth, triggers; and by way of operators, operator classes and casts the functions that these call. A function may call
 * whatever it likes, so that each which neither the server nor a harmless extension brings counts.
 */
const ORDERED = `
  WITH RECURSIVE family (rel, member) AS (
    SELECT oid, oid FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384
    UNION SELECT f.rel, i.inhparent FROM family f JOIN pg_inherits i ON i.inhrelid = f.member JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p'
  ), runs (rel, classid, objid) AS (
    SELECT rel, 'pg_class'::regclass::oid, member FROM family
    UNION ALL SELECT d.adrelid, 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE coalesce(to_jsonb(a) ->> 'attgenerated', '') <> ''
    UNION ALL SELECT conrelid, 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0
  ), needs (rel, classid, objid) AS (
    SELECT rel, classid, objid FROM runs
    UNION SELECT n.rel, x.classid, x.objid FROM needs n, LATERAL (
      SELECT d.refclassid, d.refobjid FROM pg_depend d
       WHERE d.classid = n.classid AND d.objid = n.objid AND n.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass)
         AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass)
      UNION ALL SELECT 'pg_proc'::regclass, o.oprcode::oid FROM pg_operator o WHERE n.classid = 'pg_operator'::regclass AND o.oid = n.objid
      UNION ALL SELECT 'pg_proc'::regclass, p.amproc::oid FROM pg_opclass c JOIN pg_amproc p ON p.amprocfamily = c.opcfamily
        WHERE n.classid = 'pg_opclass'::regclass AND c.oid = n.objid
      UNION ALL SELECT 'pg_constraint'::regclass, c.oid FROM pg_constraint c WHERE n.classid = 'pg_type'::regclass AND c.contypid = n.objid
      UNION ALL SELECT 'pg_type'::regclass, unnest(ARRAY[t.typbasetype, t.typelem]) FROM pg_type t WHERE n.classid = 'pg_type'::regclass AND t.oid = n.objid
      UNION ALL SELECT 'pg_type'::regclass, a.atttypid FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.classid = 'pg_type'::regclass AND t.oid = n.objid AND t.typtype = 'c'
      UNION ALL SELECT v.class, v.id FROM pg_range r, LATERAL (VALUES ('pg_type'::regclass, r.rngsubtype), ('pg_proc'::regclass, r.rngcanonical::oid)) v (class, id)
        WHERE n.classid = 'pg_type'::regclass AND n.objid IN (r.rngtypid, (to_jsonb(r) ->> 'rngmultitypid')::oid)
      UNION ALL SELECT 'pg_proc'::regclass, t.typinput::oid FROM pg_type t WHERE n.classid = 'pg_type'::regclass AND t.oid = n.objid AND t.typtype = 'b'
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
    ) x (classid, objid) WHERE x.objid >= 16384
  ), acting (rel) AS (
    SELECT n.rel FROM needs n JOIN pg_proc p ON p.oid = n.objid JOIN pg_language l ON l.oid = p.prolang
     WHERE n.classid = 'pg_proc'::regclass AND l.lanname <> 'internal'
       AND NOT EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
         WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e' AND x.extname IN (${harmless}))
    UNION SELECT n.rel FROM needs n JOIN pg_constraint c ON c.oid = n.objid
     WHERE n.classid = 'pg_constraint'::regclass AND pg_get_constraintdef(c.oid) ~ '${READING}'
    UNION SELECT n.rel FROM needs n JOIN pg_attrdef d ON d.oid = n.objid
     WHERE n.classid = 'pg_attrdef'::regclass AND pg_get_expr(d.adbin, d.adrelid) ~ '${READING}'
    UNION SELECT f.rel FROM family f JOIN pg_trigger t ON t.tgrelid = f.member WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
  )
  SELECT n.nspname::text AS schema, c.relname::text AS name FROM acting a JOIN pg_class c ON c.oid = a.rel JOIN pg_namespace n ON n.oid = c.relnamespace`;

/**
 * Tables, with the keys of `Census.rows`, whose rows are not independent of those of others: a function that is called for
 * each row may read them. They are loaded when all is there that stands before them in the dump, and nothing behind them
 * (FAILURES 58). To be asked when the definitions are made and no row is.
 */
export async function orderedTables(session: PostgresSession): Promise<ReadonlySet<string>> {
  const rows = await session.query<QueryResultRow & { schema: string; name: string }>(ORDERED);
  return new Set(rows.map(({ schema, name }) => tableKey(schema, name)));
}
