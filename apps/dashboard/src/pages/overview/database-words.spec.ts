import { detailsOf, failureTitle, trendWords } from './database-words.js';
import type { DatabaseState } from './database-words.js';

const state = (name: string, reasons: readonly string[] = [], proof = 'restored'): DatabaseState =>
  ({
    connection: { name },
    proof,
    verdict: { colour: 'amber', sentence: 'x', reasons: reasons.map((message) => ({ code: 'x', message })) },
  }) as unknown as DatabaseState;

describe('80: what stands under the verdict of the API', () => {
  it('is every reason of each database in need', () => {
    expect(detailsOf([state('a'), state('b', ['It is old.', 'It is not scheduled.'])])).toEqual([
      'b: It is old. It is not scheduled.',
    ]);
  });

  it('is, of a single database, what its sentence does not say', () => {
    expect(detailsOf([state('a', ['No backup yet.'])])).toEqual([]);
    expect(detailsOf([state('a', ['No backup yet.', 'The scheduler is stopped.'])])).toEqual([
      'The scheduler is stopped.',
    ]);
  });

  it('names three at the most', () => {
    expect(detailsOf(['a', 'b', 'c', 'd', 'e'].map((name) => state(name, ['No backup yet.']))).slice(2)).toEqual([
      ...['c: No backup yet.', 'And 2 more.'],
    ]);
  });

  it('says how far the backups are proven, where nothing is amiss', () => {
    expect(detailsOf([state('a')])).toEqual(['The newest backup of each was proven by a restore.']);
    expect(detailsOf([state('a'), state('b', [], 'stored')])).toEqual(['1 proven by a restore, 1 not yet.']);
  });
});

it('names the job that failed', () => {
  expect(failureTitle('verify')).toBe('Last verification failed');
});

it('says what a trend shows', () => {
  expect(trendWords([{ size: 3 }, { size: 1 }, { size: 2 }], (bytes) => `${bytes} B`)).toBe(
    'Sizes of the last 3 backups: 1 B to 3 B',
  );
});
