import { DomainError } from '@app/domain';
import { tableKey } from '../dump/table-key.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { sqlName } from './copy-schemas.js';
import type { ForeignKey } from './copy-schemas.js';

const FOREIGN_KEY_VIOLATION = '23503';
/** Of the server: names that are not there, keys that are not unique, types that do not fit. */
const DOES_NOT_FIT = ['42P01', '42703', '42830', '42804', '3F000', '42809'];

export async function dropForeignKeys(session: PostgresSession, keys: readonly ForeignKey[]): Promise<void> {
  for (const { home, table, name } of keys) {
    await session.query(`ALTER TABLE ${sqlName(home, table)} DROP CONSTRAINT ${quoted(name)}`);
  }
}

/** Makes and checks them. UNSUPPORTED when rows would break one, with how many, or when it cannot be made. */
export async function addForeignKeys(session: PostgresSession, keys: readonly ForeignKey[]): Promise<void> {
  for (const key of keys) {
    await session.query('SAVEPOINT foreign_key');
    try {
      await session.query(
        `ALTER TABLE ${sqlName(key.home, key.table)} ADD CONSTRAINT ${quoted(key.name)} ${key.definition}`,
      );
      await session.query('RELEASE SAVEPOINT foreign_key');
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
    );
    return `${count} ${count === '1' ? 'row' : 'rows'} of ${tableKey(home, table)} would refer to nothing`;
  } catch {
    // Types whose `=` is not the system's.
    return `rows of ${tableKey(home, table)} would refer to nothing`;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
