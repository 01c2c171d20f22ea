import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DatabaseLock, DbDriver } from '@app/drivers';
import type { JobContext } from '@app/jobs';

/**
 * Runs work on a database while nothing else works on it, neither under another name of its host nor from another service.
 * The server holds the lock. `lost` says what happens when the lock is lost: a backup goes on; work that changes a database is
 * stopped, and must call `assertHeld` before each step that a crash would leave half-done.
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
    // The useful message is the reason why the work was stopped.
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
    // A job that gave up its place though the lock is free would hold the lock and wait for a place while others run.
    const free = await Promise.race([taking, held.promise]);
    return free ?? (await work.givesWay(() => taking));
  } catch (error) {
    // The account can enter no other database on the server, and this one does not exist yet.
    if (error instanceof DomainError && error.code === 'DATABASE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Copies a job context whose methods may be those of a class. */
function contextOf(work: JobContext): Omit<JobContext, 'signal'> {
  return {
    progress: (change) => work.progress(change),
    log: (line) => work.log(line),
    noRetry: () => work.noRetry(),
    givesWay: (wait) => work.givesWay(wait),
  };
}
