import { coreFixture } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';

describe('a restore of some tables', () => {
  let fixture: CoreFixture;
  let file: string;

  beforeEach(async () => {
    fixture = await coreFixture();
    fixture.driver.databases.set('shop', 'a=1 b=2 c=3');
    file = `./backups/${(await fixture.backup()).filename}`;
    fixture.driver.databases.set('shop', 'a=9 b=9 c=9');
  });
  afterEach(() => fixture.dispose());

  it('restores these tables and no others, and keeps their previous content', async () => {
    const { copy, ...outcome } = await fixture.restore({ file, tables: ['b'] });
    expect(outcome).toMatchObject({ strategy: 'swap', tables: ['b'], lockoutMs: 1 });
    expect(fixture.driver.databases.get('shop')).toBe('a=9 c=9 b=2');
    expect(fixture.driver.databases.get(copy?.name ?? '')).toBe('b=9');
  });

  it('into a new database creates it with these tables alone', async () => {
    const outcome = await fixture.restore({ file, tables: ['a', 'c'], targetDatabase: 'some' });
    expect(outcome).toMatchObject({ strategy: 'new', created: true });
    expect([...fixture.driver.databases]).toEqual([
      ['shop', 'a=9 b=9 c=9'],
      ['some', 'a=1 c=3'],
    ]);
  });

  it('is refused before anything is created when the backup does not hold them, or for a restore in place', async () => {
    await expect(fixture.restore({ file, tables: ['d'], targetDatabase: 'some' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'tables' }],
    });
    await expect(fixture.restore({ file, tables: ['a'], strategy: 'transaction' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'strategy' }],
    });
    expect([...fixture.driver.databases.keys()]).toEqual(['shop']);
  });

  it('leaves no database behind when it fails', async () => {
    fixture.driver.tables.load = () => Promise.reject(new Error('no'));
    await expect(fixture.restore({ file, tables: ['a'] })).rejects.toThrow('no');
    await expect(fixture.restore({ file, tables: ['a'], targetDatabase: 'some' })).rejects.toThrow('no');
    expect([...fixture.driver.databases]).toEqual([['shop', 'a=9 b=9 c=9']]);
  });
});
