import type { DumpContents } from '@app/drivers';
import { partialDumpWarnings } from './partial-dump.js';

const WHOLE: DumpContents = { tables: 14, rows: true, withoutRows: [], indexes: true };
const shop = (tables: number, more = {}) => ({ name: 'shop', objects: { tables, ...more } });

describe('37: a dump that may hold less than a database', () => {
  it('is reported when it holds fewer tables than the database that it replaces', () => {
    expect(partialDumpWarnings({ ...WHOLE, tables: 1 }, shop(12, { partitioned_tables: 2 }))).toEqual([
      'The dump holds 1 table, and the restore replaces all of "shop", which has 14 tables. To replace only tables that the dump holds, name them in "tables".',
    ]);
    expect(partialDumpWarnings({ ...WHOLE, tables: 0 }, shop(1))[0]).toMatch(/holds no table, .* has 1 table\./);
  });

  it.each<[string, Partial<DumpContents>, RegExp]>([
    ['no rows', { rows: false }, /^The dump holds no rows: its 14 tables are restored empty\./],
    ['no rows of its table', { rows: false, tables: 1 }, /its table is restored empty/],
    [
      'no rows of some',
      { withoutRows: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
      /restored empty: a, b, c, d, e and 2 more\.$/,
    ],
    ['some rows', { condition: 'id < 5' }, /chosen by a condition \(--where\): id < 5\.$/],
  ])('is reported when it holds %s, whatever it replaces', (_what, contents, warning) => {
    for (const replaces of [undefined, shop(1)]) {
      expect(partialDumpWarnings({ ...WHOLE, ...contents }, replaces)).toEqual([expect.stringMatching(warning)]);
    }
  });

  it('is reported when it creates no index and the database has some', () => {
    const partial = { ...WHOLE, indexes: false };
    expect(partialDumpWarnings(partial, shop(14, { indexes: 3 }))).toEqual([expect.stringMatching(/post-data/)]);
    expect(partialDumpWarnings(partial, shop(14, { indexes: 0 }))).toEqual([]);
    expect(partialDumpWarnings(partial, undefined)).toEqual([]);
  });

  it('is not reported when it holds as many tables, or when its contents are not known', () => {
    expect(partialDumpWarnings(WHOLE, shop(14))).toEqual([]);
    expect(partialDumpWarnings(WHOLE, undefined)).toEqual([]);
    expect(partialDumpWarnings(undefined, shop(14))).toEqual([]);
  });
});
