import type { ConnectionParams } from '@app/domain';
import { isServerError } from './postgres-errors.js';
import { PostgresSession } from './postgres-session.js';
import type { SessionSettings } from './session-settings.js';

/** `too_many_connections`: of the server, the database or the role. */
const NO_MORE = '53300';

/** For work that goes without it, only slower: undefined where the server gives no more sessions. */
export async function openAnother(
  connection: ConnectionParams,
  signal: AbortSignal,
  settings?: SessionSettings,
): Promise<PostgresSession | undefined> {
  try {
    return await PostgresSession.open(connection, signal, settings);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (isServerError(cause) && cause.code === NO_MORE) return undefined;
    throw error;
  }
}
