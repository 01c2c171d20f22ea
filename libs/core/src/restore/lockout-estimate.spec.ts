import { lockoutEstimate } from './lockout-estimate.js';

const MOVES = { tables: 1_500, triggers: 10, perTable: [0.5, 10], perTrigger: [4, 60] } as const;

describe('22: the estimate of a lock-out', () => {
  it('grows with the tables of both sides and with the triggers', () => {
    expect(lockoutEstimate(MOVES, { tables: 1_400, sequences: 100, triggers: 20, views: 7 })).toEqual({
      ...{ tables: 3_000, leastMs: 1_580, mostMs: 31_200 },
    });
  });

  it('takes a file that nobody has counted for as large as what it replaces', () => {
    expect(lockoutEstimate(MOVES, null)).toEqual({ tables: 3_000, leastMs: 1_540, mostMs: 30_600 });
  });

  it('is none where it does not depend on how much there is', () => {
    expect(lockoutEstimate(undefined, { tables: 5_000 })).toBeNull();
  });
});
