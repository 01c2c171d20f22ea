import { AS_LONG_AS_IT_TAKES } from '../../../session/answer-guard.js';
import type { PostgresSession } from '../../login/postgres-session.js';
import { KEPT_SCHEMAS, spareKeptCopies } from '../../selection/kept-copies.js';
import { defaultPrivilegeCommands, systemPrivilegeCommands } from '../system-privileges.js';

/** The first object that a user can have made; below are those of initdb. */
const FIRST_USER_OID = 16_384;

/** Objects of an extension go with it, and cannot be dropped for themselves. */
const notOfExtension = (catalog: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = x.oid AND d.deptype = 'e')`;

/**
 * Queries that write commands, in the order in which they must be asked and run: each sees what is left after the one
 * before. Together they drop all that is local to the database and that a dump could hold.
 */
const DROPS: readonly string[] = [
  // First, or they would act on all that follows.
  `SELECT format('DROP EVENT TRIGGER %I CASCADE', evtname) AS command FROM pg_event_trigger x
    WHERE ${notOfExtension('pg_event_trigger')}`,
  `SELECT format('ALTER EVENT TRIGGER %I DISABLE', evtname) AS command FROM pg_event_trigger`,
  // Without its slot, because a slot on another server is dropped outside of any transaction.
  `SELECT format(step, subname) AS command FROM pg_subscription, unnest(ARRAY['ALTER SUBSCRIPTION %I DISABLE',
      'ALTER SUBSCRIPTION %I SET (slot_name = NONE)', 'DROP SUBSCRIPTION %I CASCADE']) WITH ORDINALITY AS steps (step, nr)
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY subname, nr`,
  `SELECT format('DROP PUBLICATION %I', pubname) AS command FROM pg_publication`,
  // In one command each, as they may depend on each other.
  `SELECT 'DROP EXTENSION ' || string_agg(quote_ident(extname), ', ') || ' CASCADE' AS command FROM pg_extension
    WHERE extname <> 'plpgsql' HAVING count(*) > 0`,
  `SELECT 'DROP SCHEMA ' || string_agg(quote_ident(nspname), ', ') || ' CASCADE' AS command FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname !~ '${KEPT_SCHEMAS}' AND (nspname <> 'public' OR pg_has_role(nspowner, 'USAGE'))
    HAVING count(*) > 0`,
  // Only where somebody else owns the schema: see clearDatabase.
  `SELECT DISTINCT format('DROP %s IF EXISTS %s CASCADE', upper(CASE o.type WHEN 'statistics object' THEN 'statistics' ELSE o.type END),
      o.identity) AS command
    FROM pg_depend d JOIN pg_namespace n ON n.oid = d.refobjid AND n.nspname = 'public',
      LATERAL pg_identify_object(d.classid, d.objid, 0) o
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.deptype = 'n' AND d.objsubid = 0 AND d.classid <> 'pg_default_acl'::regclass`,
  `SELECT format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) AS command FROM pg_foreign_data_wrapper`,
  `SELECT format('DROP ACCESS METHOD %I CASCADE', amname) AS command FROM pg_am x WHERE x.oid >= ${FIRST_USER_OID}`,
  `SELECT format('DROP LANGUAGE %I CASCADE', lanname) AS command FROM pg_language x
    WHERE x.oid >= ${FIRST_USER_OID} AND ${notOfExtension('pg_language')}`,
  `SELECT format('DROP CAST (%s AS %s) CASCADE', castsource::regtype, casttarget::regtype) AS command FROM pg_cast x
    WHERE x.oid >= ${FIRST_USER_OID}`,
  `SELECT format('DROP TRANSFORM FOR %s LANGUAGE %I CASCADE', trftype::regtype, lanname) AS command
    FROM pg_transform x JOIN pg_language l ON l.oid = x.trflang WHERE x.oid >= ${FIRST_USER_OID}`,
];

const BASICS: readonly string[] = [
  `SELECT 'CREATE EXTENSION plpgsql WITH SCHEMA pg_catalog' AS command
    WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'plpgsql')`,
  // From version 15 on the schema belongs to whoever owns the database, and only its owner may create things in it.
  `SELECT command FROM (SELECT current_setting('server_version_num')::int >= 150000 AS modern) v,
      unnest(ARRAY[
        format('CREATE SCHEMA public AUTHORIZATION %I',
          CASE WHEN modern THEN 'pg_database_owner' ELSE (SELECT rolname FROM pg_roles WHERE oid = 10) END),
        CASE WHEN modern THEN 'GRANT USAGE ON SCHEMA public TO PUBLIC' ELSE 'GRANT ALL ON SCHEMA public TO PUBLIC' END,
        $$COMMENT ON SCHEMA public IS 'standard public schema'$$]) WITH ORDINALITY AS steps (command, nr)
    WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') ORDER BY nr`,
];

/**
 * Brings the current database, in the open transaction, to what `CREATE DATABASE … TEMPLATE template0` makes: nothing survives
 * that a dump might not have (FAILURES 38), but for the tables that are kept for an undo (FAILURES 57). Owner, rights, settings and comment of the database itself stay, as they do not
 * come with a dump. `lostCopies`: tables kept for an undo that could not stay. Rejects with the server's error.
 */
export async function clearDatabase(session: PostgresSession): Promise<{ warnings: string[]; lostCopies: string[] }> {
  const warnings = await slotWarnings(session);
  await session.query(`SET LOCAL client_min_messages = warning`);
  const lostCopies = await spareKeptCopies(session);
  for (const query of DROPS) await runCommands(session, query);
  await session.query(`SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata`, [], AS_LONG_AS_IT_TAKES);
  for (const query of BASICS) await runCommands(session, query);
  await runCommands(session, defaultPrivilegeCommands);
  warnings.push(...(await resetSystemPrivileges(session)));
  return { warnings, lostCopies };
}

async function runCommands(session: PostgresSession, query: string): Promise<void> {
  for (const { command } of await session.query<{ command: string }>(query)) {
    await session.query(command, [], AS_LONG_AS_IT_TAKES);
  }
}

/** Grants that somebody made on the system's own functions and views; only a superuser can take them back. */
async function resetSystemPrivileges(session: PostgresSession): Promise<string[]> {
  const commands = await session.query<{ command: string }>(systemPrivilegeCommands);
  if (commands.length === 0) return [];
  const { superuser } = await session.queryOne<{ superuser: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS superuser`,
  );
  if (!superuser) return ['Changed rights on system objects were left as they are: only a superuser can reset them.'];
  for (const { command } of commands) await session.query(command);
  return [];
}

async function slotWarnings(session: PostgresSession): Promise<string[]> {
  const rows = await session.query<{ warning: string }>(
    `SELECT format('Subscription %I was replaced; its slot %I stays on the publisher: drop it there if nothing uses it any more.',
        subname, subslotname) AS warning
       FROM pg_catalog.pg_subscription WHERE subslotname IS NOT NULL
        AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`,
  );
  return rows.map((row) => row.warning);
}

/** Whether {@link clearDatabase} would find nothing to drop. */
export async function isEmptyDatabase(session: PostgresSession): Promise<boolean> {
  const { empty } = await session.queryOne<{ empty: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
              WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
              WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace
              WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public'))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database b ON b.oid = s.subdbid
              WHERE b.datname = pg_catalog.current_database())
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS empty`,
  );
  return empty;
}
