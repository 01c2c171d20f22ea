import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { PREPARED_HINT, preparedIn } from '../login/prepared-transactions.js';
import { findProperties } from './database-properties.js';
import { endSessions } from './database-sessions.js';
import { dropSubscriptions, subscriptionsIn } from './detach-subscriptions.js';

const LEAVE_WITHIN_MS = 10_000;
/** The value of `datconnlimit` after a DROP DATABASE that broke off. The database can be dropped, and nothing else. */
export const INVALID = -2;
const IN_USE = '55006';

/**
 * Drops a database that is a copy, with all that would keep it: a template's mark, subscriptions, sessions and those that come
 * again. BUSY, naming them, for prepared transactions: whether they are to be committed, only their owner knows. The copy
 * is whole after a failure, unless {@link INVALID} says otherwise.
 */
export async function dropCopyDatabase(
  session: PostgresSession,
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const copy = await findProperties(session, name);
  if (copy === undefined) return;
  const quoted = pg.escapeIdentifier(name);
  const drop = (): Promise<unknown> => session.query(`DROP DATABASE IF EXISTS ${quoted}`, [], AS_LONG_AS_IT_TAKES);
  if (copy.connectionLimit === INVALID) return void (await drop());
  const prepared = await preparedIn(session, name);
  if (prepared.length > 0) {
    throw new DomainError('BUSY', `"${name}" has prepared transactions: ${prepared.join('; ')}.`, {
      hint: PREPARED_HINT,
    });
  }
  if (copy.isTemplate) await session.query(`ALTER DATABASE ${quoted} IS_TEMPLATE false`);
  let open = copy.allowsConnections;
  const allow = async (allowed: boolean): Promise<void> => {
    if (open !== allowed) await session.query(`ALTER DATABASE ${quoted} ALLOW_CONNECTIONS ${allowed}`);
    open = allowed;
  };
  const subscriptions = await subscriptionsIn(session, name);
  try {
    if (subscriptions.length > 0) {
      await allow(true);
      await dropSubscriptions({ ...connection, database: name }, subscriptions, signal);
    }
  } finally {
    await allow(false);
  }
  const leave = (): Promise<unknown> =>
    endSessions(session, [name], { patienceMs: LEAVE_WITHIN_MS, check: () => undefined });
  await leave();
  try {
    await drop();
  } catch (error) {
    // Whoever was logging in when the door was closed.
    if (!isServerError(error) || error.code !== IN_USE) throw error;
    await leave();
    await drop();
  }
}
