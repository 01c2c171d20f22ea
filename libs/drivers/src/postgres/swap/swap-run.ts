import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { SwapRequest, SwapResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { databaseError, isConnectionLoss } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import { requireCopyName } from './copy-names.js';
import { findProperties, propertiesOf } from './database-properties.js';
import { SwapExecution } from './swap-execution.js';
import type { SwapProbe } from './swap-execution.js';
import { stateAsJson } from './swap-journal.js';
import type { SwapState } from './swap-journal.js';
import { requireNoBlocker, warningsOf } from './swap-blockers.js';
import { bringToAnEnd } from './swap-recovery.js';
import type { SwapEnd } from './swap-recovery.js';

/** How long a server that has lost us may take to come back, before we leave the rest to `recover`. */
const RETURN_WITHIN_MS = 20_000;
const RETURN_POLL_MS = 100;

/** See `DatabaseSwap.swap`. `probe` is for tests only. */
export async function swap(request: SwapRequest, probe: SwapProbe = {}): Promise<SwapResult> {
  const { connection, incoming, outgoing, signal } = request;
  const doing = `"${incoming}" could not take the place of "${connection.database}"`;
  requireCopyName(incoming);
  requireCopyName(outgoing);
  try {
    // Without the signal: what is begun is brought to an end, and is asked about it in between.
    await using session = await openOther(connection, [connection.database, incoming, outgoing]);
    session.abandonWhenSilent(signal);
    const state = await examined(session, request);
    const warnings = await warningsOf(session, connection.database);
    const execution = new SwapExecution(session, state, signal, probe);
    await request.journal(stateAsJson(state));
    try {
      await execution.run();
    } catch (error) {
      // Whoever broke it off: the renaming may have happened all the same, if only its answer was lost.
      if ((await recover(session, request, state, error)) === 'unchanged') throw error;
    }
    return { lockoutMs: execution.lockoutMs, sessionsEnded: execution.sessionsEnded, warnings };
  } catch (error) {
    throw databaseError(error, doing);
  }
}

/** Checks all that can be known beforehand; nothing is changed yet. */
async function examined(session: PostgresSession, request: SwapRequest): Promise<SwapState> {
  const { incoming, outgoing, signal } = request;
  const { database } = request.connection;
  const target = await propertiesOf(session, database);
  const copy = await propertiesOf(session, incoming);
  if ((await findProperties(session, outgoing)) !== undefined) {
    throw new DomainError('BUSY', `There is a database "${outgoing}" already.`, {
      hint: 'Nothing was changed. Drop it, if nobody needs it, or choose another name.',
    });
  }
  await requireNoBlocker(session, database);
  const backend = await session.queryOne<{ pid: number; since: string }>(
    'SELECT pid, extract(epoch FROM backend_start)::text AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()',
  );
  if (signal.aborted) throw cancelled('The swap');
  return {
    database,
    incoming,
    outgoing,
    targetOid: target.oid,
    incomingOid: copy.oid,
    targetAllows: request.created === true || target.allowsConnections,
    created: request.created === true,
    incomingAllows: copy.allowsConnections,
    backend: { pid: backend.pid, since: backend.since },
  };
}

/** People are let in again whatever happened; resolves with what did. Rejects when the server does not answer any more. */
async function recover(
  session: PostgresSession,
  { connection, incoming, outgoing, signal }: SwapRequest,
  state: SwapState,
  cause: unknown,
): Promise<SwapEnd> {
  const deadline = performance.now() + RETURN_WITHIN_MS;
  let lost = false;
  for (;;) {
    try {
      if (!lost) {
        await session.query('ROLLBACK');
        return await bringToAnEnd(session, state);
      }
      await using another = await openOther(connection, [connection.database, incoming, outgoing]);
      return await bringToAnEnd(another, state);
    } catch (error) {
      if (isConnectionLoss(error)) lost = true;
      // Whoever cancelled does not wait for a server that is away: the swap is recovered later.
      if (performance.now() > deadline || signal.aborted) throw unfinished(connection.database, cause, error);
    }
    if (lost) session.destroy();
    await sleep(RETURN_POLL_MS);
  }
}

function unfinished(database: string, first: unknown, second: unknown): DomainError {
  const what = databaseError(first, `The swap of "${database}" broke off`);
  const why = databaseError(second, 'Letting people in again failed, too');
  return new DomainError(what.code, `${what.message} ${why.message}`, {
    hint: `"${database}" is wholly the old or wholly the new one. If nobody can enter it, run as a superuser in another database: ALTER DATABASE … ALLOW_CONNECTIONS true.`,
    cause: second,
  });
}
