import type { MysqlSession } from '../../login/mysql-session.js';
import { renameStatement } from './rename-tables.js';
import type { Rename } from './rename-tables.js';

/** How many tables one RENAME may move. */
export interface RenameLimits {
  /** Up to so many move in one statement, which is done whole or not at all. */
  atOnce: number;
  /** Larger numbers of tables move by statements of so many tables each. */
  batch: number;
  /** The longest statement. */
  bytes: number;
}

/**
 * MariaDB needs longer for each table the more tables a RENAME names: 5,000 took 28 s in one statement, and 2.3 s by 200 each
 * (ADR 41). MySQL needs as long for each in a statement of any length.
 */
const OF_MARIADB = { atOnce: 1_000, batch: 200 };
const OF_MYSQL = { atOnce: Infinity, batch: Infinity };

export async function renameLimits(session: MysqlSession, mariadb: boolean): Promise<RenameLimits> {
  const { packet } = await session.row<{ packet: number | string }>('SELECT @@max_allowed_packet AS packet');
  // Half of it, for what the protocol adds, and what is moved out of the way by the same statement.
  return { ...(mariadb ? OF_MARIADB : OF_MYSQL), bytes: Number(packet) / 2 };
}

/** In their order, by as few statements as these limits allow. */
export function renameBatches(renames: readonly Rename[], { atOnce, batch, bytes }: RenameLimits): Rename[][] {
  const most = renames.length <= atOnce ? renames.length : batch;
  const batches: Rename[][] = [];
  let size = Infinity;
  for (const rename of renames) {
    const more = Buffer.byteLength(renameStatement([rename]));
    const last = batches.at(-1);
    if (last === undefined || last.length >= most || size + more > bytes) {
      batches.push([rename]);
      size = more;
    } else {
      last.push(rename);
      size += more;
    }
  }
  return batches;
}
