import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { PROMPT_ANSWER_MS } from '../session/answer-guard.js';
import { serverRefusal } from './login/mysql-errors.js';
import { withSession } from './login/mysql-session.js';
import type { MysqlSession } from './login/mysql-session.js';
import { isDatabase, thrice } from './server-names.js';

export const DEFAULT_STALL_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 15_000;

export interface Movement {
  /** Grows with every byte and statement that anybody has got done. */
  progress(): number;
  /** Whoever reads the dump, or the file that it is read from, is what is waited for: neither server nor client. */
  waitsForOthers(): boolean;
}

/**
 * Watches the work of a client and of sessions of ours in a database. Resolves with why, as a sentence part, when for
 * `stallMs` nothing has moved and no session of the account there has worked either: the client waits for input that does
 * not come, or a session for a lock. A statement that takes hours is work: the server says that it is being executed. With
 * undefined when `ended` fires.
 */
export async function watchForStall(
  connection: ConnectionParams,
  movement: Movement,
  stallMs: number,
  ended: AbortSignal,
): Promise<string | undefined> {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, stallMs / 4);
  let progress = movement.progress();
  let since = performance.now();
  let why = '';
  while (!ended.aborted) {
    await sleep(pauseMs, undefined, { signal: ended }).catch(() => undefined);
    const now = movement.progress();
    const moved = now !== progress || movement.waitsForOthers();
    progress = now;
    const idle = moved || ended.aborted ? undefined : await whyIdle(connection, ended);
    if (idle === undefined) since = performance.now();
    else why = idle;
    if (idle !== undefined && performance.now() - since >= stallMs && movement.progress() === progress) return why;
  }
  return undefined;
}

/** Such a server does nothing that would ever be told. */
const SILENT: ReadonlySet<string> = new Set(['CONNECTION_TIMEOUT', 'CONNECTION_LOST', 'HOST_UNREACHABLE']);

/** Undefined when a session works, or when the server answers and does not tell (too many connections, for one). */
async function whyIdle(connection: ConnectionParams, ended: AbortSignal): Promise<string | undefined> {
  try {
    return await withSession(connection, { database: null, signal: ended }, async (session) => {
      session.answerWithin(PROMPT_ANSWER_MS);
      const sessions = await sessionsIn(session, connection.database);
      return sessions && describe(sessions);
    });
  } catch (error) {
    if (ended.aborted || !(error instanceof DomainError) || !SILENT.has(error.code)) return undefined;
    return 'the server does not answer';
  }
}

interface ServerSession {
  command: string;
  state: string;
  waits: boolean;
}

/**
 * The sessions of this login alone, as an account without PROCESS sees no others. Undefined where it does not even see this
 * one: servers compare the name of the login with that of the account, which differ for proxies and accounts without a name.
 */
async function sessionsIn(session: MysqlSession, database: string): Promise<ServerSession[] | undefined> {
  const [own] = await session.rows<{ user: string }>(
    'SELECT USER AS user FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()',
  );
  if (own === undefined) return undefined;
  const rows = await session.rows<{ id: number; command: string; state: string | null }>(
    `SELECT ID AS id, COMMAND AS command, STATE AS state FROM information_schema.PROCESSLIST
      WHERE ${isDatabase('DB')} AND USER = ? AND ID <> CONNECTION_ID()`,
    [...thrice(database), own.user],
  );
  const blocked = await rowLockWaiters(session);
  return rows.map(({ id, command, state }) => ({
    command,
    state: blocked.has(Number(id)) ? 'waiting for a row lock' : (state ?? ''),
    waits: blocked.has(Number(id)) || WAITING.test(state ?? ''),
  }));
}

/** For a lock, for what the client is to send, or until it reads. */
const WAITING =
  /^(Waiting for .*(lock|flush)|Waiting to get readlock|User lock|Locked|(Reading|Receiving) from|Writing to net|Sending to client)/i;

/** Sessions that wait for a row lock. Empty where the account may not ask: such a session then counts as working. */
async function rowLockWaiters(session: MysqlSession): Promise<ReadonlySet<number>> {
  try {
    const rows = await session.rows<{ id: number }>(
      `SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'`,
    );
    return new Set(rows.map(({ id }) => Number(id)));
  } catch (error) {
    if (serverRefusal(error) === undefined) throw error;
    return new Set();
  }
}

function describe(sessions: readonly ServerSession[]): string | undefined {
  const asked = sessions.filter(({ command }) => command !== 'Sleep');
  if (asked.some(({ waits }) => !waits)) return undefined;
  const states = [...new Set(asked.map(({ state }) => `"${state}"`))];
  if (states.length > 0) return `the server's sessions wait: ${states.join(', ')}`;
  return sessions.length > 0 ? 'the server waits for a statement' : 'the server has no session for it any more';
}
