import { DomainError } from '@app/domain';
import type { ConnectionParams, RowCounts } from '@app/domain';
import type { Census } from '../../db-driver.js';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { countedTables, objectCounts, readInventory } from './mysql-inventory.js';
import type { TableEntry } from './mysql-inventory.js';
import { holdsNoRows } from './mysql-dump-warnings.js';
import { lockHolders } from './mysql-lock-holders.js';
import { waitForLocks } from './mysql-patience.js';

const TABLES_PER_COUNT = 100;

/**
 * Counts in one snapshot, as far as tables have transactions. Rows as a dump holds them: of system-versioned tables those
 * of the past, too, and none of tables whose data is kept elsewhere. BUSY where a lock was not to be had in
 * `lockTimeoutMs`.
 */
export async function census(
  connection: ConnectionParams,
  lockTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Census> {
  const { database } = connection;
  return withSession(connection, { signal }, async (session) => {
    try {
      await waitForLocks(session, lockTimeoutMs);
      await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const inventory = await readInventory(session, database);
      return { objects: objectCounts(inventory), rows: await countRows(session, countedTables(inventory)) };
    } catch (error) {
      if (serverRefusal(error)?.errno === 1205) {
        throw new DomainError('BUSY', `A table of "${database}" is locked.`, {
          hint: `Let these sessions finish, or end them: ${await lockHolders(session, database)}.`,
          cause: error,
        });
      }
      throw statementError(error, `Counting the rows of "${database}"`);
    }
  });
}

async function countRows(session: MysqlSession, tables: readonly TableEntry[]): Promise<RowCounts> {
  const rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]));
  const own = tables.filter((table) => !holdsNoRows(table));
  for (let from = 0; from < own.length; from += TABLES_PER_COUNT) {
    const batch = own.slice(from, from + TABLES_PER_COUNT);
    const counts = batch.map(({ name, type }, index) => {
      const history = type === 'SYSTEM VERSIONED' ? ' FOR SYSTEM_TIME ALL' : '';
      return `SELECT ${index} AS place, COUNT(*) AS total FROM ${quotedName(name)}${history}`;
    });
    for (const { place, total } of await session.rows<{ place: number; total: number | string }>(
      counts.join(' UNION ALL '),
    )) {
      const table = batch[place];
      if (table !== undefined) rows[table.name] = Number(total);
    }
  }
  return rows;
}
