import { DomainError, retry, someOf } from '@app/domain';
import type { DatabaseSettings, ManifestProperties, ObjectCounts, ReferencedRole } from '@app/domain';
import { databaseSettings } from '../database-settings.js';
import { manifestProperties } from '../globals/manifest-properties.js';
import { referencedRoles } from '../globals/referenced-roles.js';
import { lockedOut } from '../login/lock-holders.js';
import { absentDefaults } from '../load/absent-defaults.js';
import { needsRowsByRoot } from './rows-by-root.js';
import { searchPathNeeds, searchPaths } from './search-path-needs.js';
import { countObjects, NOT_OF_EXTENSION, USER_SCHEMA } from './object-counts.js';
import { inheritHint } from '../login/memberships.js';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';

export interface DumpSurvey {
  estimatedBytes: number;
  settings: DatabaseSettings;
  properties: ManifestProperties;
  roles: readonly ReferencedRole[];
  searchPaths: string[];
  objects: ObjectCounts;
  absent?: readonly string[];
  rowsByRoot: boolean;
  warnings: string[];
}

/** Selects the relations of a dump. An extension's tables are dumped only with the rows that it declares as configuration. */
const DUMPED_RELATION = `${USER_SCHEMA} AND (${NOT_OF_EXTENSION('pg_class', 'c.oid')}
  OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig)))`;

/** A survey fails where somebody drops a view or a table while the server writes out what it is made of. */
const SURVEYS = 5;
const SURVEY_AGAIN_AFTER_MS = 200;

/**
 * Looks at all that could keep a dump from being whole, and changes nothing. Fails with MISSING_PRIVILEGE or BUSY, and with
 * SCHEMA_CHANGED where objects were dropped during each of {@link SURVEYS} surveys.
 */
export function surveyForDump(session: PostgresSession): Promise<DumpSurvey> {
  const survey = async (): Promise<DumpSurvey> => {
    try {
      return await surveyOnce(session);
    } catch (error) {
      if (isServerError(error) && error.code === '55P03') throw await lockedOut(session, error);
      throw databaseError(error, `Database "${session.connection.database}" could not be examined`);
    }
  };
  const isTransient = (error: unknown): boolean => error instanceof DomainError && error.code === 'SCHEMA_CHANGED';
  return retry(survey, { attempts: SURVEYS, isTransient, pauseMs: () => SURVEY_AGAIN_AFTER_MS });
}

async function surveyOnce(session: PostgresSession): Promise<DumpSurvey> {
  await requireReadable(session);
  await requireNoRowSecurity(session);
  await requireReadableContents(session);
  const absent = await absentDefaults(session);
  return {
    estimatedBytes: await estimateBytes(session),
    settings: await databaseSettings(session),
    properties: await manifestProperties(session),
    roles: await referencedRoles(session),
    searchPaths: await searchPaths(session),
    objects: await countObjects(session),
    ...(absent.length === 0 ? {} : { absent }),
    rowsByRoot: await needsRowsByRoot(session),
    warnings: await dumpWarnings(session),
  };
}

/** How long to wait for a table that somebody has locked, only to know its size. */
const SIZE_WAIT_MS = 500;

/** Tables without their indexes, as they lie on disk; all of the database where somebody has locked one of them. */
export async function estimateBytes(session: PostgresSession): Promise<number> {
  await session.query(`BEGIN; SET LOCAL lock_timeout = ${SIZE_WAIT_MS}`);
  try {
    return await sizeOfTables(session);
  } catch (error) {
    if (!isServerError(error) || error.code !== '55P03') throw error;
    await session.query('ROLLBACK');
    // Asks for no lock.
    const { bytes } = await session.queryOne<{ bytes: string }>(
      'SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS bytes',
    );
    return Number(bytes);
  } finally {
    await session.query('ROLLBACK');
  }
}

async function sizeOfTables(session: PostgresSession): Promise<number> {
  const row = await session.queryOne<{ bytes: string }>(
    `SELECT coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::text AS bytes
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${DUMPED_RELATION}`,
  );
  // Large objects are written in hexadecimal.
  const large = await session.queryOne<{ bytes: string }>(
    `SELECT (2 * pg_catalog.pg_relation_size('pg_catalog.pg_largeobject'))::text AS bytes`,
  );
  return Number(row.bytes) + Number(large.bytes);
}

