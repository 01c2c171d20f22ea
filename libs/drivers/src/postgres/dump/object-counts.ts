import type { ObjectCounts } from '@app/domain';
import { COPY_SCHEMAS } from '../selection/copy-schemas.js';
import { IS_OURS } from '../confinement/confined-account.js';
import type { PostgresSession } from '../login/postgres-session.js';

/**
 * Objects that pg_dump writes: made by users, and neither part of an extension (whose script makes them again) nor in the
 * previous tables that restores of tables keep, which would come back with a restore and belong to nobody.
 */
export const USER_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname !~ '^${COPY_SCHEMAS}$'`;
export const NOT_OF_EXTENSION = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass
     AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Counts the user's own objects, and not those of extensions, as pg_dump writes them for this user. */
export async function countObjects(session: PostgresSession): Promise<ObjectCounts> {
  const relation = (kinds: string): string =>
    `(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN (${kinds})
       AND c.relpersistence <> 't' AND ${USER_SCHEMA} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')})`;
  const routine = (condition: string): string =>
    `(SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${condition} AND ${USER_SCHEMA}
       AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')})`;
  // Objects that belong to a relation are counted where the relation is.
  const ofRelation = (catalog: string, column: string, condition: string): string =>
    `(SELECT count(*) FROM ${catalog} x JOIN pg_class c ON c.oid = x.${column} JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${condition} AND c.relpersistence <> 't' AND ${USER_SCHEMA} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')})`;
  const queries: Record<string, string> = {
    schemas: `(SELECT count(*) FROM pg_namespace n WHERE ${USER_SCHEMA} AND ${NOT_OF_EXTENSION('pg_namespace', 'n.oid')})`,
    tables: relation(`'r'`),
    partitioned_tables: relation(`'p'`),
    foreign_tables: relation(`'f'`),
    views: relation(`'v'`),
    materialized_views: relation(`'m'`),
    sequences: relation(`'S'`),
    // pg_dump leaves out what a failed CREATE INDEX CONCURRENTLY left behind.
    indexes: ofRelation('pg_index', 'indrelid', `(x.indisvalid OR c.relkind = 'p') AND x.indisready`),
    constraints: ofRelation('pg_constraint', 'conrelid', `x.contype <> 'n'`),
    triggers: ofRelation('pg_trigger', 'tgrelid', 'NOT x.tgisinternal'),
    rules: ofRelation('pg_rewrite', 'ev_class', `x.rulename <> '_RETURN'`),
    policies: ofRelation('pg_policy', 'polrelid', 'true'),
    functions: routine(`p.prokind <> 'p'`),
    procedures: routine(`p.prokind = 'p'`),
    types: `(SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
       WHERE t.typtype IN ('c', 'd', 'e', 'r') AND (c.oid IS NULL OR c.relkind = 'c') AND ${USER_SCHEMA}
         AND ${NOT_OF_EXTENSION('pg_type', 't.oid')})`,
    extensions: `(SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql')`,
    event_triggers: `(SELECT count(*) FROM pg_event_trigger t WHERE ${NOT_OF_EXTENSION('pg_event_trigger', 't.oid')})`,
    publications: `(SELECT count(*) FROM pg_publication)`,
    subscriptions: `(SELECT count(*) FROM pg_subscription s JOIN pg_database b ON b.oid = s.subdbid WHERE b.datname = current_database()
       AND (current_setting('is_superuser') = 'on' OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = current_user AND ${IS_OURS})))`,
    large_objects: `(SELECT count(*) FROM pg_largeobject_metadata)`,
  };
  const columns = Object.entries(queries).map(([name, query]) => `${query}::text AS ${name}`);
  const row = await session.queryOne<Record<string, string>>(`SELECT ${columns.join(', ')}`);
  return Object.fromEntries(Object.entries(row).map(([name, count]) => [name, Number(count)]));
}
