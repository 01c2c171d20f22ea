import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../../session/answer-guard.js';
import { quotedName } from '../../login/mysql-account.js';
import { serverRefusal } from '../../login/mysql-errors.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { isDatabase, thrice } from '../../server-names.js';
import { preparedXaSentence } from '../../login/xa-transactions.js';

export interface Rename {
  from: TablePlace;
  to: TablePlace;
}

export interface TablePlace {
  schema: string;
  table: string;
}

/** How long to wait in all for those who use the tables, milliseconds. */
export const PATIENCE_MS = 30_000;
/** While RENAME waits, everybody who wants one of the tables waits behind it: so not for long at a time. */
const WAIT_S = 5;
const PAUSE_MS = 1_000;
/** Lock wait timeout, deadlock. */
const BLOCKED = [1205, 1213];

export interface RenameOptions {
  /** Whose sessions are named when they do not let go. */
  database: string;
  signal?: AbortSignal | undefined;
  patienceMs?: number;
}

/** Whether the server gave up waiting for a lock that somebody else holds. */
export function isBlocked(error: unknown): boolean {
  return BLOCKED.includes(serverRefusal(error)?.errno ?? 0);
}

export function renameStatement(renames: readonly Rename[]): string {
  const place = ({ schema, table }: TablePlace): string => `${quotedName(schema)}.${quotedName(table)}`;
  return `RENAME TABLE ${renames.map(({ from, to }) => `${place(from)} TO ${place(to)}`).join(', ')}`;
}

/** All in one statement: the server does it whole or not at all. BUSY, naming who was in the way. Returns how long it took, ms. */
export async function renameTables(
  session: MysqlSession,
  renames: readonly Rename[],
  { database, signal, patienceMs = PATIENCE_MS }: RenameOptions,
): Promise<number> {
  if (renames.length === 0) return 0;
  const sql = renameStatement(renames);
  const waitS = Math.max(1, Math.min(WAIT_S, Math.ceil(patienceMs / 1000)));
  // The second is for InnoDB's own locks, which a prepared XA transaction keeps: 50 s by default, with all tables locked meanwhile.
  await session.run('SET SESSION lock_wait_timeout = ?, innodb_lock_wait_timeout = ?, foreign_key_checks = 0', [
    waitS,
    waitS,
  ]);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    signal?.throwIfAborted();
    const start = performance.now();
    try {
      await session.run(sql, [], AS_LONG_AS_IT_TAKES);
      return performance.now() - start;
    } catch (error) {
      if (!isBlocked(error)) throw error;
      if (performance.now() >= deadline) throw await busy(session, database, error);
    }
    await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function busy(session: MysqlSession, database: string, cause: unknown): Promise<DomainError> {
  const others = await blockers(session, database).catch(() => []);
  const prepared = await preparedXaSentence(session).catch(() => '');
  const named = others.length === 0 ? 'Other sessions' : `Other sessions (${others.join('; ')})`;
  return new DomainError('BUSY', `${named} use tables of "${database}" and did not let go of them in time.`, {
    hint: ['Nothing was changed. End their transactions or the sessions themselves, then try again.', prepared]
      .filter((sentence) => sentence !== '')
      .join(' '),
    cause,
  });
}

const SHOWN = 10;

/** Sessions that use the database, those with open transactions first. Without PROCESS only the account's own are seen. */
async function blockers(session: MysqlSession, database: string): Promise<string[]> {
  const list = `SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds`;
  const from = `FROM information_schema.PROCESSLIST p`;
  const others = `WHERE p.ID <> CONNECTION_ID() AND ${isDatabase('p.DB')}`;
  type Row = { id: number; user: string; host: string; command: string; seconds: number; open: number };
  const withTransactions = `${list}, t.trx_id IS NOT NULL AS open ${from}
    LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID
    ${others} AND (t.trx_id IS NOT NULL OR p.COMMAND <> 'Sleep') ORDER BY open DESC, p.TIME DESC`;
  const rows = await session
    .rows<Row>(withTransactions, thrice(database))
    .catch(() => session.rows<Row>(`${list}, 0 AS open ${from} ${others} ORDER BY p.TIME DESC`, thrice(database)));
  return rows
    .slice(0, SHOWN)
    .map(
      ({ id, user, host, command, seconds, open }) =>
        `${id} of ${user}@${host}, ${open ? 'in a transaction, ' : ''}${command} for ${seconds} s`,
    );
}
