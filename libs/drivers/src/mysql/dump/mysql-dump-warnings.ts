import type { Inventory, TableEntry } from './mysql-inventory.js';
import { isDatabase, thrice } from '../server-names.js';
import type { MysqlSession } from '../login/mysql-session.js';

/** Engines whose tables only point to data elsewhere: the tools dump no rows of them. */
const REMOTE_ENGINES = ['MRG_MYISAM', 'MRG_ISAM', 'CONNECT', 'OQGRAPH', 'SPIDER', 'VP', 'FEDERATED'];

/** Whether the dump tools leave its rows out. */
export function holdsNoRows({ engine }: Pick<TableEntry, 'engine'>): boolean {
  return engine !== null && REMOTE_ENGINES.includes(engine.toUpperCase());
}

/** Returns warnings that name what a dump cannot hold, or not as it is. */
export async function dataWarnings(session: MysqlSession, inventory: Inventory, database: string): Promise<string[]> {
  const warnings: string[] = [];
  const engines = await session.rows<{ engine: string; transactions: string | null }>(
    'SELECT ENGINE AS engine, TRANSACTIONS AS transactions FROM information_schema.ENGINES',
  );
  const transactional = new Set(
    engines.filter(({ transactions }) => transactions === 'YES').map(({ engine }) => engine),
  );
  const named = (keep: (engine: string) => boolean): string =>
    inventory.tables
      .filter(({ engine }) => engine !== null && keep(engine))
      .map(({ name, engine }) => `${name} (${engine})`)
      .join(', ');

  const remote = named((engine) => REMOTE_ENGINES.includes(engine.toUpperCase()));
  if (remote !== '') warnings.push(`The dump has no rows of tables whose data is kept elsewhere: ${remote}.`);

  // FAILURES 12.
  const unprotected = named((engine) => !transactional.has(engine) && !REMOTE_ENGINES.includes(engine.toUpperCase()));
  if (unprotected !== '') {
    warnings.push(
      `Tables without transactions are not dumped at the same instant as the others, should they be written meanwhile: ${unprotected}.`,
    );
  }

  const floats = await columnsOf(session, database, `c.DATA_TYPE = 'float'`);
  if (floats.length > 0) {
    warnings.push(
      `The server writes FLOAT columns with 6 significant digits, so the dump rounds them: ${floats.join(', ')}.`,
    );
  }
  return warnings;
}

/** A replica keeps the events of its source from running. A dump holds them as they are here. */
export async function replicaWarnings(session: MysqlSession, database: string): Promise<string[]> {
  const events = await session.rows<{ name: string }>(
    `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')} AND STATUS LIKE '%SIDE_DISABLED' ORDER BY 1`,
    thrice(database),
  );
  if (events.length === 0) return [];
  return [
    `Events are disabled on this server, as it is a replica, and so they are in the backup: ${events.map(({ name }) => name).join(', ')}. After a restore they run when ALTER EVENT … ENABLE says so.`,
  ];
}

/** `columns`: whose members or default the server does not tell; question marks that are none would look the same. */
export function unknownDefaults(columns: readonly string[]): string[] {
  if (columns.length === 0) return [];
  return [
    `The server writes "?" for characters beyond U+FFFF (such as emoji) in definitions, and does not tell what they are: of a default that is not NULL while the table has no row, of tables whose data is elsewhere, and before MySQL 8. Where the members and defaults of these columns hold no question marks, the backup has them otherwise: ${columns.join(', ')}.`,
  ];
}

/** Tables whose system versioning goes by transaction ids instead of times. */
export async function transactionPreciseTables(session: MysqlSession, database: string): Promise<string[]> {
  const condition = `c.GENERATION_EXPRESSION = 'ROW START' AND c.DATA_TYPE = 'bigint'`;
  return (await columnsOf(session, database, condition)).map((column) => column.slice(0, column.lastIndexOf('.')));
}

async function columnsOf(session: MysqlSession, database: string, condition: string): Promise<string[]> {
  const rows = await session.rows<{ table: string; column: string }>(
    `SELECT c.TABLE_NAME AS \`table\`, c.COLUMN_NAME AS \`column\`
       FROM information_schema.COLUMNS c
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
      WHERE c.TABLE_SCHEMA = ? AND t.TABLE_TYPE <> 'VIEW' AND (${condition})
      ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
    [database],
  );
  return rows.map(({ table, column }) => `${table}.${column}`);
}
