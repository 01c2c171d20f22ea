import { DomainError, messageOf } from '@app/domain';
import type { Census, DumpPlan } from '../../db-driver.js';
import { lockedOut } from '../login/lock-holders.js';
import { databaseError, isConnectionLoss, isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { FrozenDatabase, isUnsharable } from './frozen-database.js';

/** A snapshot that pg_dump takes over by its id, and in which we count meanwhile. */
export interface SharedSnapshot extends AsyncDisposable {
  id: string;
  /** Rejects when `signal` fires. */
  census(): Promise<Census>;
}

/**
 * Undefined where the server does not share snapshots. Must stay open until pg_dump is gone: its locks keep the tables as
 * they are in the snapshot.
 */
export async function shareSnapshot(
  plan: DumpPlan,
  lockTimeoutMs: number,
  signal: AbortSignal,
): Promise<SharedSnapshot | undefined> {
  const { database } = plan.connection;
  await using guard = new AsyncDisposableStack();
  const session = guard.use(await PostgresSession.open(plan.connection, signal));
  try {
    const frozen = await FrozenDatabase.freeze(session, { lockTimeoutMs, exported: true });
    if (frozen.snapshot === undefined) return undefined;
    const owned = guard.move();
    return {
      id: frozen.snapshot,
      census: () =>
        frozen.census(plan.census ?? 'counts', signal).catch(async (error: unknown) => {
          throw isServerError(error) && error.code === '55P03'
            ? await lockedOut(session, error)
            : countError(error, database);
        }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    if (isUnsharable(error)) return undefined;
    if (isServerError(error) && error.code === '55P03') throw await lockedOut(session, error);
    throw databaseError(error, `The dump of "${database}" could not begin`);
  }
}

function countError(error: unknown, database: string): DomainError {
  if (!isConnectionLoss(error)) return databaseError(error, `The rows of "${database}" could not be counted`);
  return new DomainError('CONNECTION_LOST', `The dump of "${database}" failed: ${messageOf(error)}.`, { cause: error });
}
