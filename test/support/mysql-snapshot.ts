import { createHash } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { ConnectionParams } from '@app/domain';

export interface MysqlSnapshot {
  /** The text of every object, definers and options included; the database's own name reads `<self>`. */
  schema: string;
  /** For each table and view a hash over all its rows, in whatever order; history of versioned tables included. */
  rows: Record<string, string>;
}

/** All that a MariaDB or MySQL database holds, in a form in which equal databases of any name are equal. */
export async function mysqlSnapshot(connection: ConnectionParams): Promise<MysqlSnapshot> {
  const { host, port, username: user, password, database } = connection;
  const client = await createConnection({ host, port, user, password, database, dateStrings: true, timezone: 'Z' });
  try {
    await client.query(`SET SESSION time_zone = '+00:00', sql_mode = ''`);
    return await readSnapshot(client, database);
  } finally {
    await client.end();
  }
}

type Row = Record<string, string | number | null>;

async function select(client: Connection, sql: string, values: unknown[] = []): Promise<Row[]> {
  const [rows] = await client.query<(Row & RowDataPacket)[]>(sql, values);
  return rows;
}

const quoted = (name: unknown): string => `\`${String(name).replaceAll('`', '``')}\``;

async function readSnapshot(client: Connection, database: string): Promise<MysqlSnapshot> {
  const parts: string[] = [];
  const rows: Record<string, string> = {};
  const note = (title: string, row: Row | undefined): void => {
    const { Created: _created, ...lasting } = row ?? {};
    parts.push(
      `== ${title}\n${Object.entries(lasting)
        .map(([key, value]) => `${key}: ${value}`)
        .join('\n')}`,
    );
  };
  const listed = (view: string, columns: string, schema: string): Promise<Row[]> =>
    select(client, `SELECT ${columns} FROM information_schema.${view} WHERE BINARY ${schema} = ? ORDER BY 1, 2`, [
      database,
    ]);

  const settings = 'DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME';
  note('database', (await listed('SCHEMATA', settings, 'SCHEMA_NAME'))[0]);
  for (const table of await listed('TABLES', 'TABLE_NAME AS name, TABLE_TYPE AS type', 'TABLE_SCHEMA')) {
    const name = String(table['name']);
    note(`${table['type']} ${name}`, (await select(client, `SHOW CREATE TABLE ${quoted(name)}`))[0]);
    if (table['type'] === 'SEQUENCE') {
      note(
        `state of ${name}`,
        (await select(client, `SELECT next_not_cached_value, cycle_count FROM ${quoted(name)}`))[0],
      );
    } else {
      rows[name] = await hashOfRows(client, database, name, table['type'] === 'SYSTEM VERSIONED');
    }
  }
  for (const routine of await listed('ROUTINES', 'ROUTINE_TYPE AS type, ROUTINE_NAME AS name', 'ROUTINE_SCHEMA')) {
    const { type, name } = routine;
    note(`${type} ${name}`, (await select(client, `SHOW CREATE ${type} ${quoted(name)}`))[0]);
  }
  const triggers = 'TRIGGER_NAME AS name, ACTION_ORDER AS position, EVENT_OBJECT_TABLE AS tab, DEFINER AS definer';
  for (const trigger of await listed('TRIGGERS', triggers, 'TRIGGER_SCHEMA')) {
    const created = (await select(client, `SHOW CREATE TRIGGER ${quoted(trigger['name'])}`))[0];
    // A server that renames a table writes "ON `table`" into the text of its triggers.
    const text = String(created?.['SQL Original Statement']).replace(
      / on (`?)([^\s`]+)\1( for each row)/i,
      ' ON `$2`$3',
    );
    note(`trigger ${trigger['name']}`, { ...trigger, ...created, 'SQL Original Statement': text });
  }
  for (const event of await listed('EVENTS', 'EVENT_NAME AS name, STATUS AS status', 'EVENT_SCHEMA')) {
    const created = (await select(client, `SHOW CREATE EVENT ${quoted(event['name'])}`))[0];
    note(`event ${event['name']}`, { ...event, ...created });
  }
  const [hasLibraries] = await select(
    client,
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'LIBRARIES'`,
  );
  if (hasLibraries !== undefined) {
    const columns =
      'LIBRARY_NAME AS name, LANGUAGE AS language, LIBRARY_DEFINITION AS text, SQL_MODE AS sql_mode, LIBRARY_COMMENT AS comment';
    for (const library of await listed('LIBRARIES', columns, 'LIBRARY_SCHEMA')) {
      note(`library ${library['name']}`, library);
    }
  }
  const schema = parts
    .join('\n\n')
    .replaceAll(`${quoted(database)}.`, '`<self>`.')
    // MySQL shows a column's character set where its collation was given, as every dump of it does, and means the same without.
    .replaceAll(/ CHARACTER SET \w+ COLLATE /g, ' COLLATE ');
  return { schema, rows };
}

async function hashOfRows(client: Connection, database: string, name: string, versioned: boolean): Promise<string> {
  const columns = await select(
    client,
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, EXTRA AS extra FROM information_schema.COLUMNS
      WHERE BINARY TABLE_SCHEMA = ? AND BINARY TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [database, name],
  );
  const ownPeriod = columns.some(({ name: column }) => /^(row_start|row_end)$/i.test(String(column)));
  const explicit = versioned && (await hasExplicitPeriod(client, database, name));
  const expressions = columns.map(({ name: column, type }) =>
    // As text a FLOAT or DOUBLE would be rounded.
    /^(float|double)$/.test(String(type)) ? `${quoted(column)} + 0E0` : quoted(column),
  );
  if (versioned && !explicit && !ownPeriod) expressions.push('ROW_START', 'ROW_END');
  const fields = expressions.map((expression) => `IFNULL(HEX(CAST(${expression} AS BINARY)), 'NULL')`);
  const from = `${quoted(name)}${versioned ? ' FOR SYSTEM_TIME ALL' : ''}`;
  const sql = `SELECT SHA2(CONCAT_WS(',', ${fields.join(', ')}), 256) AS hash FROM ${from}`;
  let hashes: string[];
  try {
    hashes = (await select(client, sql)).map(({ hash }) => String(hash)).sort();
  } catch (error) {
    // A view that cannot be read here must not be readable there.
    return `unreadable: ${(error as { errno?: number }).errno}`;
  }
  return `${hashes.length} ${createHash('sha256').update(hashes.join('\n')).digest('hex')}`;
}

async function hasExplicitPeriod(client: Connection, database: string, name: string): Promise<boolean> {
  const [row] = await select(
    client,
    `SELECT COUNT(*) AS periods FROM information_schema.COLUMNS
      WHERE BINARY TABLE_SCHEMA = ? AND BINARY TABLE_NAME = ? AND GENERATION_EXPRESSION = 'ROW START'`,
    [database, name],
  );
  return Number(row?.['periods']) > 0;
}
