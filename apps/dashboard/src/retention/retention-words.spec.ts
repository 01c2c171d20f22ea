import { policyInWords } from './retention-words.js';

describe('a retention policy in words', () => {
  it.each([
    [{ keep_last: 3 }, 'Keeps the newest 3.'],
    [{ keep_last: 1 }, 'Keeps the newest.'],
    [{ days: 1 }, 'Keeps what is younger than 1 day.'],
    [{ keep_last: 2, daily: 7 }, 'Keeps the newest 2 and the newest of each of the last 7 days.'],
    [
      { daily: 7, weekly: 4, monthly: 1 },
      'Keeps the newest of each of the last 7 days, the newest of each of the last 4 weeks and the newest of the last month.',
    ],
    [{ keep_last: 3, max_bytes: 5e9 }, 'Keeps the newest 3, up to 5 GB in all.'],
    [{ max_bytes: 5e9 }, 'Keeps everything, up to 5 GB in all.'],
    [{ keep_last: null, days: null }, 'Keeps everything.'],
  ])('%j', (policy, words) => {
    expect(policyInWords(policy)).toBe(words);
  });
});
