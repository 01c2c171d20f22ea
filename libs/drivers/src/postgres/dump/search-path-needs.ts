import { HARMLESS_EXTENSIONS } from '../load/parallel/ordered-tables.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { USER_SCHEMA } from './object-counts.js';

/** A dump is loaded with no search_path; only these paths may lead to what its functions name without a schema. */
const PATHS_KEPT = 3;

/**
 * The search paths that sessions of this database begin with: of the database, of its owner and of other roles, and what
 * every server begins with. `"$user"` is the owner and whoever makes the dump.
 */
const PATHS = `
  WITH known AS (
    SELECT pg_catalog.substr(c, 13) AS path, s.setdatabase = 0 AS general, s.setrole NOT IN (0, d.datdba) AS others,
           pg_catalog.quote_ident(coalesce(r.rolname, o.rolname)) AS role
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
      JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase IN (0, d.oid) LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole,
           pg_catalog.unnest(s.setconfig) c
     WHERE d.datname = pg_catalog.current_database() AND c LIKE 'search\\_path=%'
    UNION ALL
    SELECT '"$user", public', true, true, pg_catalog.quote_ident(o.rolname) FROM pg_catalog.pg_database d
      JOIN pg_catalog.pg_roles o ON o.oid = d.datdba WHERE d.datname = pg_catalog.current_database()
  )
  SELECT pg_catalog.replace(path, '"$user"', role) AS path FROM known WHERE path <> ''
   ORDER BY general, others, role`;

export async function searchPaths(session: PostgresSession): Promise<string[]> {
  const rows = await session.query<{ path: string }>(PATHS);
  return [...new Set(rows.map(({ path }) => path))].slice(0, PATHS_KEPT);
}

const harmless = HARMLESS_EXTENSIONS.map((name) => `'${name}'`).join(', ');

interface Use {
  /** `index app.by_name`. */
  object: string;
  functions: { oid: string; name: string }[] | null;
  /** Compares with an operator of somebody's, in a form that is written without its name. */
  distinct: boolean;
}

/** Everything that a load runs or resolves: expressions of indexes, CHECKs, generated columns, materialized views; WHENs of triggers. */
const USES = `
  WITH objects (classid, objid, object, text) AS (
    SELECT 'pg_class'::regclass::oid, c.oid, CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'index ' END || format('%I.%I', n.nspname, c.relname),
           CASE c.relkind WHEN 'm' THEN pg_get_viewdef(c.oid) ELSE pg_get_indexdef(c.oid) END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('i', 'I', 'm') AND ${USER_SCHEMA}
    UNION ALL SELECT 'pg_class'::regclass, c.oid, 'view ' || format('%I.%I', n.nspname, c.relname), pg_get_viewdef(c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND ${USER_SCHEMA}
    UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'constraint ' || format('%I of %I.%I', k.conname, n.nspname, coalesce(c.relname, t.typname)), pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
      WHERE k.contype = 'c' AND ${USER_SCHEMA}
    UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 'column ' || format('%I.%I.%I', n.nspname, c.relname, a.attname), pg_get_expr(d.adbin, d.adrelid)
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum JOIN pg_class c ON c.oid = d.adrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '' AND ${USER_SCHEMA}
    UNION ALL SELECT 'pg_trigger'::regclass, g.oid, 'trigger ' || format('%I of %I.%I', g.tgname, n.nspname, c.relname), pg_get_triggerdef(g.oid)
      FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT g.tgisinternal AND ${USER_SCHEMA}
  ), depends AS (
    SELECT o.classid, o.objid, d.refclassid, d.refobjid FROM objects o JOIN pg_depend d ON d.classid = o.classid AND d.objid = o.objid
    UNION SELECT 'pg_class'::regclass, r.ev_class, d.refclassid, d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    UNION SELECT 'pg_attrdef'::regclass, a.oid, d.refclassid, d.refobjid FROM pg_attrdef a JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = a.adrelid AND d.objsubid = a.adnum
  ), called AS (
    SELECT classid, objid, refobjid AS proc FROM depends WHERE refclassid = 'pg_proc'::regclass
    UNION SELECT classid, objid, p.oprcode FROM depends JOIN pg_operator p ON p.oid = refobjid WHERE refclassid = 'pg_operator'::regclass
  )
  SELECT o.object, (SELECT json_agg(json_build_object('oid', p.oid::text, 'name', p.oid::regproc::text)) FROM called c JOIN pg_proc p ON p.oid = c.proc
           JOIN pg_language l ON l.oid = p.prolang WHERE c.classid = o.classid AND c.objid = o.objid AND l.lanname NOT IN ('internal', 'c')
             AND o.object !~ '^(view|trigger) ') AS functions,
         o.text ~* '\\m(distinct\\s+from|nullif)\\M' AND EXISTS (SELECT FROM depends d JOIN pg_operator p ON p.oid = d.refobjid
           WHERE d.refclassid = 'pg_operator'::regclass AND d.classid = o.classid AND d.objid = o.objid AND p.oid >= 16384) AS distinct
    FROM objects o`;