async function requireReadable(session: PostgresSession): Promise<void> {
  const relations = await session.query<{ name: string }>(
    `SELECT pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND ${DUMPED_RELATION}
        AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
          WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
          ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END)
      ORDER BY 1`,
  );
  const large = await session.query<{ name: string }>(
    `SELECT 'large object ' || m.oid AS name FROM pg_catalog.pg_largeobject_metadata m
      WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND pg_catalog.current_setting('lo_compat_privileges') = 'off'
        AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
          AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
      ORDER BY m.oid`,
  );
  const names = [...relations, ...large].map((row) => row.name);
  if (names.length === 0) return;
  throw new DomainError(
    'MISSING_PRIVILEGE',
    `"${session.connection.username}" may not read all of "${session.connection.database}": ${someOf(names)}.`,
    {
      hint: `Grant USAGE on the schemas and SELECT on these, or the role pg_read_all_data (PostgreSQL 14 and newer).${await inheritHint(session)}`,
    },
  );
}

/**
 * Waits for whoever has locked the contents of large objects, as long as the session waits for locks: pg_dump would wait without
 * limit for them, as it limits only the locking of tables.
 */
async function requireReadableContents(session: PostgresSession): Promise<void> {
  // Needs no right, and takes the lock of a reader for a moment.
  await session.query(
    `SELECT pg_catalog.pg_relation_size('pg_catalog.pg_largeobject') FROM pg_catalog.pg_largeobject_metadata LIMIT 1`,
  );
}

/** pg_dump stops at such a table; a dump of only the visible rows would be no backup (FAILURES 17). */
async function requireNoRowSecurity(session: PostgresSession): Promise<void> {
  const rows = await session.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND ${DUMPED_RELATION}
        AND pg_catalog.row_security_active(c.oid)
      ORDER BY 1`,
  );
  if (rows.length === 0) return;
  throw new DomainError(
    'MISSING_PRIVILEGE',
    `Row-level security hides rows from "${session.connection.username}" in ${someOf(rows.map((row) => row.name))}.`,
    {
      hint: `Give that user the attribute BYPASSRLS, or back up as the owner of the tables or a superuser.${await inheritHint(session)}`,
    },
  );
}

/** Names what pg_dump leaves out without failing. */
async function dumpWarnings(session: PostgresSession): Promise<string[]> {
  const names = async (sql: string): Promise<string[]> =>
    (await session.query<{ name: string }>(sql)).map((row) => row.name);
  const warnings: string[] = [];
  const tell = (found: readonly string[], sentence: (list: string) => string): void => {
    if (found.length > 0) warnings.push(sentence(someOf(found)));
  };
  tell(
    await names(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT i.indisvalid AND c.relkind = 'i' AND ${USER_SCHEMA} ORDER BY 1`,
    ),
    (list) => `Invalid indexes, left behind by a failed CREATE INDEX CONCURRENTLY, are not in the backup: ${list}.`,
  );
  // FAILURES 14.
  const { standby } = await session.queryOne<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  if (standby) {
    warnings.push('The server is a standby: the backup holds what had arrived from its primary when the dump began.');
  }
  tell(
    await names(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE pg_is_in_recovery() AND c.relpersistence = 'u' AND c.relkind = 'r' AND ${USER_SCHEMA} ORDER BY 1`,
    ),
    (list) => `The server is a standby, which has no rows of unlogged tables: the backup holds ${list} empty.`,
  );
  tell(
    await names(
      `SELECT format('%I', s.subname) AS name FROM pg_subscription s JOIN pg_database b ON b.oid = s.subdbid
        WHERE b.datname = current_database() AND current_setting('is_superuser') = 'off' ORDER BY 1`,
    ),
    (list) => `Only a superuser can back up subscriptions; not in the backup: ${list}.`,
  );
  tell(
    await names(
      `SELECT format('%I for %I', m.srvname, m.usename) AS name FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid
        WHERE m.umoptions IS NULL AND current_setting('is_superuser') = 'off'
          AND m.usename <> current_user AND NOT pg_has_role(s.srvowner, 'USAGE') ORDER BY 1`,
    ),
    (list) => `The options of these user mappings are invisible to this user and not in the backup: ${list}.`,
  );
  const { calling, comparing } = await searchPathNeeds(session);
  tell(
    calling,
    (list) =>
      `A dump is loaded without a search_path, but functions that are called here name things without their schema: ${list}. ` +
      'A restore tries the search paths of this database then. Give the functions a SET search_path, or qualify the names in them.',
  );
  tell(
    comparing,
    (list) =>
      `A dump is loaded without a search_path, but only with one are the operators found by which these compare (IS DISTINCT FROM, NULLIF): ${list}. ` +
      'A restore tries the search paths of this database then.',
  );
  return warnings;
}
