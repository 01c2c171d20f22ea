import { someOf } from '@app/domain';
import pg from 'pg';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { tableKey } from '../dump/table-key.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { copyName } from '../swap/copy-names.js';
import { detach } from './attachments.js';
import { contentOf, copiesIn, schemasOf, writeContent } from './copy-schemas.js';

/** The schemas of tables that are kept for an undo. They are ours, and no part of what a restore replaces. */
export const KEPT_SCHEMAS = '^__before_[0-9a-z]+_[0-9]+$';

/**
 * What kept tables are made of that a dump replaces: types, functions of generated columns and CHECKs, collations. Triggers,
 * policies, rules and defaults are not among it, as they are made again with an undo. $1: the schemas of one copy.
 */
const NEEDS = `
  WITH RECURSIVE own(classid, objid) AS (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
     WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND n.nspname = ANY ($1)
    UNION SELECT d.classid, d.objid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = own.classid AND d.refobjid = own.objid
     WHERE d.deptype IN ('a', 'i', 'P', 'S'))
  SELECT DISTINCT pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) AS object
    FROM own JOIN pg_catalog.pg_depend d ON d.classid = own.classid AND d.objid = own.objid
   WHERE d.refobjid >= 16384 AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass
     AND d.classid NOT IN ('pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_rewrite'::regclass)
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_attribute c ON c.attrelid = f.adrelid AND c.attnum = f.adnum
       WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid AND c.attgenerated = '')
     AND NOT EXISTS (SELECT FROM own o WHERE o.classid = d.refclassid AND o.objid = d.refobjid) ORDER BY 1`;

/** Previous tables that would not survive a restore in place of the rest of the database, and what they need of it. */
async function boundCopies(session: PostgresSession): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { role, id } of await copiesIn(session)) {
    if (role !== 'before') continue;
    const copy = `__${role}_${id}`;
    const rows = await session.query<{ object: string }>(NEEDS, [await schemasOf(session, copy)]);
    if (rows.length > 0)
      found.set(
        copy,
        rows.map(({ object }) => object),
      );
  }
  return found;
}

/** Tells what a restore in place would cost, in whole sentences. */
export async function lossesInPlace(session: PostgresSession): Promise<string[]> {
  const losses: string[] = [];
  for (const [copy, needs] of await boundCopies(session)) {
    losses.push(
      `An earlier restore of ${await tablesIn(session, copy)} cannot be undone any more then: what is kept for that needs ${someOf(needs)}, which is replaced.`,
    );
  }
  return losses;
}

/** Warnings about previous tables that go away with the previous database, in whole sentences. */
export async function lossesBySwap(session: PostgresSession): Promise<string[]> {
  const losses: string[] = [];
  for (const { role, id } of await copiesIn(session)) {
    if (role !== 'before') continue;
    losses.push(
      `An earlier restore of ${await tablesIn(session, `__${role}_${id}`)} can be undone only after this one has been: what is kept for that stays in the previous database, and is dropped with it.`,
    );
  }
  return losses;
}

async function tablesIn(session: PostgresSession, copy: string): Promise<string> {
  const selected = (await contentOf(session, copy))?.selected.map(({ schema, name }) => tableKey(schema, name));
  return (selected ?? [copy]).join(', ');
}

/**
 * Before the rest of the database is dropped: previous tables that stand alone are cut loose from it and stay; of the others nothing would
 * be left but tables without some of their columns, so that they go. Resolves with the names of those that somebody may want back.
 */
export async function spareKeptCopies(session: PostgresSession): Promise<string[]> {
  const gone: string[] = [];
  const lost = await boundCopies(session);
  for (const { role, id } of await copiesIn(session)) {
    const copy = `__${role}_${id}`;
    const schemas = await schemasOf(session, copy);
    const content = role === 'before' ? await contentOf(session, copy) : undefined;
    if (content === undefined || lost.has(copy)) {
      await session.query(
        `DROP SCHEMA ${schemas.map((schema) => pg.escapeIdentifier(schema)).join(', ')} CASCADE`,
        [],
        AS_LONG_AS_IT_TAKES,
      );
      if (role === 'before') gone.push(copyName(session.connection.database, role, id));
      continue;
    }
    const tables = await session.query<{ oid: string }>(
      `SELECT c.oid::text AS oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'f')`,
      [schemas],
    );
    const homeOf = (schema: string): string => content.homes[Number(schema.split('_').at(-1))] ?? schema;
    const attachments = await detach(
      session,
      tables.map(({ oid }) => oid),
      homeOf,
      true,
    );
    await writeContent(session, copy, { ...content, attachments: [...(content.attachments ?? []), ...attachments] });
  }
  return gone;
}
