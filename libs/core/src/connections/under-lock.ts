import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DatabaseLock, DbDriver } from '@app/drivers';
import type { JobContext } from '@app/jobs';

/**
 * Work on a database that nothing else works on meanwhile: neither under another name of its host, nor another service.
 * The server keeps the lock. `lost`: what becomes of the work when it is lost: a backup goes on, whatever changes a database
 * is stopped, and must call `assertHeld` before each step that a death would leave half-done.
 */
export async function underLock<T>(
  driver: DbDriver,
  connection: ConnectionParams,
  work: JobContext,
  lost: 'stops' | 'goes on',
  body: (work: JobContext, assertHeld: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const lock = await take(driver, connection, work);
  if (lock === undefined) return body(work, () => Promise.resolve());
  try {
    if (lost === 'goes on') return await body(work, () => Promise.resolve());
    const signal = AbortSignal.any([work.signal, lock.lost]);
    return await body({ ...contextOf(work), signal }, () => lock.assertHeld());
  } catch (error) {
    // That it was stopped is no news, but why.
    if (lost === 'stops' && lock.lost.aborted && !work.signal.aborted) throw lock.lost.reason;
    throw error;
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

async function take(
  driver: DbDriver,
  connection: ConnectionParams,
  work: JobContext,
): Promise<DatabaseLock | undefined> {
  const held = Promise.withResolvers<undefined>();
  const taking = driver.lockDatabase(connection, {
    signal: work.signal,
    onWaiting: (holder) => {
      work.log(`waiting: ${holder} works on "${connection.database}"`);
      held.resolve(undefined);
    },
  });
  try {
    // A job that gave way for a lock that is free would hold it, and wait for room, while others run in its place.
    const free = await Promise.race([taking, held.promise]);
    return free ?? (await work.givesWay(() => taking));
  } catch (error) {
    // There is no other database on the server that lets us in, and this one is yet to be made.
    if (error instanceof DomainError && error.code === 'DATABASE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Its methods may be those of a class. */
function contextOf(work: JobContext): Omit<JobContext, 'signal'> {
  return {
    progress: (change) => work.progress(change),
    log: (line) => work.log(line),
    noRetry: () => work.noRetry(),
    givesWay: (wait) => work.givesWay(wait),
  };
}
