import type { ContentChecksums } from '@app/domain';
import { quotedName } from '../login/mysql-account.js';
import { AS_LONG_AS_IT_TAKES } from '../../answer-guard.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { TableEntry } from './mysql-inventory.js';

/**
 * What a table's checksum is: the sum, over its rows, of 64 bits of the SHA-256 of the row's text. A sum does not depend on
 * the order of the rows, and equal rows do not cancel each other. MySQL 9.6 and newer have no MD5. See ADR 29.
 */
export const CONTENT_ALGORITHM = 'mysql-row-text-1';

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
  /** SQL, without a table, for what the server writes otherwise than it is into its definition; empty where nothing is. */
  defaults: string;
  /** `text` may be NULL. */
  unsure: boolean;
  /** Columns that are not in it, and why. */
  left: readonly { column: string; why: string }[];
}

interface Column {
  table: string;
  name: string;
  type: string;
  nullable: string;
  octets: number | string | null;
  extra: string;
  expression: string | null;
  standard: string | null;
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
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, IS_NULLABLE AS nullable, CHARACTER_OCTET_LENGTH AS octets,
            UPPER(EXTRA) AS extra, GENERATION_EXPRESSION AS expression, COLUMN_DEFAULT AS standard
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?`,
    [database],
    { isLarge: true },
  );
  return new Map([...Map.groupBy(columns, ({ table }) => table)].map(([name, of]) => [name, hashedTable(name, of)]));
}

function hashedTable(table: string, columns: readonly Column[]): HashedTable {
  // By name: their order is part of the definition, and not of the rows.
  const stored = columns
    .filter(({ extra, expression }) => !extra.includes('VIRTUAL') && !/^ROW (START|END)$/i.test(expression ?? ''))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const floats = columns.filter(({ type }) => type === 'float').map(({ name }) => quotedName(name));
  const ofFloats = stored.filter(({ expression }) => floats.some((name) => expression?.includes(name) === true));
  const texts = stored.filter((column) => !ofFloats.includes(column)).map(textOf);
  const defaults = columns.filter(hasUnwritableDefault).map(({ name }) => `SHA2(DEFAULT(t.${quotedName(name)}), 256)`);
  return {
    name: table,
    text: `CONCAT('', ${texts.length === 0 ? `''` : texts.join(`, ',', `)})`,
    defaults: defaults.join(', '),
    unsure: stored.some(({ type }) => type === 'json'),
    left: ofFloats.map(({ name }) => ({
      column: name,
      why: 'it is computed of a FLOAT, of which the server writes 6 digits into a dump',
    })),
  };
}

/** Never NULL, except where the server cannot make the text. Two different rows have two different texts. */
function textOf({ name, type, nullable, octets }: Column): string {
  const column = quotedName(name);
  const value = valueOf(column, type, Number(octets ?? 0));
  return nullable === 'YES' ? `IF(${column} IS NULL, 'N', ${value})` : value;
}

function valueOf(column: string, type: string, octets: number): string {
  switch (type) {
    case 'float':
    case 'double':
      // The dump's `-0` is loaded as 0.
      return `IF(${column} = 0, '0', CONCAT(${column}))`;
    case 'bit':
      return `CONCAT(${column} + 0)`;
    case 'json': {
      // As it will have been read from a dump: numbers that were decimals are doubles then.
      const text = (json: string): string => `CAST(${json} AS CHAR CHARACTER SET utf8mb4)`;
      return `SHA2(${text(`CAST(${text(column)} AS JSON)`)}, 256)`;
    }
    case 'uuid':
    case 'inet4':
    case 'inet6':
      return `CAST(${column} AS CHAR)`;
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
    case 'enum':
    case 'set':
      // The bytes as they are kept, in whatever character set.
      return octets <= SHORT_BYTES
        ? `CONCAT(LENGTH(${column}), ':', CAST(${column} AS BINARY))`
        : `SHA2(${column}, 256)`;
    default:
      return SIMPLE.has(type) ? column : `SHA2(${column}, 256)`;
  }
}

/** Their text has neither a comma nor a colon that could be taken for another. */
const SIMPLE: ReadonlySet<string> = new Set([
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'],
  ...['date', 'datetime', 'timestamp', 'time'],
]);

/** What the information schema and SHOW CREATE TABLE write as `?`: characters beyond the BMP (FAILURES 71). */
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

/** 0 where all defaults are written as they are. They are known without a row. */
async function defaultsOf(session: MysqlSession, name: string, { defaults }: HashedTable): Promise<bigint> {
  if (defaults === '') return 0n;
  const { hash } = await session.row<{ hash: number | string }>(
    `SELECT ${hashOf(`CONCAT_WS(',', ${defaults})`)} AS hash FROM (SELECT 1 AS one) q LEFT JOIN ${quotedName(name)} t ON FALSE`,
  );
  return BigInt(hash);
}

function hashOf(text: string): string {
  return `CAST(CONV(LEFT(SHA2(${text}, 256), 16), 16, 10) AS UNSIGNED)`;
}
