import pg from 'pg';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import { DomainError } from '@app/domain';
import { sqlName } from './copy-schemas.js';
import type { Attachment } from './copy-schemas.js';

/**
 * Policies, rules, defaults and triggers of tables that refer to something else than these tables and what belongs to them, `%T`
 * for the table. $1: the tables; $2: whatever is referred to; otherwise only other relations.
 */
const ATTACHMENTS = `
  WITH RECURSIVE own(classid, objid) AS (
    SELECT 'pg_catalog.pg_class'::regclass::oid, o FROM pg_catalog.unnest($1::oid[]) AS o
    UNION SELECT d.classid, d.objid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = own.classid AND d.refobjid = own.objid
     WHERE d.deptype IN ('a', 'i', 'P', 'S')),
  attached AS (
    SELECT 'pg_catalog.pg_policy'::regclass::oid AS classid, p.oid, p.polrelid AS relid, format('policy %I', p.polname) AS what,
           format('DROP POLICY %I ON %%T', p.polname) AS dropping,
           ARRAY[format('CREATE POLICY %I ON %%T AS %s FOR %s TO %s', p.polname,
                   CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                   CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                   (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r))
                 || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                 || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
                 'COMMENT ON POLICY ' || quote_ident(p.polname) || ' ON %T IS ' || quote_literal(obj_description(p.oid, 'pg_policy'))] AS commands
      FROM pg_catalog.pg_policy p WHERE p.polrelid = ANY ($1::oid[])
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, t.tgrelid, format('trigger %I', t.tgname), format('DROP TRIGGER %I ON %%T', t.tgname),
           ARRAY[replace(pg_get_triggerdef(t.oid), ' ON ' || format('%I.%I', m.nspname, k.relname) || ' ', ' ON %T '),
                 format('ALTER TABLE ONLY %%T %s TRIGGER %I', CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                   WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, t.tgname),
                 'COMMENT ON TRIGGER ' || quote_ident(t.tgname) || ' ON %T IS ' || quote_literal(obj_description(t.oid, 'pg_trigger'))]
      FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class k ON k.oid = t.tgrelid JOIN pg_catalog.pg_namespace m ON m.oid = k.relnamespace
     WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, r.ev_class, format('rule %I', r.rulename), format('DROP RULE %I ON %%T', r.rulename),
           ARRAY[overlay(pg_get_ruledef(r.oid) PLACING '%T' FROM position(' TO ' || format('%I.%I', m.nspname, k.relname) IN pg_get_ruledef(r.oid)) + 4
                   FOR length(format('%I.%I', m.nspname, k.relname))),
                 format('ALTER TABLE %%T %s RULE %I', CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                   WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, r.rulename),
                 'COMMENT ON RULE ' || quote_ident(r.rulename) || ' ON %T IS ' || quote_literal(obj_description(r.oid, 'pg_rewrite'))]
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class k ON k.oid = r.ev_class JOIN pg_catalog.pg_namespace m ON m.oid = k.relnamespace
     WHERE r.ev_class = ANY ($1::oid[]) AND k.relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'pg_catalog.pg_attrdef'::regclass, f.oid, f.adrelid, format('default of column %I', c.attname),
           format('ALTER TABLE ONLY %%T ALTER COLUMN %I DROP DEFAULT', c.attname),
           ARRAY[format('ALTER TABLE ONLY %%T ALTER COLUMN %I SET DEFAULT ', c.attname) || pg_get_expr(f.adbin, f.adrelid)]
      FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_attribute c ON c.attrelid = f.adrelid AND c.attnum = f.adnum
     WHERE f.adrelid = ANY ($1::oid[]) AND c.attgenerated = '')
  SELECT n.nspname::text AS schema, c.relname::text AS "table", a.what, a.dropping, a.commands
    FROM attached a JOIN pg_catalog.pg_class c ON c.oid = a.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = a.classid AND d.objid = a.oid AND d.refobjid >= 16384
           AND ($2 OR d.refclassid = 'pg_catalog.pg_class'::regclass)
           AND NOT EXISTS (SELECT FROM own o WHERE o.classid = d.refclassid AND o.objid = d.refobjid))
   ORDER BY a.oid`;

/**
 * Takes them off, and says how to make them again. `all`: also what refers to functions and types; otherwise only what would
 * follow another table or sequence when that changes its place.
 */
export async function detach(
  session: PostgresSession,
  oids: readonly string[],
  homeOf: (schema: string) => string,
  all: boolean,
): Promise<Attachment[]> {
  const rows = await session.query<{
    schema: string;
    table: string;
    what: string;
    dropping: string;
    commands: (string | null)[];
  }>(ATTACHMENTS, [oids, all]);
  for (const { schema, table, dropping } of rows)
    await session.query(
      dropping.replace('%T', () => sqlName(schema, table)),
      [],
      AS_LONG_AS_IT_TAKES,
    );
  const schemas = [...new Set(rows.map(({ schema }) => schema))].filter((schema) => homeOf(schema) !== schema);
  // The tables themselves are called by where they are now, also within expressions.
  const atHome = (command: string): string =>
    schemas.reduce(
      (text, schema) => text.replaceAll(`${schema}.`, () => `${pg.escapeIdentifier(homeOf(schema))}.`),
      command,
    );
  return rows.map(({ schema, table, what, commands }) => ({
    ...{ home: homeOf(schema), table, what },
    commands: commands.filter((command) => command !== null).map(atHome),
  }));
}

/** UNSUPPORTED when what they refer to is not there any more. */
export async function attach(session: PostgresSession, attachments: readonly Attachment[]): Promise<void> {
  for (const { home, table, what, commands } of attachments) {
    try {
      for (const command of commands) {
        await session.query(
          command.replace('%T', () => sqlName(home, table)),
          [],
          AS_LONG_AS_IT_TAKES,
        );
      }
    } catch (error) {
      if (!isServerError(error)) throw error;
      throw new DomainError(
        'UNSUPPORTED',
        `The ${what} of ${sqlName(home, table)} cannot be made again: ${serverWords(error)}.`,
        { hint: 'Nothing was changed. Make what it refers to first.', cause: error },
      );
    }
  }
}
