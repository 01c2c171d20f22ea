import { resultOf } from './job-results.js';

describe('what came of a job, in words', () => {
  it('is a backup that can be looked at', () => {
    const backup = { id: 'b/1', filename: 'shop_1.sql', size: 1_500_000 };
    expect(resultOf({ type: 'backup', result: { backup } })).toEqual({
      words: 'A backup of 1.5 MB:',
      link: { to: '/backups/b%2F1', label: 'shop_1.sql' },
    });
  });

  it.each([
    ['restore', { path: './backups/shop_1.sql', tables: null }, '“shop” is as in shop_1.sql.'],
    ['restore', { path: './backups/shop_1.sql', tables: ['a', 'b'] }, '2 tables of “shop” are as in shop_1.sql.'],
    ['undo', { path: './backups/shop_1.sql', tables: ['a'] }, '1 table of “shop” is as before the restore.'],
  ] as const)('is a database after a %s: %j', (type, restore, words) => {
    expect(resultOf({ type, result: { restore: { database: 'shop', ...restore } } })?.words).toBe(words);
  });

  it.each([
    ['verify', { verification: { level: 'stored' } }, /^Read back from storage/],
    ['verify', { checked: 'stored', verification: { level: 'restored' } }, /^Read back from storage/],
    ['retention', { kept: 3, removed: [], bytes: 0 }, /^Nothing had to go; 3 kept\.$/],
    ['retention', { kept: 3, removed: [{}], bytes: 2000 }, /^1 backup removed, 3 kept; 2 kB freed\.$/],
    [
      'expiry',
      { dropped: ['a', 'b'], failed: ['c'] },
      /^2 previous databases dropped\. 1 previous database could not be dropped yet\.$/,
    ],
    ['sweep', { completed: [], removed: [] }, /^Nothing was left over\.$/],
    ['sweep', { completed: ['a'], removed: ['b'] }, /^1 backup finished publishing, 1 leftover removed\.$/],
  ] as const)('is what a %s tells: %j', (type, result, words) => {
    expect(resultOf({ type, result })?.words).toMatch(words);
  });

  it('is nothing where nothing was told', () => {
    expect(resultOf({ type: 'backup', result: null })).toBeUndefined();
    expect(resultOf({ type: 'verify', result: {} })).toBeUndefined();
  });
});
