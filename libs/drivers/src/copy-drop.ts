import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DatabaseSwap } from './db-driver.js';

/** How long anybody waits until a staging or previous database is dropped. A server may take any time for it, and the data is where it belongs by then. */
export const DROP_WITHIN_MS = 10_000;

/** The database may be gone in a moment, or still be there. */
export class DropTakesLong extends DomainError {}

/**
 * Drops a staging or previous database, and waits no longer than that, whether or not the server answers: rejects with BUSY then. What the server was
 * told to do it may still do; dropping the database again is no error.
 */
export async function dropInTime(
  swap: Pick<DatabaseSwap, 'dropCopy'>,
  connection: ConnectionParams,
  name: string,
  withinMs = DROP_WITHIN_MS,
): Promise<void> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new DropTakesLong('BUSY', `The server has not dropped "${name}" within ${withinMs / 1000} s.`, {
          hint: 'It is tried again by itself.',
        }),
      );
      late.abort();
    }, withinMs);
  });
  const drop = swap.dropCopy(connection, name, late.signal);
  drop.catch(() => undefined);
  try {
    await Promise.race([drop, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** {@link dropInTime}. Never rejects: resolves with why the database is still there; undefined when it is gone. */
export async function whyNotDropped(...drop: Parameters<typeof dropInTime>): Promise<string | undefined> {
  try {
    await dropInTime(...drop);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
