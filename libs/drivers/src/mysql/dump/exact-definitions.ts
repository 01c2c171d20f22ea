import { compareVersions } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { holdsNoRows } from './mysql-dump-warnings.js';

/** A line of a CREATE TABLE as the server writes it for the dump tools, and as it is; Latin-1 text. */
export interface ExactLine {
  written: string;
  exact: string;
}

/** The exact lines by table, and by the number of the line within its CREATE TABLE. */
export type ExactDefinitions = ReadonlyMap<string, ReadonlyMap<number, ExactLine>>;

export interface ReadDefinitions {
  definitions: ExactDefinitions;
  /** `table.column`: members and defaults that the server does not tell. */
  unknown: readonly string[];
}

interface Column {
  table: string;
  /** The storage engine of the table. */
  engine: string;
  name: string;
  type: string;
  columnType: string;
  characterSet: string | null;
  standard: string | null;
}

/** No server takes more members. */
const MOST_MEMBERS = 65_535;
const MOST_SET_MEMBERS = 64;

/**
 * What servers replace by `?` in SHOW CREATE TABLE: characters beyond the BMP among the members and defaults of columns, as their
 * own texts are in utf8mb3. Members come from the column's own type, which a recursive query takes over; defaults from
 * DEFAULT().
 */
export async function readExactDefinitions(session: MysqlSession, database: string): Promise<ReadDefinitions> {
  const definitions = new Map<string, Map<number, ExactLine>>();
  const unknown: string[] = [];
  const { flavour, versionParts } = await session.serverInfo();
  const hasRecursion = flavour === 'MariaDB' || compareVersions(versionParts, [8, 0]) >= 0;
  for (const [table, columns] of await suspectedTables(session, database, flavour === 'MySQL')) {
    const written = await createTable(session, database, table);
    const exact = [...written];
    for (const column of columns) {
      const { name, columnType, standard } = column;
      const before = latin1(`  ${quotedName(name)} ${columnType}`);
      const at = exact.findIndex((line) => line.startsWith(before));
      if (at === -1) continue;
      // A question about a table opens it, and with it what it points to.
      const isAsked = hasRecursion && !holdsNoRows(column);
      const members = isAsked ? await exactMembers(session, database, column, flavour) : undefined;
      if (members === undefined && hasHiddenMembers(column)) unknown.push(`${table}.${name}`);
      const type = members === undefined ? columnType : `${column.type}(${members.map(quotedText).join(',')})`;
      let rest = (exact[at] as string).slice(before.length);
      // MySQL writes such defaults in hexadecimal, from 8.0 on.
      const literal =
        flavour === 'MariaDB' && standard?.startsWith(`'`) && standard.includes('?') ? standard : undefined;
      if (literal !== undefined) {
        const value = isAsked ? await exactDefault(session, database, column, members) : undefined;
        if (value === undefined) unknown.push(`${table}.${name}`);
        else rest = rest.replace(latin1(` DEFAULT ${literal}`), () => latin1(` DEFAULT ${quotedText(value)}`));
      } else if (!hasRecursion && standard?.includes('?') === true) {
        unknown.push(`${table}.${name}`);
      }
      exact[at] = latin1(`  ${quotedName(name)} ${type}`) + rest;
    }
    const lines = new Map<number, ExactLine>();
    for (const [n, line] of exact.entries()) {
      // Older tools write also lines that are the same under another character set than they need.
      if (line !== written[n] || BEYOND_BMP.test(line)) lines.set(n, { written: written[n] as string, exact: line });
    }
    if (lines.size > 0) definitions.set(table, lines);
  }
  return { definitions, unknown: [...new Set(unknown)] };
}

/** The first byte of a character of four, in UTF-8. */
const BEYOND_BMP = /[\xf0-\xf4]/;

