import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { databaseError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import { stateOf } from './swap-journal.js';
import type { SwapState } from './swap-journal.js';

const BACKEND_GONE_WITHIN_MS = 15_000;
const POLL_MS = 20;

export type SwapEnd = 'swapped' | 'unchanged';
type KnownState = Partial<SwapState> & Pick<SwapState, 'database'>;

interface Candidate {
  name: string;
  oid: string;
  allows: boolean;
}

/** Brings a swap that broke off to one of its ends. Safe to call at any time, any number of times. */
export async function recoverSwap(connection: ConnectionParams, journal: JsonObject): Promise<SwapEnd> {
  const { database } = connection;
  const state = stateOf(database, journal);
  try {
    const involved = [database, state.incoming ?? '', state.outgoing ?? ''];
    await using session = await openOther(connection, involved);
    return await bringToAnEnd(session, state);
  } catch (error) {
    throw databaseError(error, `The swap of "${database}" could not be recovered`);
  }
}

/**
 * The renaming is one transaction: it has been committed or it never happened. So all that can be left to do is to let
 * people in again (FAILURES 49).
 */
export async function bringToAnEnd(session: PostgresSession, state: KnownState): Promise<SwapEnd> {
  await awaitBackend(session, state);
  const all = await session.query<{ name: string; oid: string; allows: boolean }>(
    `SELECT datname AS name, oid::text AS oid, datallowconn AS allows FROM pg_database WHERE datname = ANY ($1::text[])`,
    [[state.database, state.incoming, state.outgoing].filter((name) => name !== undefined)],
  );
  const named = (name: string | undefined): Candidate | undefined => all.find((candidate) => candidate.name === name);
  const [target, incoming, outgoing] = [named(state.database), named(state.incoming), named(state.outgoing)];
  const end = endOf(state, target, incoming, outgoing);
  const closed = end === 'unchanged' && state.created === true;
  if (!closed) await allowConnections(session, target, state.targetAllows ?? true);
  // A database that is not swapped in is what it was: one that was swapped out before stays closed.
  if (end === 'unchanged' && incoming?.oid === state.incomingOid) {
    await allowConnections(session, incoming, state.incomingAllows ?? true);
  }
  return end;
}

function endOf(state: KnownState, target?: Candidate, incoming?: Candidate, outgoing?: Candidate): SwapEnd {
  if (target !== undefined && target.oid === state.incomingOid) return 'swapped';
  if (target !== undefined && target.oid === state.targetOid) return 'unchanged';
  // Somebody else has been here, or the journal is lost.
  return outgoing !== undefined && incoming === undefined ? 'swapped' : 'unchanged';
}

async function allowConnections(
  session: PostgresSession,
  database: Candidate | undefined,
  allowed: boolean,
): Promise<void> {
  if (database === undefined || database.allows === allowed) return;
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database.name)} ALLOW_CONNECTIONS ${allowed}`);
}

/** Its client is dead or has lost it, but it may be in the middle of its COMMIT. BUSY when it does not go. */
async function awaitBackend(session: PostgresSession, { backend, database }: KnownState): Promise<void> {
  if (backend === undefined) return;
  const deadline = performance.now() + BACKEND_GONE_WITHIN_MS;
  for (;;) {
    const rows = await session.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid = $1 AND extract(epoch FROM backend_start)::text = $2 AND pid <> pg_backend_pid()`,
      [backend.pid, backend.since],
    );
    if (rows.length === 0) return;
    if (performance.now() > deadline) {
      throw new DomainError('BUSY', `The session that was swapping "${database}" (pid ${backend.pid}) does not end.`, {
        hint: 'Look at what the server is waiting for; it is tried again.',
      });
    }
    await sleep(POLL_MS);
  }
}
