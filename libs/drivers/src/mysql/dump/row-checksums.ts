import { createHash } from 'node:crypto';
import type { ContentChecksums, ServerInfo } from '@app/domain';
import { quotedName } from '../login/mysql-account.js';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { TableEntry } from './mysql-inventory.js';
import { WHOLLY_MAPPED, canonical, hasUnmapped } from './unmapped-bytes.js';

/**
 * What a table's checksum is: the sum, over its rows, of 64 bits of the SHA-256 of the row's text. A sum does not depend on
 * the order of the rows, and equal rows do not cancel each other. MySQL 9.6 and newer have no MD5. See ADR 29.
 */
export const CONTENT_ALGORITHM = 'mysql-row-text-2';

/** A row whose text the server could not make: it was longer than `max_allowed_packet`. More than all hashes together. */
const UNREADABLE = 10n ** 40n;
/** The texts of all short columns of one row, by far: what `max_allowed_packet` must leave room for. */
const ROW_TEXT_BYTES = 2 * 1024 * 1024;
/** Longer ones go into the row's text as their own hash, so that the text stays short. */
const SHORT_BYTES = 1_024;

/** Where no table could be looked at. */
export function nothingCovered(why: string): ContentChecksums {
  return { algorithm: CONTENT_ALGORITHM, basis: '', tables: {}, uncovered: { 'all tables': why } };
}

export interface HashedTable {
  name: string;
  /** SQL for the text of a row. */
  text: string;
  /** The columns whose default the server may write into its definition otherwise than it is. */
  defaults: { flavour: ServerInfo['flavour']; columns: readonly { name: string; nullable: boolean }[] };
  /** `text` may be NULL. */
  unsure: boolean;
  /** Columns that are not in it, and why. */
  left: readonly { column: string; why: string }[];
}

interface Column {
  table: string;
  name: string;
  place: number | string;
  type: string;
  nullable: string;
  octets: number | string | null;
  extra: string;
  expression: string | null;
  standard: string | null;
  characterSet: string | null;
}

/** Settings that change the text of a value; on both sides the same. */
export async function pinTexts(session: MysqlSession): Promise<void> {
  await session.run(`SET SESSION time_zone = '+00:00'`);
}

/**
 * The flavour, and what the server makes of one value of each kind whose text could differ between versions: where this
 * differs, checksums of the same rows may. Undefined where rows would not fit into the server's largest packet.
 */
export async function contentBasis(session: MysqlSession): Promise<string | undefined> {
  const { flavour } = await session.serverInfo();
  const json = flavour === 'MySQL' ? `, CAST(CAST('{"b": 1.10, "a": [1, null, 2e3]}' AS JSON) AS CHAR)` : '';
  const values = `CAST(1.10 AS DECIMAL(9, 3)), 1e0 / 3, 1e300, 2.5e-310, 0.1e0, TIMESTAMP'2026-01-02 03:04:05.060', TIME'-30:00:00.5', DATE'2026-01-02'${json}`;
  const { text, room } = await session.row<{ text: string; room: number | string }>(
    `SELECT SHA2(CONCAT_WS(',', ${values}), 256) AS text, @@max_allowed_packet AS room`,
  );
  return Number(room) < ROW_TEXT_BYTES ? undefined : `${flavour} ${text.slice(0, 16)}`;
}

