import type { RestoreRecord } from '@app/catalog';
import type { RestoreOutcome } from '@app/core';
import { RestoreEntry } from './restore-record.dto.js';
import { RestoreDetails } from './restore.dto.js';
import { UndoEntry } from './undo.dto.js';

const KEPT: RestoreRecord = {
  ...{ id: 'r1', jobId: 'j1', connectionId: null, dbType: 'MySQL', database: 'shop', databaseKey: 'k' },
  ...{
    backupPath: './b.sql',
    backupId: null,
    strategy: 'swap',
    safetyBackupPath: null,
    safetyBackupId: null,
    state: 'succeeded',
  },
  ...{ failure: null, startedAt: 1_000, finishedAt: 2_000, kind: 'restore', undoes: null, tables: null },
  ...{ incoming: null, journal: null, copy: 'shop__before_r1', copyState: 'kept', copyUntil: 3_000, copyBytes: 70 },
  lockoutMs: 12,
};
const NOTHING_KEPT = { copy: null, copyState: 'none', copyUntil: null, copyBytes: null } as const;

describe('RestoreEntry', () => {
  it('shows a restore that can be undone, until when, and what that costs', () => {
    expect(RestoreEntry.of(KEPT)).toEqual({
      ...{ id: 'r1', kind: 'restore', undoes: null, job_id: 'j1', connection_id: null, database: 'shop' },
      ...{ backup_path: './b.sql', strategy: 'swap', tables: null, lockout_ms: 12, safety_backup_path: null },
      undo: {
        ...{
          available: true,
          state: 'available',
          until: '1970-01-01T00:00:03.000Z',
          copy: 'shop__before_r1',
          bytes: 70,
        },
      },
      ...{ state: 'succeeded', error: null },
      ...{ started_at: '1970-01-01T00:00:01.000Z', finished_at: '1970-01-01T00:00:02.000Z' },
    });
  });

  it('shows one that failed', () => {
    const failure = { code: 'RESTORE_FAILED' as const, message: 'No.', hint: 'Do.' };
    const failed = { ...KEPT, ...NOTHING_KEPT, state: 'failed' as const, strategy: null, failure };
    expect(RestoreEntry.of(failed)).toMatchObject({
      ...{ strategy: null, state: 'failed', error: { code: 'RESTORE_FAILED', message: 'No.', hint: 'Do.' } },
      undo: { available: false, state: 'none' },
    });
  });
});

describe('UndoEntry', () => {
  const gone = { available: false, until: null, copy: null, bytes: null };

  it('says by a safety backup, too, that it can be undone, for as long as that is there', () => {
    const inPlace = { ...KEPT, ...NOTHING_KEPT, strategy: 'safety_backup', safetyBackupPath: './s.sql' };
    expect(UndoEntry.of(inPlace)).toEqual({ ...gone, available: true, state: 'available' });
  });

  it.each([
    ['used', { copyState: 'used' }],
    ['expired', { copyState: 'dropped' }],
    ['dropped', { copyState: 'dropped', copyUntil: null }],
    ['none', { strategy: 'new', ...NOTHING_KEPT }],
    ['none', { strategy: 'transaction', ...NOTHING_KEPT }],
    ['none', { state: 'running', ...NOTHING_KEPT }],
  ] as const)('says %s of %j', (state, change) => {
    expect(UndoEntry.of({ ...KEPT, ...change })).toEqual({ ...gone, state });
  });

  it('shows what still takes space although it cannot be had any more', () => {
    expect(UndoEntry.of({ ...KEPT, copyState: 'dropping' })).toMatchObject({
      ...{ available: false, state: 'dropping', copy: 'shop__before_r1', bytes: 70 },
    });
  });
});

describe('40: UndoEntry', () => {
  const undoing = { ...KEPT, id: 'r2', kind: 'undo' as const, undoes: 'r1' };
  const failure = { code: 'BUSY' as const, message: 'Somebody is in it.' };

  it('says that a restore is being undone', () => {
    const entry = UndoEntry.of({ ...KEPT, copyState: 'used' }, { ...undoing, state: 'running' });
    expect(entry).toMatchObject({ available: false, state: 'in_progress' });
  });

  it('says why the last attempt to undo it failed, and that it can be tried again', () => {
    const entry = UndoEntry.of(KEPT, { ...undoing, state: 'failed', failure });
    expect(entry).toMatchObject({
      ...{ available: true, state: 'failed', reason: 'The last attempt failed: Somebody is in it.' },
    });
  });

  it('says what is lost', () => {
    expect(UndoEntry.of({ ...KEPT, copyState: 'lost' })).toMatchObject({
      ...{ available: false, state: 'lost', copy: null, reason: 'What it replaced is not on the server any more.' },
    });
    expect(UndoEntry.of({ ...KEPT, copyState: 'lost', tables: ['t'] }).reason).toMatch(/undo that one first/);
    expect(UndoEntry.of({ ...KEPT, copyState: 'lost', copyUntil: null, tables: ['t'] }).reason).toBe(
      'A later restore has replaced the whole database in place, and with it types or functions that the tables kept for this undo were made of.',
    );
  });
});

describe('RestoreDetails', () => {
  const outcome: RestoreOutcome = {
    ...{ id: 'r1', path: './b.sql', database: 'shop', strategy: 'swap', created: false, durationMs: 9 },
    ...{ lockoutMs: 12, sessionsEnded: 1, copy: { name: 'shop__before_r1', bytes: 70 }, warnings: ['Mind.'] },
  };

  it('show what was done, and how it can be undone', () => {
    expect(RestoreDetails.of(outcome, KEPT)).toEqual({
      ...{ id: 'r1', strategy: 'swap', database: 'shop', database_created: false, tables: null, duration_ms: 9 },
      ...{ lockout_ms: 12, sessions_ended: 1, safety_backup: null, warnings: ['Mind.'] },
      undo: {
        ...{
          available: true,
          state: 'available',
          until: '1970-01-01T00:00:03.000Z',
          copy: 'shop__before_r1',
          bytes: 70,
        },
      },
    });
  });

  it('show no undo where nothing was replaced, or where the catalog does not know', () => {
    expect(RestoreDetails.of(outcome, { ...KEPT, ...NOTHING_KEPT, strategy: 'new' }).undo).toBeNull();
    expect(RestoreDetails.of(outcome).undo).toBeNull();
  });
});
