import { SerialExecutor } from './serial-executor.js';

describe('a serial executor', () => {
  it('begins work when the work before it has ended, even by a failure', async () => {
    const executor = new SerialExecutor();
    const seen: string[] = [];
    const first = Promise.withResolvers<number>();
    const one = executor.run(() => {
      seen.push('one begins');
      return first.promise.finally(() => seen.push('one ends'));
    });
    const two = executor.run(() => {
      seen.push('two');
      return Promise.resolve(2);
    });
    await new Promise(setImmediate);
    expect(seen).toEqual(['one begins']);
    first.reject(new Error('no'));
    await expect(one).rejects.toThrow('no');
    await expect(two).resolves.toBe(2);
    expect(seen).toEqual(['one begins', 'one ends', 'two']);
  });

  it('is idle when all that was given has ended', async () => {
    const executor = new SerialExecutor();
    let ended = false;
    const failing = executor.run(async () => {
      await new Promise(setImmediate);
      ended = true;
      throw new Error('no');
    });
    await executor.idle();
    expect(ended).toBe(true);
    await expect(failing).rejects.toThrow('no');
  });
});
