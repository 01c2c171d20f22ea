import type { ServerInfo } from '@app/domain';
import type { Account } from '../../login/mysql-account.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { areDifferentDatabases, isDatabase, thrice } from '../../server-names.js';

interface ForeignKey {
  schema: string;
  table: string;
  name: string;
  referencedSchema: string;
  referencedTable: string;
}

const ACROSS = areDifferentDatabases('CONSTRAINT_SCHEMA', 'UNIQUE_CONSTRAINT_SCHEMA');

async function foreignKeys(
  session: MysqlSession,
  condition: string,
  values: readonly unknown[],
): Promise<ForeignKey[]> {
  return session.rows<ForeignKey>(
    `SELECT CONSTRAINT_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, CONSTRAINT_NAME AS name,
            UNIQUE_CONSTRAINT_SCHEMA AS referencedSchema, REFERENCED_TABLE_NAME AS referencedTable
       FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ${condition} ORDER BY 1, 2, 3`,
    values,
  );
}

/** `schema.table.constraint`, as far as the account can see. */
function named({ schema, table, name }: ForeignKey): string {
  return `${schema}.${table}.${name}`;
}

/**
 * Foreign keys that lead from one schema into another, one of the two being `database`. RENAME TABLE takes both ends with
 * it: a key from elsewhere would follow the old tables into the copy, and a key to elsewhere would act from there.
 */
export async function crossingForeignKeys(session: MysqlSession, database: string): Promise<string[]> {
  const condition = `((${isDatabase('CONSTRAINT_SCHEMA')}) OR (${isDatabase('UNIQUE_CONSTRAINT_SCHEMA')})) AND ${ACROSS}`;
  return (await foreignKeys(session, condition, [...thrice(database), ...thrice(database)])).map(named);
}

/** Foreign keys from other schemas to tables of `database`. */
export async function incomingForeignKeys(session: MysqlSession, database: string): Promise<string[]> {
  const condition = `${isDatabase('UNIQUE_CONSTRAINT_SCHEMA')} AND ${ACROSS}`;
  return (await foreignKeys(session, condition, thrice(database))).map(named);
}

/** Foreign keys of `database` to tables of other schemas. */
export async function outgoingForeignKeys(session: MysqlSession, database: string): Promise<string[]> {
  const condition = `${isDatabase('CONSTRAINT_SCHEMA')} AND ${ACROSS}`;
  return (await foreignKeys(session, condition, thrice(database))).map(named);
}

/** Foreign keys to tables that are not there: they would bind to whatever comes under the name. */
export async function danglingForeignKeys(session: MysqlSession, database: string): Promise<string[]> {
  const condition = `${isDatabase('CONSTRAINT_SCHEMA')} AND NOT (${ACROSS})`;
  const keys = await foreignKeys(session, condition, thrice(database));
  const tables = await session.rows<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [database],
  );
  const there = new Set(tables.map(({ name }) => name));
  return keys.filter(({ referencedTable }) => !there.has(referencedTable)).map(named);
}

/**
 * Foreign keys to tables of `database` that only the storage engine tells of, because the account may not see the tables
 * that they are of. Where it may not ask the storage engine either, a warning says so.
 */
export async function hiddenForeignKeys(
  session: MysqlSession,
  server: ServerInfo,
  { privileges }: Account,
  database: string,
): Promise<{ found: string[]; warnings: string[] }> {
  if (privileges.global('SELECT')) return { found: [], warnings: [] };
  if (!privileges.global('PROCESS')) {
    const blind = `Foreign keys from databases that the account may not see would follow the old tables of "${database}", and cannot be told without the privilege PROCESS.`;
    return { found: [], warnings: [blind] };
  }
  // MySQL 8 keeps names as they are, and has no such character set to convert to; others as those of files, encoded.
  const newer = server.flavour === 'MySQL' && (server.versionParts[0] ?? 0) >= 8;
  const [view, name] = newer
    ? ['INNODB_FOREIGN', 'CAST(? AS BINARY)']
    : ['INNODB_SYS_FOREIGN', 'CAST(CONVERT(? USING filename) AS BINARY)'];
  const rows = await session.rows<{ child: string; id: string }>(
    `SELECT FOR_NAME AS child, ID AS id FROM information_schema.${view}
      WHERE CAST(SUBSTRING_INDEX(REF_NAME, '/', 1) AS BINARY) = ${name}
        AND SUBSTRING_INDEX(FOR_NAME, '/', 1) <> SUBSTRING_INDEX(REF_NAME, '/', 1)`,
    [database],
  );
  const found = rows.map(({ child, id }) => `${child.replace('/', '.')}.${id.slice(id.indexOf('/') + 1)}`);
  return { found, warnings: [] };
}
