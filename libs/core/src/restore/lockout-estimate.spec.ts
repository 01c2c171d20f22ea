import { lockoutEstimate } from './lockout-estimate.js';

const MOVES = { tables: 1_500, triggers: 10, perTable: [0.5, 10], perTrigger: [4, 60] } as const;

describe('22: the estimate of how long a database cannot be used', () => {
  it('grows with the tables of both sides and with the triggers', () => {
    expect(lockoutEstimate(MOVES, { tables: 1_400, sequences: 100, triggers: 20, views: 7 })).toEqual({
      ...{ tables: 3_000, leastMs: 1_580, mostMs: 31_200 },
    });
  });

  it('assumes that a foreign file holds as many tables as the database that it replaces', () => {
    expect(lockoutEstimate(MOVES, null)).toEqual({ tables: 3_000, leastMs: 1_540, mostMs: 30_600 });
  });

  it('is missing where the time does not depend on the number of tables', () => {
    expect(lockoutEstimate(undefined, { tables: 5_000 })).toBeNull();
  });
});
