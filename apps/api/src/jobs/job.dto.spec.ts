import type { JobRecord } from '@app/catalog';
import { JobDetails, JobEntry, jobQueryOf } from './job.dto.js';

const JOB: JobRecord = {
  id: 'j1',
  type: 'backup',
  state: 'queued',
  lockKey: 'PostgreSQL:db:5432:shop',
  connectionId: 'c1',
  scheduleId: null,
  dueAt: null,
  uniqueKey: null,
  retryOf: null,
  priority: 20,
  abandonedByRestart: true,
  payload: { database: 'shop', kind: 'manual' },
  result: null,
  failure: null,
  progress: null,
  log: [],
  attempt: 0,
  maxAttempts: 1,
  runAfter: 1_000,
  cancelRequestedAt: null,
  owner: 'i1',
  createdAt: 1_000,
  startedAt: null,
  finishedAt: null,
};

describe('JobEntry', () => {
  it('shows a job that waits, and nothing of how the service keeps it', () => {
    expect(JobEntry.of(JOB)).toEqual({
      id: 'j1',
      type: 'backup',
      state: 'queued',
      database: 'shop',
      connection_id: 'c1',
      schedule_id: null,
      due_at: null,
      urgency: 'manual',
      attempt: 0,
      max_attempts: 1,
      created_at: '1970-01-01T00:00:01.000Z',
      started_at: null,
      finished_at: null,
      run_after: '1970-01-01T00:00:01.000Z',
      cancel_requested: false,
      retry_of: null,
      progress: null,
      result: null,
      error: null,
    });
  });

  it('shows one that runs, and with its log where the whole job is shown', () => {
    const progress = { bytes: 7, totalBytes: 70, tables: 1, totalTables: 3, bytesPerSecond: 7, secondsLeft: 9 };
    const log = ['1970-01-01T00:00:02.000Z begun'];
    const job = { ...JOB, state: 'running' as const, progress: { phase: 'dump', ...progress }, startedAt: 2_000, log };
    const shown = {
      started_at: '1970-01-01T00:00:02.000Z',
      progress: {
        ...{ phase: 'dump', bytes: 7, total_bytes: 70, tables: 1, total_tables: 3 },
        ...{ bytes_per_second: 7, seconds_left: 9 },
      },
    };
    expect(JobEntry.of(job)).toMatchObject(shown);
    expect(JobEntry.of(job)).not.toHaveProperty('log');
    expect(JobDetails.of(job)).toMatchObject({ ...shown, log });
  });

  it.each([
    [20, 'manual'],
    [10, 'scheduled'],
    [0, 'background'],
  ])('says for the priority %d: %s', (priority, urgency) => {
    expect(JobEntry.of({ ...JOB, priority }).urgency).toBe(urgency);
  });

  it('shows a failure without a hint, too', () => {
    const failed = {
      ...JOB,
      state: 'failed' as const,
      failure: { code: 'DUMP_FAILED' as const, message: 'It failed.' },
    };
    expect(JobEntry.of(failed).error).toEqual({ code: 'DUMP_FAILED', message: 'It failed.', hint: null });
  });

  it.each(['restore', 'undo'] as const)('shows the end of a job of type %s as its call does', (type) => {
    const result = { id: 'r1', path: './b.sql', database: 'shop', strategy: 'swap', created: false, durationMs: 9 };
    const more = { lockoutMs: 4, sessionsEnded: 2, copy: { name: 'shop__before_r1', bytes: 7 }, warnings: [] };
    expect(JobEntry.of({ ...JOB, state: 'succeeded', type, result: { ...result, ...more } }).result).toEqual({
      restore: {
        ...{ id: 'r1', path: './b.sql', database: 'shop', strategy: 'swap', database_created: false, duration_ms: 9 },
        ...{ tables: null, lockout_ms: 4, sessions_ended: 2, safety_backup: null, warnings: [] },
      },
    });
  });

  it('shows what a verification has found as backups show it', () => {
    const details = { server: 'PostgreSQL 17.6', tables: 1, rows: 3, compared_with: 'snapshot', restore_ms: 8 };
    const verification = { level: 'restored', at: 'now', details };
    expect(JobEntry.of({ ...JOB, state: 'succeeded', type: 'verify', result: { verification } }).result).toEqual({
      verification: { ...verification, failed: null, untried: null },
    });
  });

  it('shows a backup or a restore as the calls do that wait for it, and other results in snake case', () => {
    const succeeded = { ...JOB, state: 'succeeded' as const };
    const backup = {
      ...{ id: 'b1', filename: 'shop.sql', dbType: 'MySQL', created: 1_700_000_000 },
      ...{ durationMs: 5, status: 'complete', warnings: [] },
    };
    expect(JobEntry.of({ ...succeeded, result: backup }).result).toMatchObject({
      backup: { id: 'b1', db_type: 'MySQL', created_at: '2023-11-14T22:13:20.000Z', duration_ms: 5, kind: null },
    });
    const restore = { path: './b.sql', database: 'shop', strategy: 'safety_backup', created: false, durationMs: 9 };
    const result = { ...restore, safetyBackup: backup, warnings: [] };
    expect(JobEntry.of({ ...succeeded, type: 'restore', result }).result).toMatchObject({
      restore: { path: './b.sql', database_created: false, duration_ms: 9, safety_backup: { id: 'b1' } },
    });
    const swept = { completed: ['a'], filesRemoved: [{ bigFile: { keptFor: null } }, 7] };
    expect(JobEntry.of({ ...succeeded, type: 'sweep', result: swept }).result).toEqual({
      completed: ['a'],
      files_removed: [{ big_file: { kept_for: null } }, 7],
    });
  });
});

describe('jobQueryOf', () => {
  it('asks for what is given only', () => {
    expect(jobQueryOf({})).toEqual({ limit: 50 });
    const query = {
      state: 'queued,running',
      type: 'backup',
      connection_id: 'c',
      schedule_id: 's',
      limit: 7,
      after: 'x',
    };
    expect(jobQueryOf(query)).toEqual({
      ...{ states: ['queued', 'running'], types: ['backup'], connectionId: 'c', scheduleId: 's', limit: 7, after: 'x' },
    });
  });
});
