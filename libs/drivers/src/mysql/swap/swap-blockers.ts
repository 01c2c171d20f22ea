import { DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { currentAccount, quotedName } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { storedObjectBlockers, triggerBlockers } from '../stored-objects/stored-object-blockers.js';
import { danglingForeignKeys, incomingForeignKeys, outgoingForeignKeys } from './tables/foreign-keys.js';

const HINT =
  'Nothing was changed. If the dump holds single tables only (mysqldump db table), make one of the whole database. ' +
  'Else restore in place: "strategy": "safety_backup".';

/** Returns what stands in the way of a swap into `database`, in sentences with names. */
export async function blockersOf(session: MysqlSession, server: ServerInfo, database: string): Promise<string[]> {
  const account = await currentAccount(session, server);
  return [
    ...(await foreignKeyBlockers(session, database)),
    ...(await tableBlockers(session, database)),
    ...(server.flavour === 'MariaDB' ? await directoryBlockers(session, database) : []),
    ...(await storedObjectBlockers(session, server, account, database)),
  ];
}

/** UNSUPPORTED, naming what stands in the way, on either side. */
export async function requireNoBlocker(
  session: MysqlSession,
  server: ServerInfo,
  live: string,
  incoming: string,
): Promise<void> {
  const ofIncoming = [...(await foreignKeyBlockers(session, incoming)), ...(await triggerBlockers(session, incoming))];
  const blockers = [
    ...(await blockersOf(session, server, live)),
    // Nobody knows the staging database by its name.
    ...ofIncoming.map((sentence) => sentence.replaceAll(incoming, () => live)),
  ];
  if (blockers.length === 0) return;
  throw new DomainError('UNSUPPORTED', blockers.join(' '), { hint: HINT });
}

/** Returns what keeps tables of a staging database from moving into a target that holds nothing, or would be lost on the way. */
export async function blockersOfArrival(session: MysqlSession, incoming: string): Promise<string[]> {
  return [...(await danglingForeignKeys(session, incoming)), ...(await triggerBlockers(session, incoming))];
}

async function foreignKeyBlockers(session: MysqlSession, database: string): Promise<string[]> {
  const sentences: [readonly string[], string][] = [
    [
      await incomingForeignKeys(session, database),
      `Foreign keys from other databases refer to tables of "${database}" and would follow the old tables`,
    ],
    [
      await outgoingForeignKeys(session, database),
      `Foreign keys of "${database}" refer to tables of other databases, and would go on to act from the previous database`,
    ],
    [
      await danglingForeignKeys(session, database),
      `Foreign keys of "${database}" refer to tables that are not there, and would bind to others`,
    ],
  ];
  return sentences.filter(([keys]) => keys.length > 0).map(([keys, sentence]) => `${sentence}: ${keys.join(', ')}.`);
}

async function tableBlockers(session: MysqlSession, database: string): Promise<string[]> {
  const broken = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') AND ENGINE IS NULL ORDER BY TABLE_NAME`,
    [database],
  );
  if (broken.length === 0) return [];
  return [`Tables of "${database}" cannot be opened: ${broken.map(({ name }) => name).join(', ')}.`];
}

/** InnoDB of MariaDB leaves the files of such a table where they are, and does not find them after its next start. */
async function directoryBlockers(session: MysqlSession, database: string): Promise<string[]> {
  const tables = await session.rows<{ name: string; options: string }>(
    `SELECT TABLE_NAME AS name, CREATE_OPTIONS AS options FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND ENGINE = 'InnoDB' AND (CREATE_OPTIONS LIKE '%DATA DIRECTORY=%' OR CREATE_OPTIONS LIKE '%partitioned%')
      ORDER BY TABLE_NAME`,
    [database],
  );
  const found: string[] = [];
  for (const { name, options } of tables) {
    const isWhole = options.includes('DATA DIRECTORY=');
    if (isWhole || (await hasPartitionsElsewhere(session, database, name))) found.push(name);
  }
  if (found.length === 0) return [];
  return [
    `Tables of "${database}" have directories of their own (DATA DIRECTORY), from which MariaDB does not move them into another database: ${found.join(', ')}.`,
  ];
}

async function hasPartitionsElsewhere(session: MysqlSession, database: string, table: string): Promise<boolean> {
  const row = await session.row<Record<string, string>>(
    `SHOW CREATE TABLE ${quotedName(database)}.${quotedName(table)}`,
  );
  return /^ ?\(*(?:SUB)?PARTITION [^\n]* DATA DIRECTORY = '/m.test(row['Create Table'] ?? '');
}
