import { detailsOf, failureTitle, trendWords } from './database-words.js';
import type { Overview } from './database-words.js';

const overview = (colour: string, details: readonly string[], levels: readonly string[] = []): Overview =>
  ({
    verdict: { colour, sentence: 'x', details },
    databases: levels.map((proof) => ({ proof })),
  }) as unknown as Overview;

describe('80: what stands under the verdict of the API', () => {
  it('is what the API adds to its sentence, and nothing that the sentence says', () => {
    expect(detailsOf(overview('amber', ['b: It is not scheduled.']))).toEqual(['b: It is not scheduled.']);
    expect(detailsOf(overview('red', []))).toEqual([]);
  });

  it('are three texts at the most, and how many more there are', () => {
    expect(detailsOf(overview('red', ['a', 'b', 'c', 'd', 'e'])).slice(2)).toEqual(['c', 'And 2 more.']);
  });

  it('says how far the backups are verified when there is no problem', () => {
    expect(detailsOf(overview('green', [], ['restored']))).toEqual([
      'The newest backup of each was verified by a restore.',
    ]);
    expect(detailsOf(overview('green', [], ['restored', 'stored']))).toEqual(['1 verified by a restore, 1 not yet.']);
    expect(detailsOf(overview('green', [], ['stored', 'stored']))).toEqual([expect.stringMatching(/^Read back/)]);
    expect(detailsOf(overview('green', [], ['stored', 'complete']))).toEqual([expect.stringMatching(/^Not yet/)]);
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