interface Body {
  oid: string;
  name: string;
  source: string;
}

/** Functions of somebody's that name things by their search path alone, as far as their text tells. */
const BODIES = `
  SELECT p.oid::text AS oid, p.proname::text AS name, p.prosrc AS source
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE l.lanname NOT IN ('internal', 'c') AND ${USER_SCHEMA}
     AND to_jsonb(p) ->> 'prosqlbody' IS NULL
     AND NOT coalesce(p.proconfig, '{}')::text ~* '[{,]"?search_path='
     AND NOT EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
       WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e' AND x.extname IN (${harmless}))`;

const NAMES = `
  SELECT lower(c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${USER_SCHEMA}
  UNION SELECT lower(p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${USER_SCHEMA}
  UNION SELECT lower(t.typname) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'e', 'r', 'b') AND t.typelem = 0 AND ${USER_SCHEMA}`;

/** Names of `names` that stand in the text of a function without a schema; `.` goes before what has one. */
export function unqualifiedNames(source: string, names: ReadonlySet<string>): string[] {
  const text = source.replaceAll(/--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'/g, ' ');
  const found = new Set<string>();
  for (const match of text.matchAll(
    /(?<![\w$."])(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))(?!\s*\.)(?![\w$"])/g,
  )) {
    const name = (match[1] ?? match[2] ?? '').toLowerCase();
    const before = text.slice(0, match.index).trimEnd();
    if (names.has(name) && !before.endsWith('.')) found.add(name);
  }
  return [...found];
}

/** The objects that cannot be loaded with the empty search_path of a dump. */
export interface SearchPathNeeds {
  /** With the function that names things without their schema: `index app.by_name (function app.f)`. */
  calling: string[];
  /** The objects that compare by an operator which is written without its name. */
  comparing: string[];
}

export async function searchPathNeeds(session: PostgresSession): Promise<SearchPathNeeds> {
  const uses = await session.query<Use & Record<string, unknown>>(USES);
  const comparing = uses.filter(({ distinct }) => distinct).map(({ object }) => object);
  if (uses.every(({ functions }) => functions === null)) return { calling: [], comparing };
  const names = new Set((await session.query<{ name: string }>(NAMES)).map(({ name }) => name));
  const bodies = await session.query<Body & Record<string, unknown>>(BODIES);
  const needing = needsOf(new Map(bodies.map((body) => [body.oid, body])), names);
  const calling = uses.flatMap(({ object, functions }) => {
    const which = (functions ?? []).find(({ oid }) => needing.has(oid));
    return which === undefined ? [] : [`${object} (function ${which.name})`];
  });
  return { calling, comparing };
}

/** Those that name something themselves, or call by name one that does. */
function needsOf(bodies: ReadonlyMap<string, Body>, names: ReadonlySet<string>): ReadonlySet<string> {
  const needing = new Set<string>();
  for (const { oid, source } of bodies.values()) if (unqualifiedNames(source, names).length > 0) needing.add(oid);
  for (let before = -1; before !== needing.size;) {
    before = needing.size;
    const called = [...needing].map((oid) => bodies.get(oid)?.name ?? '');
    for (const { oid, source } of bodies.values()) {
      if (!needing.has(oid) && called.some((name) => name !== '' && source.includes(name))) needing.add(oid);
    }
  }
  return needing;
}
