import pg from 'pg';
import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { tableKey } from '../dump/table-key.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { sqlName } from './copy-schemas.js';
import type { ForeignKey, KeyTrigger } from './copy-schemas.js';
import { keyTriggers } from './table-catalog.js';

const FOREIGN_KEY_VIOLATION = '23503';
const INSUFFICIENT_PRIVILEGE = '42501';
/** The words for the values of `pg_trigger.tgenabled`. */
const FIRES: Readonly<Record<string, string>> = { D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS', O: 'ENABLE' };
/** Errors of the server: names that are not there, keys that are not unique, types that do not fit. */
const DOES_NOT_FIT = ['42P01', '42703', '42830', '42804', '3F000', '42809'];

export async function dropForeignKeys(session: PostgresSession, keys: readonly ForeignKey[]): Promise<void> {
  for (const { home, table, name } of keys) {
    await session.query(`ALTER TABLE ${sqlName(home, table)} DROP CONSTRAINT ${quoted(name)}`);
  }
}

/**
 * Makes and checks them, with their comments and with which of their triggers fire. UNSUPPORTED when rows would break one, with
 * how many, or when it cannot be made. Resolves with warnings.
 */
export async function addForeignKeys(session: PostgresSession, keys: readonly ForeignKey[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const key of keys) {
    await session.query('SAVEPOINT foreign_key');
    try {
      await session.query(
        `ALTER TABLE ${sqlName(key.home, key.table)} ADD CONSTRAINT ${quoted(key.name)} ${key.definition}`,
        [],
        AS_LONG_AS_IT_TAKES,
      );
      await session.query('RELEASE SAVEPOINT foreign_key');
      warnings.push(...(await dress(session, key)));
    } catch (error) {
      if (!isServerError(error)) throw error;
      if (error.code === FOREIGN_KEY_VIOLATION) {
        await session.query('ROLLBACK TO SAVEPOINT foreign_key');
        throw broken(key, await orphans(session, key));
      }
      if (DOES_NOT_FIT.includes(error.code)) throw broken(key, serverWords(error));
      throw error;
    }
  }
  return warnings;
}

/** Adds what ADD CONSTRAINT does not say. Only a superuser may say when the triggers of a foreign key fire. */
async function dress(session: PostgresSession, key: ForeignKey): Promise<string[]> {
  const { home, table, name, comment = null, triggers = [] } = key;
  if (comment !== null) {
    await session.query(
      `COMMENT ON CONSTRAINT ${quoted(name)} ON ${sqlName(home, table)} IS ${pg.escapeLiteral(comment)}`,
    );
  }
  if (triggers.length === 0) return [];
  const made = await session.query<KeyTrigger & { name: string }>(
    `SELECT t.* FROM pg_catalog.pg_constraint k, LATERAL (${keyTriggers('k.oid')}) t
      WHERE k.conrelid = $1::regclass AND k.conname = $2 AND k.contype = 'f'`,
    [sqlName(home, table), name],
  );
  await session.query('SAVEPOINT key_triggers');
  try {
    for (const { schema, table: on, function: runs, enabled } of triggers) {
      const trigger = made.find((one) => one.schema === schema && one.table === on && one.function === runs);
      if (trigger === undefined) continue;
      await session.query(
        `ALTER TABLE ONLY ${sqlName(schema, on)} ${FIRES[enabled] ?? 'ENABLE'} TRIGGER ${quoted(trigger.name)}`,
      );
    }
    await session.query('RELEASE SAVEPOINT key_triggers');
    return [];
  } catch (error) {
    if (!isServerError(error) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    await session.query('ROLLBACK TO SAVEPOINT key_triggers');
    return [
      `Foreign key ${name} of ${tableKey(home, table)} is enforced now; some of its triggers were disabled before, which only a superuser can do again.`,
    ];
  }
}

function broken({ home, table, name, target }: ForeignKey, why: string): DomainError {
  const [child, parent] = [tableKey(home, table), tableKey(target.schema, target.name)];
  return new DomainError(
    'UNSUPPORTED',
    `Foreign key ${name} from ${child} to ${parent} would not hold between restored tables and others: ${why}.`,
    {
      hint: `Nothing was changed. Restore ${child} and ${parent} together, or into another database with target_database.`,
    },
  );
}

/** "3 rows of … refer to nothing", by the rule of MATCH SIMPLE. */
async function orphans(session: PostgresSession, key: ForeignKey): Promise<string> {
  const { home, table, columns, target, targetColumns } = key;
  const pairs = columns.map((column, index) => `p.${quoted(targetColumns[index] ?? '')} = c.${quoted(column)}`);
  const present = columns.map((column) => `c.${quoted(column)} IS NOT NULL`);
  try {
    const { count } = await session.queryOne<{ count: string }>(
      `SELECT pg_catalog.count(*) AS count FROM ${sqlName(home, table)} c WHERE ${present.join(' AND ')}
         AND NOT EXISTS (SELECT FROM ${sqlName(target.schema, target.name)} p WHERE ${pairs.join(' AND ')})`,
      [],
      AS_LONG_AS_IT_TAKES,
    );
    return `${count} ${count === '1' ? 'row' : 'rows'} of ${tableKey(home, table)} would refer to nothing`;
  } catch {
    // Types whose `=` is not the system's.
    return `rows of ${tableKey(home, table)} would refer to nothing`;
  }
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
