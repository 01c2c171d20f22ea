import type { CompareDepth, ConnectionParams } from '@app/domain';
import type { Census } from '../../db-driver.js';
import { lockedOut } from '../login/lock-holders.js';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { FrozenDatabase } from './frozen-database.js';

/** Counts in one snapshot, and computes what the rows hold where `depth` wants it. BUSY where a lock was not to be had in `lockTimeoutMs`. */
export async function census(
  connection: ConnectionParams,
  lockTimeoutMs: number,
  depth: CompareDepth,
  signal: AbortSignal | undefined,
): Promise<Census> {
  await using session = await PostgresSession.open(connection, signal);
  try {
    const database = await FrozenDatabase.freeze(session, { lockTimeoutMs, exported: false });
    return await database.census(depth, signal);
  } catch (error) {
    if (isServerError(error) && error.code === '55P03') throw await lockedOut(session, error);
    throw databaseError(error, `The rows of "${connection.database}" could not be counted`);
  }
}
