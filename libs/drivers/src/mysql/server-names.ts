import { DomainError, someOf } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { foldsNames } from './login/folded-names.js';
import { beyondUtf8mb3 } from './login/mysql-account.js';
import { withSession } from './login/mysql-session.js';
import type { MysqlSession } from './login/mysql-session.js';

/** The name of a database as the server spells it, in its answers and in the definitions that it writes. */
export async function asSpelled(session: MysqlSession, name: string): Promise<string> {
  if (beyondUtf8mb3(name) || !(await foldsNames(session))) return name;
  const found = await session.rows<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [name],
  );
  const there = found.find((row) => isSameFolded(row.name, name));
  if (there !== undefined) return there.name;
  const { keeps, lower } = await session.row<{ keeps: number; lower: string }>(
    'SELECT @@lower_case_table_names = 2 AS keeps, LOWER(?) AS lower',
    [name],
  );
  return Number(keeps) === 1 ? name : lower;
}

/** A connection to the same database by the name that the server gives it. */
export async function spelledConnection(
  connection: ConnectionParams,
  signal: AbortSignal | undefined,
): Promise<{ connection: ConnectionParams; folds: boolean }> {
  return withSession(connection, { database: null, signal }, async (session) => ({
    connection: { ...connection, database: await asSpelled(session, connection.database) },
    folds: await foldsNames(session),
  }));
}

export function isSameFolded(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * The condition that a column of the information schema names the database that is given three times. Of some views MariaDB
 * compares names without regard to case and accents, also where `Shop` and `shop` are two databases.
 */
export function isDatabase(column: string): string {
  return `${column} = ? AND (CAST(${column} AS BINARY) = ? OR (@@lower_case_table_names > 0 AND CAST(LOWER(${column}) AS BINARY) = LOWER(?)))`;
}

/** The values for {@link isDatabase}. */
export function thrice(database: string): [string, string, string] {
  return [database, database, database];
}

/** The condition that two columns name different databases. */
export function areDifferentDatabases(one: string, other: string): string {
  const compared = (column: string): string =>
    `CAST(IF(@@lower_case_table_names > 0, LOWER(${column}), ${column}) AS BINARY)`;
  return `${compared(one)} <> ${compared(other)}`;
}

/** See `DbDriver.requireDistinct`. */
export async function requireDistinct(
  connection: ConnectionParams,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const groups = Map.groupBy(new Set(names), (name) => name.toLowerCase());
  const alike = [...groups.values()].filter((group) => group.length > 1);
  if (alike.length === 0) return;
  if (await withSession(connection, { database: null, signal }, foldsNames)) throw takenForOne(alike);
}

/** No database of the server can hold the dump. */
export class TakenForOne extends DomainError {}

export function takenForOne(groups: readonly (readonly string[])[]): TakenForOne {
  const phrases = groups.map((group) => group.map((name) => `"${name}"`).join(' and '));
  return new TakenForOne(
    'UNSUPPORTED',
    `The server does not tell names apart by their case (lower_case_table_names), so that of these tables or views of the dump one would replace the other: ${someOf(phrases, { separator: '; ' })}.`,
    { hint: 'Nothing was changed. Restore on a server with lower_case_table_names = 0, or rename them in the source.' },
  );
}
