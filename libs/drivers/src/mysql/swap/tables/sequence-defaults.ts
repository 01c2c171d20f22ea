import { AS_LONG_AS_IT_TAKES } from '../../../session/answer-guard.js';
import { quotedName } from '../../login/mysql-account.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import type { TablePlace } from './rename-tables.js';
import { requalified } from '../../script/sql-lexer.js';

export interface ColumnDefault {
  table: string;
  column: string;
  expression: string;
}

/** Tables of a schema with columns whose defaults name something of the schema `named`: a sequence, by `nextval()`. */
export async function tablesWithDefaultsOf(session: MysqlSession, schema: string, named: string): Promise<string[]> {
  return [...new Set((await defaultsNaming(session, schema, named)).map(({ table }) => table))];
}

/** RENAME TABLE leaves the sequences in defaults where they were, by schema and name. `columns`: of this table. */
export async function retargetDefaults(
  session: MysqlSession,
  { schema, table }: TablePlace,
  columns: readonly ColumnDefault[],
  { from, to }: { from: string; to: string },
): Promise<void> {
  const changes = columns.map(
    ({ column, expression }) => `ALTER COLUMN ${quotedName(column)} SET DEFAULT (${requalified(expression, from, to)})`,
  );
  await session.run(
    `ALTER TABLE ${quotedName(schema)}.${quotedName(table)} ${changes.join(', ')}`,
    [],
    AS_LONG_AS_IT_TAKES,
  );
}

/** Finds the defaults of all tables of a schema. */
export async function defaultsNaming(session: MysqlSession, schema: string, named: string): Promise<ColumnDefault[]> {
  const rows = await session.rows<ColumnDefault>(
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`, COLUMN_DEFAULT AS expression
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND LOCATE(?, COLUMN_DEFAULT) > 0`,
    [schema, `${quotedName(named)}.`],
  );
  // A text may hold the same characters.
  return rows.filter(({ expression }) => requalified(expression, named, `${named}x`) !== expression);
}
