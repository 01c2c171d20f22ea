import type { RestorePlan } from '@app/core';
import { messageOfPlan, RestorePlanEntry } from './restore-plan.dto.js';

const PLAN: RestorePlan = {
  path: './b.sql',
  database: 'shop',
  strategy: 'swap',
  blockers: [],
  staged: null,
  creates: false,
  undoHours: 24,
  tables: null,
  backup: {
    ...{ id: 'b1', database: 'shop', format: 'plain', size: 10, dumpSize: 20, startedAt: 'then' },
    ...{ server: 'PostgreSQL 17.6', verification: 'stored' },
  },
  target: { server: 'PostgreSQL 17.7', bytes: 30, objects: { tables: 2 }, sessions: 1, freeBytes: 99 },
  lockout: { tables: 4, leastMs: 2, mostMs: 60 },
  warnings: ['Mind.'],
};

describe('the plan of a restore', () => {
  it('is shown in the API’s own shape', () => {
    expect(RestorePlanEntry.of(PLAN)).toEqual({
      ...{ path: './b.sql', database: 'shop', strategy: 'swap', obstacles: [], staged: null, creates_database: false },
      ...{ undo_hours: 24, tables: null, warnings: ['Mind.'] },
      backup: {
        ...{ id: 'b1', database: 'shop', format: 'plain', size: 10, dump_size: 20, started_at: 'then' },
        ...{ server: 'PostgreSQL 17.6', verification: 'stored' },
      },
      target: { server: 'PostgreSQL 17.7', bytes: 30, objects: { tables: 2 }, sessions: 1, free_bytes: 99 },
      lockout: { tables: 4, least_ms: 2, most_ms: 60 },
    });
    expect(RestorePlanEntry.of({ ...PLAN, lockout: null }).lockout).toBeNull();
  });

  it.each([
    [
      {},
      'The restore would load the backup into a staging database and swap it in for "shop"; that could be undone for 24 hours.',
    ],
    [
      { undoHours: 0, tables: ['a'] },
      'The restore would load 1 table into a staging database and swap it in for "shop".',
    ],
    [{ strategy: 'new', undoHours: 0 }, 'The restore would make the database "shop" and load the backup into it.'],
    [
      { strategy: 'transaction', undoHours: 0 },
      'The restore would load the backup into "shop" in place, in one transaction.',
    ],
    [
      { strategy: 'safety_backup', undoHours: 0 },
      'The restore would back "shop" up, and load the backup into it in place.',
    ],
  ] as const)('is told in a sentence: %j', (change, sentence) => {
    expect(messageOfPlan({ ...PLAN, ...change })).toBe(`Nothing was changed. ${sentence}`);
  });
});
