import { setTimeout as delay } from 'node:timers/promises';
import { databaseKey, Operations } from './operations.js';

describe('operations', () => {
  it('run one at a time on a database, in the order they came, also after a failure', async () => {
    const operations = new Operations();
    const log: string[] = [];
    const work = (name: string, fail = false) =>
      operations.run('shop', async () => {
        log.push(`${name} begins`);
        await delay(5);
        log.push(`${name} ends`);
        if (fail) throw new Error(name);
      });
    const results = await Promise.allSettled([work('a', true), work('b'), work('c')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(operations.active).toBe(0);
  });

  it('on different databases do not wait for each other', async () => {
    const operations = new Operations();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const first = operations.run('a', () => gate);
    await operations.run('b', () => Promise.resolve());
    release();
    await first;
  });

  it('tell databases apart by engine, host, port and name', () => {
    const base = { dbType: 'PostgreSQL', host: 'db', port: 5432, database: 'shop' } as const;
    const keys = [
      base,
      { ...base, dbType: 'MySQL' as const },
      { ...base, host: 'db2' },
      { ...base, port: 5433 },
      { ...base, database: 'shop2' },
    ];
    expect(new Set(keys.map(databaseKey)).size).toBe(keys.length);
    expect(databaseKey({ ...base, host: 'DB' })).toBe(databaseKey(base));
  });

  it('let running work finish on shutdown, refuse waiting and new work', async () => {
    const operations = new Operations();
    let finish: () => void = () => undefined;
    const running = operations.run('a', () => new Promise<string>((resolve) => (finish = () => resolve('done'))));
    const waiting = operations.run('a', () => Promise.resolve());
    await Promise.resolve();
    const down = operations.shutdown(60_000);
    await expect(operations.run('b', () => Promise.resolve())).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    finish();
    await expect(running).resolves.toBe('done');
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await down;
  });

  it('abort running work after the grace time and wait for its clean-up', async () => {
    const operations = new Operations();
    let cleaned = false;
    const running = operations.run('a', async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await delay(5);
      cleaned = true;
      throw new Error('aborted');
    });
    running.catch(() => undefined);
    await Promise.resolve();
    await operations.shutdown(1);
    expect(cleaned).toBe(true);
    await expect(running).rejects.toThrow('aborted');
  });
});