/** How the rows of each table are hashed, by the table's name. */
export async function hashedTables(session: MysqlSession, database: string): Promise<Map<string, HashedTable>> {
  const columns = await session.rows<Column>(
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, ORDINAL_POSITION AS place, LOWER(DATA_TYPE) AS type, IS_NULLABLE AS nullable, CHARACTER_OCTET_LENGTH AS octets,
            UPPER(EXTRA) AS extra, GENERATION_EXPRESSION AS expression, COLUMN_DEFAULT AS standard,
            CHARACTER_SET_NAME AS characterSet
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?`,
    [database],
    { isLarge: true },
  );
  const { flavour } = await session.serverInfo();
  return new Map(
    [...Map.groupBy(columns, ({ table }) => table)].map(([name, of]) => [name, hashedTable(name, of, flavour)]),
  );
}

function hashedTable(table: string, columns: readonly Column[], flavour: ServerInfo['flavour']): HashedTable {
  // They are sorted by name: their order is part of the definition, and not of the rows.
  const stored = columns
    .filter(({ extra, expression }) => !extra.includes('VIRTUAL') && !/^ROW (START|END)$/i.test(expression ?? ''))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const floats = columns.filter(({ type }) => type === 'float').map(({ name }) => quotedName(name));
  const ofFloats = stored.filter(({ expression }) => floats.some((name) => expression?.includes(name) === true));
  const texts = stored.filter((column) => !ofFloats.includes(column)).map(textOf);
  // MySQL lists columns in one order now and in another one a moment later.
  const defaults = columns.filter(hasUnwritableDefault).toSorted((a, b) => Number(a.place) - Number(b.place));
  return {
    name: table,
    text: `CONCAT('', ${texts.length === 0 ? `''` : texts.join(`, ',', `)})`,
    defaults: { flavour, columns: defaults.map(({ name, nullable }) => ({ name, nullable: nullable === 'YES' })) },
    unsure: stored.some(({ type }) => type === 'json'),
    left: ofFloats.map(({ name }) => ({
      column: name,
      why: 'it is computed of a FLOAT, of which the server writes 6 digits into a dump',
    })),
  };
}

/** Returns an expression for the text of a value, which is NULL only where the server cannot make the text. Two different rows have two different texts. */
function textOf({ name, type, nullable, octets, characterSet }: Column): string {
  const column = quotedName(name);
  const value = valueOf(column, type, Number(octets ?? 0), characterSet);
  return nullable === 'YES' ? `IF(${column} IS NULL, 'N', ${value})` : value;
}

function valueOf(column: string, type: string, octets: number, characterSet: string | null): string {
  switch (type) {
    case 'float':
    case 'double':
      // The dump's `-0` is loaded as 0.
      return `IF(${column} = 0, '0', CONCAT(${column}))`;
    case 'bit':
      return `CONCAT(${column} + 0)`;
    case 'json': {
      // The text is as a dump brings it back: numbers that were decimals are doubles then.
      const text = (json: string): string => `CAST(${json} AS CHAR CHARACTER SET utf8mb4)`;
      return `SHA2(${text(`CAST(${text(column)} AS JSON)`)}, 256)`;
    }
    case 'uuid':
    case 'inet4':
    case 'inet6':
      return `CAST(${column} AS CHAR)`;
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
    case 'enum':
    case 'set':
      return textValue(
        characterSet === null || WHOLLY_MAPPED.includes(characterSet)
          ? column
          : // A dump brings back one of several codes of a character.
            `IF(${hasUnmapped(column, characterSet)}, ${column}, ${canonical(column, characterSet)})`,
        octets,
      );
    case 'binary':
    case 'varbinary':
      return textValue(column, octets);
    default:
      return SIMPLE.has(type) ? column : `SHA2(${column}, 256)`;
  }
}

/** The bytes as they are kept, in whatever character set. */
function textValue(value: string, octets: number): string {
  return octets <= SHORT_BYTES ? `CONCAT(LENGTH(${value}), ':', CAST(${value} AS BINARY))` : `SHA2(${value}, 256)`;
}

/** Their text has neither a comma nor a colon that could be taken for another. */
const SIMPLE: ReadonlySet<string> = new Set([
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'],
  ...['date', 'datetime', 'timestamp', 'time'],
]);

/** Whether the information schema and SHOW CREATE TABLE write `?` in the default: for characters beyond the BMP (FAILURES 71). */
function hasUnwritableDefault({ type, standard, extra }: Column): boolean {
  if (standard?.includes('?') !== true || extra.includes('DEFAULT_GENERATED')) return false;
  return ['char', 'varchar', 'enum', 'set'].includes(type) && !/\w\(/.test(standard);
}

export type TableFigures = { rows: number; sum: string } | { rows: number; why: string };

/** Counts the rows of a table and sums their hashes. `history`: with those that a versioned table held in the past. */
export async function figuresOf(
  session: MysqlSession,
  { name, type }: Pick<TableEntry, 'name' | 'type'>,
  table: HashedTable,
  history: boolean,
): Promise<TableFigures> {
  const hash = hashOf(table.text);
  const summed = table.unsure ? `COALESCE(${hash}, ${UNREADABLE})` : hash;
  const from = `${quotedName(name)}${history && type === 'SYSTEM VERSIONED' ? ' FOR SYSTEM_TIME ALL' : ''}`;
  const { total, sum } = await session.row<{ total: number | string; sum: string | number | null }>(
    `SELECT COUNT(*) AS total, SUM(${summed}) AS sum FROM ${from}`,
    [],
    AS_LONG_AS_IT_TAKES,
  );
  const rows = Number(total);
  const exact = BigInt(sum ?? 0);
  if (exact >= UNREADABLE) return { rows, why: 'the text of a row is longer than max_allowed_packet' };
  return { rows, sum: (exact + (await defaultsOf(session, name, table))).toString() };
}

/** 0 where all defaults are written as they are. */
async function defaultsOf(session: MysqlSession, name: string, { defaults }: HashedTable): Promise<bigint> {
  const { flavour, columns } = defaults;
  if (columns.length === 0) return 0n;
  if (flavour === 'MySQL') return hashOfLines(await definitionLines(session, name), columns);
  const texts = columns.map(({ name: column, nullable }) =>
    // Known without a row where the column takes NULL; else, on both sides, only while the table has one.
    nullable
      ? `SHA2(DEFAULT(t.${quotedName(column)}), 256)`
      : `(SELECT SHA2(DEFAULT(${quotedName(column)}), 256) FROM ${quotedName(name)} LIMIT 1)`,
  );
  const { hash } = await session.row<{ hash: number | string }>(
    `SELECT ${hashOf(`CONCAT_WS(',', ${texts.join(', ')})`)} AS hash FROM (SELECT 1 AS one) q LEFT JOIN ${quotedName(name)} t ON FALSE`,
  );
  return BigInt(hash);
}

async function definitionLines(session: MysqlSession, table: string): Promise<string[]> {
  const row = await session.row<Record<string, string>>(`SHOW CREATE TABLE ${quotedName(table)}`);
  return row['Create Table']?.split('\n') ?? [];
}

/** MySQL writes these defaults in hexadecimal. */
function hashOfLines(lines: readonly string[], columns: readonly { name: string }[]): bigint {
  const texts = columns.map(({ name }) => {
    const line = lines.find((text) => text.startsWith(`  ${quotedName(name)} `));
    return / DEFAULT (0x[0-9A-F]+|'(?:[^']|'')*')/.exec(line ?? '')?.[1] ?? '';
  });
  return BigInt(`0x${createHash('sha256').update(texts.join(',')).digest('hex').slice(0, 16)}`);
}

function hashOf(text: string): string {
  return `CAST(CONV(LEFT(SHA2(${text}, 256), 16), 16, 10) AS UNSIGNED)`;
}
