import { renameBatches } from './rename-batches.js';
import type { Rename } from './rename-tables.js';

const renames = (count: number): Rename[] =>
  Array.from({ length: count }, (_, index) => ({
    from: { schema: 'shop', table: `t${index}` },
    to: { schema: 'shop__before_1', table: `t${index}` },
  }));
const sizes = (count: number, limits: Parameters<typeof renameBatches>[1]): number[] =>
  renameBatches(renames(count), limits).map(({ length }) => length);

const LIMITS = { atOnce: 10, batch: 4, bytes: 1_000_000 };

it('22: moves as many tables as are allowed in one statement, and more of them by batches', () => {
  expect(sizes(0, LIMITS)).toEqual([]);
  expect(sizes(10, LIMITS)).toEqual([10]);
  expect(sizes(11, LIMITS)).toEqual([4, 4, 3]);
  expect(renameBatches(renames(11), LIMITS).flat()).toEqual(renames(11));
});

it('22: writes no statement that the server would refuse for its length', () => {
  const unlimited = { atOnce: Infinity, batch: Infinity };
  expect(sizes(5_000, { ...unlimited, bytes: 8_000_000 })).toEqual([5_000]);
  expect(sizes(7, { ...unlimited, bytes: 120 })).toEqual([2, 2, 2, 1]);
  // One alone is tried, whatever its length.
  expect(sizes(2, { ...unlimited, bytes: 1 })).toEqual([1, 1]);
});
