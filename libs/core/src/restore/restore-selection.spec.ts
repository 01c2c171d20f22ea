import { engineBench } from '../testing/engine-bench.js';
import type { EngineBench } from '../testing/engine-bench.js';

describe('a restore of some tables', () => {
  let bench: EngineBench;
  let file: string;

  beforeEach(async () => {
    bench = await engineBench();
    bench.driver.databases.set('shop', 'a=1 b=2 c=3');
    file = `./backups/${(await bench.backup()).filename}`;
    bench.driver.databases.set('shop', 'a=9 b=9 c=9');
  });
  afterEach(() => bench.dispose());

  it('brings back these and no others, and keeps what they held', async () => {
    const { copy, ...outcome } = await bench.restore({ file, tables: ['b'] });
    expect(outcome).toMatchObject({ strategy: 'swap', tables: ['b'], lockoutMs: 1 });
    expect(bench.driver.databases.get('shop')).toBe('a=9 c=9 b=2');
    expect(bench.driver.databases.get(copy?.name ?? '')).toBe('b=9');
  });

  it('into a new database makes it with these alone', async () => {
    const outcome = await bench.restore({ file, tables: ['a', 'c'], targetDatabase: 'some' });
    expect(outcome).toMatchObject({ strategy: 'new', created: true });
    expect([...bench.driver.databases]).toEqual([
      ['shop', 'a=9 b=9 c=9'],
      ['some', 'a=1 c=3'],
    ]);
  });

  it('is refused before anything is made when the backup does not hold them, or in place', async () => {
    await expect(bench.restore({ file, tables: ['d'], targetDatabase: 'some' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'tables' }],
    });
    await expect(bench.restore({ file, tables: ['a'], strategy: 'transaction' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'strategy' }],
    });
    expect([...bench.driver.databases.keys()]).toEqual(['shop']);
  });

  it('that fails leaves nothing', async () => {
    bench.driver.tables.load = () => Promise.reject(new Error('no'));
    await expect(bench.restore({ file, tables: ['a'] })).rejects.toThrow('no');
    await expect(bench.restore({ file, tables: ['a'], targetDatabase: 'some' })).rejects.toThrow('no');
    expect([...bench.driver.databases]).toEqual([['shop', 'a=9 b=9 c=9']]);
  });
});
