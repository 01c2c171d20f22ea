import { createHash } from 'node:crypto';
import { addAbortListener } from 'node:events';
import type { ConnectionParams } from '@app/domain';
import type { LockSession } from '../database-lock.js';
import { MysqlSession } from './login/mysql-session.js';

/** A server that hears nothing for so long drops the session, and the lock with it. It is asked each ten seconds. */
const SILENCE_SECONDS = 120;

/** A lock of the server by a name, the database's, as the server compares names. */
export async function mysqlLock(
  connection: ConnectionParams,
  signal: AbortSignal,
  name = connection.database,
): Promise<LockSession> {
  const ending = new AbortController();
  const listening = addAbortListener(signal, () => ending.abort());
  const session = await MysqlSession.open(connection, { database: null, signal: ending.signal }).finally(() =>
    listening[Symbol.dispose](),
  );
  try {
    await session.run(`SET SESSION wait_timeout = ${SILENCE_SECONDS}`);
    const lock = await lockNameOf(session, name);
    return {
      async tryLock() {
        const { locked } = await session.row<{ locked: number | null }>('SELECT GET_LOCK(?, 0) AS locked', [lock]);
        return locked === 1;
      },
      async holds() {
        const { held } = await session.row<{ held: number | null }>(
          'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS held',
          [lock],
        );
        return held === 1;
      },
      async holder() {
        const { id } = await session.row<{ id: number | null }>('SELECT IS_USED_LOCK(?) AS id', [lock]);
        if (id === null) return 'A session that has just ended';
        const [row] = await session.rows<{ who: string; host: string }>(
          'SELECT USER AS who, HOST AS host FROM information_schema.PROCESSLIST WHERE ID = ?',
          [id],
        );
        return row === undefined ? `Session ${id}` : `Session ${id} (of ${row.who}, from ${row.host})`;
      },
      destroy: () => ending.abort(),
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

export async function lockNameOf(session: MysqlSession, database: string): Promise<string> {
  const { folds } = await session.row<{ folds: number }>('SELECT @@lower_case_table_names <> 0 AS folds');
  const name = folds === 1 ? database.toLowerCase() : database;
  // At most 64 characters.
  return `backup-service-${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
}
