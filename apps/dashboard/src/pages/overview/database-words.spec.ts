import { lackOf, trendWords, verdictOf } from './database-words.js';
import type { DatabaseState } from './database-words.js';

const state = (name: string, over: Partial<DatabaseState> = {}): DatabaseState =>
  ({
    connection: { name },
    restorable: true,
    proof: 'restored',
    last_backup: { verification: { level: 'restored', failed: null } },
    last_failure: null,
    ...over,
  }) as unknown as DatabaseState;
const none = { restorable: false, proof: 'none', last_backup: null } as const;
const failure = { type: 'backup', message: 'x' } as unknown as NonNullable<DatabaseState['last_failure']>;

describe('the verdict', () => {
  it('is good when each database has a backup that nothing is wrong with', () => {
    expect(verdictOf([state('a'), state('b')])).toEqual({
      tone: 'good',
      headline: 'Both databases could be restored right now',
      details: ['The newest backup of each was proven by a restore.'],
    });
    expect(verdictOf([state('a'), state('b'), state('c')]).headline).toBe(
      'All 3 databases could be restored right now',
    );
    expect(verdictOf([state('a', { proof: 'stored' })])).toMatchObject({
      headline: 'The database could be restored right now',
      details: [expect.stringContaining('not yet proven by a restore')],
    });
    expect(verdictOf([state('a'), state('b', { proof: 'stored' })]).details).toEqual([
      '1 proven by a restore, 1 not yet.',
    ]);
  });

  it('is bad as soon as one could not be restored, and names it', () => {
    expect(verdictOf([state('a'), state('b', none)])).toEqual({
      tone: 'bad',
      headline: '1 of 2 databases could not be restored right now',
      details: ['b has no backup yet.'],
    });
    expect(verdictOf([state('b', none)]).headline).toBe('The database could not be restored right now');
  });

  it('warns of what failed last although an older backup is there', () => {
    expect(verdictOf([state('a', { last_failure: failure })])).toEqual({
      tone: 'warn',
      headline: 'The database could be restored right now, but look at this',
      details: ['a failed to back up last time.'],
    });
  });

  it('names three at the most', () => {
    expect(verdictOf(['a', 'b', 'c', 'd', 'e'].map((name) => state(name, none))).details.slice(2)).toEqual([
      'c has no backup yet.',
      'And 2 more.',
    ]);
  });
});

describe('what a database lacks', () => {
  it.each([
    [{}, undefined],
    [none, 'has no backup yet'],
    [{ ...none, last_failure: failure }, 'has no backup yet'],
    [
      { ...none, last_failure: { ...failure, type: 'verify' as const } },
      'has no whole backup: the last one failed its verification',
    ],
    [{ last_failure: { ...failure, type: 'verify' as const } }, 'failed its last verification'],
  ])('%j', (over, words) => expect(lackOf(state('a', over))).toBe(words));
});

it('says what a trend shows', () => {
  expect(trendWords([{ size: 3 }, { size: 1 }, { size: 2 }], (bytes) => `${bytes} B`)).toBe(
    'Sizes of the last 3 backups: 1 B to 3 B',
  );
});