/** Tables of whose definition something may be lost, with the columns in question. */
async function suspectedTables(
  session: MysqlSession,
  database: string,
  isMysql: boolean,
): Promise<Map<string, Column[]>> {
  const columns = await session.rows<Column & { expression: string | null; base: string }>(
    `SELECT c.TABLE_NAME AS \`table\`, t.ENGINE AS engine, c.COLUMN_NAME AS name, LOWER(c.DATA_TYPE) AS type, c.COLUMN_TYPE AS columnType,
            c.CHARACTER_SET_NAME AS characterSet, c.COLUMN_DEFAULT AS standard, c.GENERATION_EXPRESSION AS expression
       FROM information_schema.COLUMNS c
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
      WHERE c.TABLE_SCHEMA = ? AND t.TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE') AND t.ENGINE IS NOT NULL
        AND (c.COLUMN_TYPE LIKE '%?%' OR c.COLUMN_DEFAULT IS NOT NULL OR c.GENERATION_EXPRESSION <> '')
      ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
    [database],
    { isLarge: true },
  );
  const tables = new Map<string, Column[]>();
  for (const { expression, ...column } of columns) {
    const texts = [column.columnType, column.standard, expression];
    if (!texts.some((text) => text !== null && isSuspect(text))) continue;
    const of = tables.get(column.table) ?? [];
    const hasText = column.characterSet !== null && column.characterSet !== 'binary';
    if (hasText && (column.columnType.includes('?') || column.standard?.includes('?') === true)) of.push(column);
    tables.set(column.table, of);
  }
  for (const { table, text } of await otherExpressions(session, database, isMysql)) {
    if (isSuspect(text) && !tables.has(table)) tables.set(table, []);
  }
  return tables;
}

/** CHECKs, and the expressions of indexes. */
async function otherExpressions(
  session: MysqlSession,
  database: string,
  isMysql: boolean,
): Promise<{ table: string; text: string }[]> {
  const checks = `SELECT t.TABLE_NAME AS \`table\`, c.CHECK_CLAUSE AS text FROM information_schema.CHECK_CONSTRAINTS c
      JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA
       AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK'${isMysql ? '' : ' AND t.TABLE_NAME = c.TABLE_NAME'}
     WHERE c.CONSTRAINT_SCHEMA = ?`;
  const indexes = `SELECT TABLE_NAME AS \`table\`, EXPRESSION AS text FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ? AND EXPRESSION IS NOT NULL`;
  const found = [];
  for (const question of isMysql ? [checks, indexes] : [checks]) {
    try {
      found.push(...(await session.rows<{ table: string; text: string }>(question, [database])));
    } catch (error) {
      // Older servers have neither: no such table of information_schema (1109), no such column (1054).
      if (![1109, 1054].includes(serverRefusal(error)?.errno ?? 0)) throw error;
    }
  }
  return found;
}

/** A lost character is a question mark, or what is left of its bytes. */
function isSuspect(text: string): boolean {
  return /[^\x00-\x7f]|\?/.test(text);
}

/** Returns the CREATE TABLE as the dump tools read it. */
async function createTable(session: MysqlSession, database: string, table: string): Promise<string[]> {
  await session.run(`SET SESSION character_set_results = 'binary'`);
  try {
    const [row] = await session.byteRows(`SHOW CREATE TABLE ${quotedName(database)}.${quotedName(table)}`);
    return row?.['Create Table']?.toString('latin1').split('\n') ?? [];
  } finally {
    await session.run(`SET SESSION character_set_results = 'utf8mb4'`);
  }
}

/** Whether characters of its members may be shown as `?`. */
function hasHiddenMembers({ type, columnType }: Column): boolean {
  return ['enum', 'set'].includes(type) && columnType.includes('?');
}

/** Undefined where there are none to ask for, or where the server does not tell all of them. */
async function exactMembers(
  session: MysqlSession,
  database: string,
  column: Column,
  flavour: ServerInfo['flavour'],
): Promise<string[] | undefined> {
  if (!hasHiddenMembers(column)) return undefined;
  const { table, name, type, columnType } = column;
  const from = `${quotedName(database)}.${quotedName(table)}`;
  const [next, most] = type === 'enum' ? ['n + 1', MOST_MEMBERS] : ['1 << n', MOST_SET_MEMBERS];
  const count = Math.min(most, membersIn(columnType));
  // Both stop at 1000, MariaDB without an error.
  const limit = flavour === 'MariaDB' ? 'max_recursive_iterations' : 'cte_max_recursion_depth';
  await session.run(`SET SESSION ${limit} = ${most + 1}`);
  const rows = await session.rows<{ n: number; member: string | null }>(
    `WITH RECURSIVE members AS (
       SELECT t.${quotedName(name)} AS member, 0 AS n FROM (SELECT 1 AS one) q LEFT JOIN ${from} t ON FALSE
       UNION ALL SELECT ${next}, n + 1 FROM members WHERE n < ${count})
     SELECT n, member FROM members WHERE n > 0 ORDER BY n`,
  );
  const members = rows.map(({ member }) => member);
  return members.length === membersIn(columnType) && members.every((member) => member !== null) ? members : undefined;
}

/** Counts the members of a type as servers write it: `enum('a','it''s')`. */
function membersIn(columnType: string): number {
  return columnType.match(/'(?:[^'\\]|''|\\.)*'/gs)?.length ?? 0;
}

/** Undefined where the server does not tell: of a column that takes no NULL, while the table has no row. */
async function exactDefault(
  session: MysqlSession,
  database: string,
  { table, name, type, standard }: Column,
  members: readonly string[] | undefined,
): Promise<string | undefined> {
  const from = `${quotedName(database)}.${quotedName(table)}`;
  const questions = [
    `SELECT DEFAULT(t.${quotedName(name)}) AS value FROM (SELECT 1 AS one) q LEFT JOIN ${from} t ON FALSE`,
    `SELECT DEFAULT(${quotedName(name)}) AS value FROM ${from} LIMIT 1`,
  ];
  for (const question of questions) {
    const [row] = await session.rows<{ value: string | null }>(question);
    if (typeof row?.value === 'string') return row.value;
  }
  if (type !== 'enum') return undefined;
  const alike = (members ?? []).filter(
    (member) => quotedText(member.replace(/[\u{10000}-\u{10ffff}]/gu, '?')) === standard,
  );
  return alike.length === 1 ? alike[0] : undefined;
}

/** Quotes a value as a text of a dump, in which a backslash escapes. */
function quotedText(text: string): string {
  const escaped = text.replace(/[\\\n\r\0\x1a]/g, (character) => ESCAPES[character] ?? character);
  return `'${escaped.replaceAll(`'`, `''`)}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  '\x1a': '\\Z',
};

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
