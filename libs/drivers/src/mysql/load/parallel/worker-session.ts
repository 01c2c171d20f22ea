import type { ConnectionParams, ServerInfo } from '@app/domain';
import { serverRefusal, statementError } from '../../login/mysql-errors.js';
import { makeLenient } from '../../foreign/lenient-tables.js';
import { MysqlSession } from '../../login/mysql-session.js';
import type { WorkerSession } from './worker-sessions.js';

/** Seconds. The client waits while the worker sessions work, and they wait while it works: longer than servers keep silent sessions. */
const PATIENCE_S = 7 * 24 * 3600;

/** For the client as well. */
export const PATIENT = `SET SESSION wait_timeout = ${PATIENCE_S}, innodb_lock_wait_timeout = ${PATIENCE_S}`;

/** Some servers do not know these settings. Long work is not cut off, and how a table is altered is left to the server. */
const WHERE_KNOWN = ['SET SESSION max_statement_time = 0', `SET SESSION alter_algorithm = 'DEFAULT'`];
const UNKNOWN_VARIABLE = 1193;

/** Why a server gives no more sessions: too many in all, of this account, by a limit of it. */
const NO_MORE: ReadonlySet<number> = new Set([1040, 1203, 1226]);

export interface OpenedWorkers {
  workers: WorkerSession[];
  /** Why there is none; a sentence part. */
  objection?: string;
}

/**
 * Sessions in which the dump's first settings are as in the client. As many as the server gives, up to `count`; none, with
 * the reason, where rows and keys must not be loaded in parallel.
 */
export async function openWorkers(
  connection: ConnectionParams,
  server: ServerInfo,
  count: number,
  preamble: readonly string[],
  signal: AbortSignal,
): Promise<OpenedWorkers> {
  const sessions: MysqlSession[] = [];
  let finished = false;
  try {
    for (let number = 0; number < count; number += 1) {
      const session = await openOne(connection, signal);
      if (session === undefined) {
        // The work that comes after the load needs one as well.
        await sessions.pop()?.close();
        break;
      }
      sessions.push(session);
      await prepare(session, server, preamble);
    }
    const [first] = sessions;
    if (first === undefined) return { workers: [], objection: 'the server gives no more connections' };
    if (await isReplicatedAtOnce(first)) return { workers: [], objection: 'the server is one of a Galera cluster' };
    finished = true;
    return {
      workers: sessions.map((session) => ({ run: (sql) => session.runBytes(sql), close: () => session.close() })),
    };
  } catch (error) {
    throw statementError(error, `Opening sessions to load "${connection.database}"`);
  } finally {
    if (!finished) await Promise.all(sessions.map((session) => session.close()));
  }
}

async function openOne(connection: ConnectionParams, signal: AbortSignal): Promise<MysqlSession | undefined> {
  try {
    return await MysqlSession.open(connection, { signal });
  } catch (error) {
    const refusal = serverRefusal(error) ?? serverRefusal(error instanceof Error ? error.cause : undefined);
    if (refusal !== undefined && NO_MORE.has(refusal.errno)) return undefined;
    throw error;
  }
}

async function prepare(session: MysqlSession, server: ServerInfo, preamble: readonly string[]): Promise<void> {
  for (const statement of preamble) await session.runBytes(Buffer.from(statement, 'latin1'));
  await session.run(PATIENT);
  await makeLenient(session);
  if (server.flavour !== 'MariaDB') return;
  for (const statement of WHERE_KNOWN) {
    await session.run(statement).catch((error: unknown) => {
      if (serverRefusal(error)?.errno !== UNKNOWN_VARIABLE) throw error;
    });
  }
}

/** There, keys that are added afterwards would halt every server of the cluster. */
async function isReplicatedAtOnce(session: MysqlSession): Promise<boolean> {
  const rows = await session.rows<{ Value: string }>(`SHOW SESSION VARIABLES LIKE 'wsrep_on'`);
  return rows[0]?.Value === 'ON';
}
