import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { quotedName } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { holdsNoRows } from './mysql-dump-warnings.js';
import type { Inventory } from './mysql-inventory.js';

/**
 * Character sets whose every byte means a character of its own, or that a server checks when a value is stored. In the others,
 * bytes may mean no character, or several codes the same one.
 */
export const WHOLLY_MAPPED = ['binary', 'utf8', 'utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf16le', 'utf32', 'latin1'];

interface Column {
  table: string;
  name: string;
  characterSet: string;
}

interface Found extends Column {
  /** Rows whose bytes mean no character. */
  lost: number;
  /** Rows whose characters have other bytes, too, which a dump would bring back. */
  changed: number;
}

/**
 * Dumps are in utf8mb4, in which bytes that mean no character become `?`. BROKEN_OBJECT where a column holds such bytes, with
 * the statement that finds them; a warning where characters come back as other bytes that mean the same. Tables with
 * columns in such character sets are read for it, except generated ones, which no dump holds.
 */
export async function refuseUnmappedBytes(
  session: MysqlSession,
  database: string,
  inventory: Inventory,
): Promise<string[]> {
  const columns = await session.rows<Column>(
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, CHARACTER_SET_NAME AS characterSet FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND CHARACTER_SET_NAME IS NOT NULL AND CHARACTER_SET_NAME NOT IN (?) AND UPPER(EXTRA) NOT REGEXP 'VIRTUAL|STORED|PERSISTENT'
      ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [database, WHOLLY_MAPPED],
  );
  const tables = new Set(inventory.tables.filter((entry) => !holdsNoRows(entry)).map(({ name }) => name));
  const found: Found[] = [];
  for (const [table, of] of Map.groupBy(columns, (column) => column.table)) {
    if (tables.has(table)) found.push(...(await look(session, database, table, of)));
  }
  const lost = found.filter((column) => column.lost > 0);
  const [first] = lost;
  if (first !== undefined) throw unmapped(database, first, lost);
  const changed = found.filter((column) => column.changed > 0);
  if (changed.length === 0) return [];
  return [
    `Characters that have several codes in their character set come back with the standard one, which means the same: ${changed
      .map((column) => `${column.table}.${column.name} (${column.characterSet}, ${rows(column.changed)})`)
      .join(', ')}.`,
  ];
}

async function look(
  session: MysqlSession,
  database: string,
  table: string,
  columns: readonly Column[],
): Promise<Found[]> {
  const sums = columns.flatMap((column, n) => [
    `SUM(${isLost(column)}) AS lost${n}`,
    `SUM(CAST(${canonical(quotedName(column.name), column.characterSet)} AS BINARY) <> CAST(${quotedName(column.name)} AS BINARY)) AS changed${n}`,
  ]);
  const row = await session.row<Record<string, number | string | null>>(
    `SELECT ${sums.join(', ')} FROM ${quotedName(database)}.${quotedName(table)}`,
    [],
    AS_LONG_AS_IT_TAKES,
  );
  return columns.map((column, n) => ({
    ...column,
    lost: Number(row[`lost${n}`] ?? 0),
    changed: Number(row[`changed${n}`] ?? 0),
  }));
}

function isLost({ name, characterSet }: Column): string {
  return hasUnmapped(quotedName(name), characterSet);
}

/** SQL for whether a value holds bytes that mean no character; NULL for NULL. */
export function hasUnmapped(column: string, characterSet: string): string {
  const characters = (value: string): string => `CHAR_LENGTH(REPLACE(${value}, '?', ''))`;
  // A real question mark is one in both.
  const own = characters(`CONVERT(${column} USING ${characterSet})`);
  // Under a strict sql_mode, MySQL makes NULL of bytes that are not ascii.
  return `COALESCE(${characters(`CONVERT(${column} USING utf8mb4)`)}, -1) <> ${own}`;
}

/** SQL for a value as a dump brings it back. */
export function canonical(column: string, characterSet: string): string {
  return `CONVERT(CONVERT(${column} USING utf8mb4) USING ${characterSet})`;
}

function unmapped(database: string, first: Found, lost: readonly Found[]): DomainError {
  const names = lost.map(({ table, name, characterSet, lost: n }) => `${table}.${name} (${characterSet}, ${rows(n)})`);
  const find = `SELECT * FROM ${quotedName(first.table)} WHERE ${isLost(first)}`;
  return new DomainError(
    'BROKEN_OBJECT',
    `Columns of "${database}" hold bytes that mean no character in their character set, and that a dump would hold as "?": ${names.join(', ')}.`,
    {
      hint: `Find the rows with ${find}; then mend them, or keep the column as bytes (ALTER TABLE … MODIFY … VARBINARY or BLOB), and back up again.`,
    },
  );
}

function rows(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}
