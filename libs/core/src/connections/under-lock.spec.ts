import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DatabaseLock, DbDriver, LockOptions } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import { FakeDriver } from '../testing/fake-driver.js';
import { shop } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { underLock } from './under-lock.js';

class CountingWork extends QuietWork {
  gaveWay = 0;

  override givesWay<T>(wait: () => Promise<T>): Promise<T> {
    this.gaveWay += 1;
    return super.givesWay(wait);
  }
}

/** Makes a driver whose lock another session holds until `released`. */
function driverWithHeldLock(released: () => Promise<unknown>): DbDriver {
  const lockDatabase = async (_shop: ConnectionParams, { onWaiting }: LockOptions): Promise<DatabaseLock> => {
    onWaiting('Session 7');
    await released();
    return new FakeDriver().lockDatabase();
  };
  return Object.assign(new FakeDriver(), { lockDatabase });
}

describe('68: a job that takes the lock of a database', () => {
  const done = () => Promise.resolve('done');

  it('keeps its place in the queue when the lock is free', async () => {
    const work = new CountingWork();
    expect(await underLock(new FakeDriver(), shop, work, 'stops', done)).toBe('done');
    expect(work.gaveWay).toBe(0);
  });

  it('gives its place to another job while a session holds the lock, and names that session', async () => {
    const work = new CountingWork();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const driver = driverWithHeldLock(() => released);
    const result = underLock(driver, shop, work, 'stops', done);
    while (work.gaveWay === 0) await new Promise(setImmediate);
    release();
    expect([await result, work.gaveWay, work.lines]).toEqual(['done', 1, ['waiting: Session 7 works on "shop"']]);
  });

  it('is stopped with the reason when the lock is lost; a backup goes on', async () => {
    const session = new AbortController();
    const lock: DatabaseLock = {
      lost: session.signal,
      assertHeld: () => Promise.reject(new DomainError('CONNECTION_LOST', 'It is not held.')),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const driver = Object.assign(new FakeDriver(), { lockDatabase: () => Promise.resolve(lock) });
    const begun = Promise.withResolvers<void>();
    const untilStopped = ({ signal }: JobContext): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
        begun.resolve();
      });
    const stopped = underLock(driver, shop, new QuietWork(), 'stops', untilStopped);
    await begun.promise;
    session.abort(new DomainError('CONNECTION_LOST', 'The session of the lock is gone.'));
    await expect(stopped).rejects.toThrow('The session of the lock is gone.');
    const going = ({ signal }: JobContext) => Promise.resolve(signal.aborted);
    expect(await underLock(driver, shop, new QuietWork(), 'goes on', going)).toBe(false);
    const asking = (_work: JobContext, assertHeld: () => Promise<void>) => assertHeld();
    await expect(underLock(driver, shop, new QuietWork(), 'stops', asking)).rejects.toThrow('session of the lock');
  });

  it('reports why it cannot get the lock after it has waited', async () => {
    const driver = driverWithHeldLock(() => Promise.reject(new Error('It did not end.')));
    await expect(underLock(driver, shop, new CountingWork(), 'stops', done)).rejects.toThrow('It did not end.');
  });
});
