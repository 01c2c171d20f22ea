import { createHash } from 'node:crypto';
import { DomainError } from '@app/domain';
import type { MysqlSession } from '../login/mysql-session.js';

/** Longer than any statement of a swap waits, so that the server has noticed the end of a dead process's session. */
const WAIT_S = 120;

/**
 * One swap of a database at a time, until the session ends. A process that died in the middle of a statement has left the
 * server at work on it: without this lock it could go on after somebody has put things in order.
 */
export async function holdSwapLock(session: MysqlSession, database: string): Promise<void> {
  const digest = createHash('sha256').update(database).digest('hex').slice(0, 32);
  const { got } = await session.row<{ got: number | null }>('SELECT GET_LOCK(?, ?) AS got', [
    `backup_service_swap_${digest}`,
    WAIT_S,
  ]);
  if (Number(got) === 1) return;
  throw new DomainError('BUSY', `Another session swaps "${database}" at this moment.`);
}
