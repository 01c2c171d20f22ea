import type { JobRecord } from '@app/catalog';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { DomainError } from '@app/domain';
import type { ErrorCode } from '@app/domain';
import { RETRY_DELAYS_MS, verdictOf } from './job-verdict.js';
import type { Circumstances } from './job-verdict.js';

const NOW = 1_000_000;

function verdict(error: unknown, some: Partial<Circumstances> = {}, job: Partial<JobRecord> = {}): Partial<JobRecord> {
  return verdictOf(
    aJob({ state: 'running', attempt: 1, maxAttempts: 3, startedAt: 1, ...job }),
    { error },
    {
      stop: undefined,
      mayRetry: true,
      retryDelaysMs: RETRY_DELAYS_MS,
      now: NOW,
      random: 0.5,
      redact: (text) => text,
      ...some,
    },
  );
}

const unreachable = new DomainError('HOST_UNREACHABLE', 'Nothing answers at db:5432.', { hint: 'Is it up?' });

describe('the verdict on a job', () => {
  it('keeps the result, and removes an earlier failure', () => {
    const job = aJob({ failure: { code: 'BUSY', message: 'busy' } });
    const end = verdictOf(job, { result: { path: 'x' } }, { ...circumstances(), stop: 'cancel' });
    expect(end).toEqual({ state: 'succeeded', result: { path: 'x' }, failure: null, finishedAt: NOW });
  });

  it.each([
    'HOST_UNREACHABLE',
    'CONNECTION_TIMEOUT',
    'CONNECTION_LOST',
    'SERVER_REFUSED',
    'BUSY',
    'SCHEMA_CHANGED',
    'CATALOG_UNAVAILABLE',
  ])('tries again after %s', (code) => {
    expect(verdict(new DomainError(code as ErrorCode, 'x')).state).toBe('queued');
  });

  it.each(['WRONG_CREDENTIALS', 'NO_SPACE', 'DUMP_FAILED', 'RESTORE_FAILED', 'MISSING_PRIVILEGE', 'CANCELLED'])(
    'is final after %s',
    (code) => {
      expect(verdict(new DomainError(code as ErrorCode, 'x'))).toMatchObject({ state: 'failed', finishedAt: NOW });
    },
  );

  it('shows the last failure on the waiting job', () => {
    const failure = { code: 'HOST_UNREACHABLE', message: 'Nothing answers at db:5432.', hint: 'Is it up?' };
    const again = verdict(unreachable);
    expect(again).toEqual({ state: 'queued', failure, progress: null, startedAt: null, runAfter: NOW + 30_000 });
  });

  it.each([
    // [attempt, random, delay in seconds]
    [1, 0.5, 30],
    [2, 0.5, 120],
    [3, 0.5, 600],
    [7, 0.5, 600],
    [1, 0, 27],
    [3, 1, 660],
  ])('waits longer each time, by a random delay: attempt %i, random %d: %i s', (attempt, random, seconds) => {
    const { runAfter } = verdict(unreachable, { random }, { attempt, maxAttempts: 9 });
    expect(runAfter).toBe(NOW + seconds * 1_000);
  });

  it('is final after the last attempt, and when a second one could do harm', () => {
    expect(verdict(unreachable, {}, { attempt: 3 }).state).toBe('failed');
    expect(verdict(unreachable, {}, { maxAttempts: 1 }).state).toBe('failed');
    expect(verdict(unreachable, { mayRetry: false }).state).toBe('failed');
  });

  it('shows no details of an error that is not a DomainError', () => {
    const { state, failure } = verdict(new TypeError('x is not a function at secret.ts'));
    expect(state).toBe('failed');
    expect(failure?.code).toBe('INTERNAL');
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  it('shows no secrets', () => {
    const redact = (text: string) => text.replaceAll('hunter2', '***');
    const { failure } = verdict(new DomainError('DUMP_FAILED', 'a hunter2', { hint: 'b hunter2' }), { redact });
    expect(failure).toEqual({ code: 'DUMP_FAILED', message: 'a ***', hint: 'b ***' });
  });

  describe('when it was told to stop', () => {
    it.each([
      ['its own words', new DomainError('CANCELLED', 'Nothing of it is left.'), 'CANCELLED', 'Nothing of it is left.'],
      ['plain words for a torn connection', unreachable, 'CANCELLED', 'The job was cancelled.'],
      ['plain words for a fault of ours', new Error('x'), 'CANCELLED', 'The job was cancelled.'],
      [
        'something worse',
        new DomainError('RESTORE_FAILED', 'It could not be put back.'),
        'RESTORE_FAILED',
        'It could not be put back.',
      ],
    ])('by a cancel, it is cancelled, with %s', (_, error, code, message) => {
      expect(verdict(error, { stop: 'cancel' })).toMatchObject({
        state: 'cancelled',
        failure: { code, message },
        finishedAt: NOW,
      });
    });

    it.each([
      [unreachable, 'INTERRUPTED', 'The service ended while the job ran.'],
      [
        new DomainError('CANCELLED', 'Nothing was changed.'),
        'INTERRUPTED',
        'The service ended while the job ran. Nothing was changed.',
      ],
      [new DomainError('RESTORE_FAILED', 'It could not be put back.'), 'RESTORE_FAILED', 'It could not be put back.'],
    ])('by a shutdown, it is interrupted: %s', (error, code, message) => {
      expect(verdict(error, { stop: 'service' })).toMatchObject({ state: 'interrupted', failure: { code, message } });
    });
  });
});

function circumstances(): Circumstances {
  return { stop: undefined, mayRetry: true, retryDelaysMs: [], now: NOW, random: 0.5, redact: (text) => text };
}
