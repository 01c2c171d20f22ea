import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { withSession } from '../../login/mysql-session.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { isDatabase, thrice } from '../../server-names.js';
import { lockHolders } from './mysql-lock-holders.js';

const LONGEST_PAUSE_MS = 1_000;

/** Sessions of the account that wait for a lock with a statement as the dump tools ask it; more is not known of theirs. */
const WAITING = `
  SELECT ID AS id FROM information_schema.PROCESSLIST
   WHERE ${isDatabase('DB')} AND USER = SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AND ID <> CONNECTION_ID() AND COMMAND = 'Query'
     AND STATE LIKE 'Waiting for%lock' AND INFO REGEXP '^ *(SELECT /[*]!40001|SHOW |LOCK TABLES)'`;

/**
 * Watches the sessions of the dump tool, which would wait for the lock of a table as long as the server lets it: a day
 * (FAILURES 13). No option of the tools changes that. Resolves with BUSY, naming who is in the way, when one has waited for
 * `lockTimeoutMs`; with undefined when `ended` fires. Where it cannot look, it goes on without a word.
 */
export async function watchLocks(
  connection: ConnectionParams,
  lockTimeoutMs: number,
  ended: AbortSignal,
): Promise<DomainError | undefined> {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, lockTimeoutMs / 4);
  while (!ended.aborted) {
    try {
      return await withSession(connection, { database: null, signal: ended }, (session) =>
        watch(session, connection.database, { lockTimeoutMs, pauseMs }, ended),
      );
    } catch {
      await pause(LONGEST_PAUSE_MS, ended);
    }
  }
  return undefined;
}

async function watch(
  session: MysqlSession,
  database: string,
  { lockTimeoutMs, pauseMs }: { lockTimeoutMs: number; pauseMs: number },
  ended: AbortSignal,
): Promise<DomainError | undefined> {
  let since = new Map<number, number>();
  while (!ended.aborted) {
    await pause(pauseMs, ended);
    const now = performance.now();
    const waiting = (await session.rows<{ id: number | string }>(WAITING, thrice(database))).map(({ id }) =>
      Number(id),
    );
    since = new Map(waiting.map((id) => [id, since.get(id) ?? now]));
    if ([...since.values()].some((begin) => now - begin >= lockTimeoutMs)) {
      return new DomainError('BUSY', `The dump of "${database}" waited for a lock in vain.`, {
        hint: `Let these sessions finish, or end them: ${await lockHolders(session, database, waiting)}.`,
      });
    }
  }
  return undefined;
}

async function pause(ms: number, ended: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: ended }).catch(() => undefined);
}
