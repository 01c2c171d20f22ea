import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { PostgresSession } from '../login/postgres-session.js';

/**
 * Drops every table, view and free sequence but `kept` and what these need, in the open transaction. Returns what was
 * needed, described. Nothing is dropped with CASCADE: that could take a policy or a column of a kept table with it.
 */
export async function pruneTo(session: PostgresSession, kept: readonly string[]): Promise<string[]> {
  const candidates = `SELECT c.oid, c.relkind, c.relname, n.nspname FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT c.oid = ANY (ARRAY[${kept.map(Number).join(', ')}]::oid[])
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
         AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i'))))`;
  await session.query(
    `DO $prune$
    DECLARE
      item record;
      progress boolean;
    BEGIN
      LOOP
        progress := false;
        -- Foreign keys among what is to go would hold each other.
        FOR item IN SELECT k.conname, k.conrelid::regclass::text AS relation FROM pg_catalog.pg_constraint k
            WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT k.conrelid = ANY (ARRAY[${kept.map(Number).join(', ')}]::oid[]) LOOP
          EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', item.relation, item.conname);
        END LOOP;
        FOR item IN ${candidates} ORDER BY c.oid DESC LOOP
          BEGIN
            EXECUTE pg_catalog.format('DROP %s IF EXISTS %I.%I', CASE item.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
              WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, item.nspname, item.relname);
            progress := true;
          EXCEPTION WHEN dependent_objects_still_exist THEN
            NULL;
          END;
        END LOOP;
        EXIT WHEN NOT progress;
      END LOOP;
    END $prune$`,
    [],
    AS_LONG_AS_IT_TAKES,
  );
  const rows = await session.query<{ object: string }>(
    `SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, c.oid, 0) AS object
       FROM (${candidates}) AS c WHERE c.relkind <> 'S' ORDER BY 1`,
  );
  return rows.map(({ object }) => object);
}
