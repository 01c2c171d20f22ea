import type { ServerInfo } from '@app/domain';
import type { TableMoveCosts } from '../../../db-driver.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { isDatabase, thrice } from '../../server-names.js';

/**
 * Milliseconds for the RENAME of a table, and for dropping a trigger and making another. Measured by swaps of 1,500 and 5,000 tables
 * with 150 triggers (ADR 41): the less where the server waits for no disk, the more where it does for each of them, on a disk that
 * is slow to do so.
 */
const OF_MARIADB = { perTable: [0.5, 15], perTrigger: [4, 60] } as const;
const OF_MYSQL = { perTable: [2, 20], perTrigger: [8, 60] } as const;

/** Read from the server's own lists: nothing is tried, as a dry run changes nothing. */
export async function moveCosts(session: MysqlSession, server: ServerInfo, database: string): Promise<TableMoveCosts> {
  const { tables } = await session.row<{ tables: number | string }>(
    `SELECT COUNT(*) AS tables FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW')`,
    [database],
  );
  const { triggers } = await session.row<{ triggers: number | string }>(
    `SELECT COUNT(*) AS triggers FROM information_schema.TRIGGERS WHERE ${isDatabase('EVENT_OBJECT_SCHEMA')}`,
    thrice(database),
  );
  const costs = server.flavour === 'MariaDB' ? OF_MARIADB : OF_MYSQL;
  return { tables: Number(tables), triggers: Number(triggers), ...costs };
}
