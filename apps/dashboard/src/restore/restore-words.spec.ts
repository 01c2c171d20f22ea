import { fateWords, objectWords, replacesData, tableWords } from './restore-words.js';

describe('what would be replaced', () => {
  it('is told by kind, in the order of what people ask for, without what comes along', () => {
    expect(objectWords({ indexes: 7, views: 1, tables: 1200, triggers: 0 }, 'en')).toBe('1,200 tables, 1 view');
  });

  it('is nothing where nothing is', () => {
    expect(objectWords({ tables: 0, schemas: 1 })).toBeUndefined();
    expect(objectWords(null)).toBeUndefined();
  });

  it.each([
    ['swap', { tables: 1 }, true],
    ['transaction', { types: 1 }, true],
    ['swap', { tables: 0, schemas: 1, extensions: 1 }, false],
    ['new', null, false],
  ] as const)('needs a confirmation: %s over %j → %s', (strategy, objects, expected) => {
    expect(replacesData({ strategy, target: { objects } })).toBe(expected);
  });

  it('is told by table', () => {
    expect([null, ['public.a'], ['a', 'b']].map(tableWords)).toEqual([undefined, 'table public.a', '2 tables']);
  });
});

describe('what became of a database whose restore failed', () => {
  const failed = (message: string, hint: string | null = null) => ({ state: 'failed', error: { message, hint } });

  it('is said where it is plain', () => {
    expect(fateWords(failed('The server refused a statement.'), 'shop', 'swap')).toBe('“shop” is as it was before.');
    expect(fateWords(failed('The server refused a statement.'), 'shop', 'new')).toBe('Nothing was replaced.');
  });

  it.each([
    ['The restore was cancelled. Nothing was changed.', 'swap'],
    ['It broke. The server does not answer, so that it is not known whether "shop" was swapped.', 'swap'],
    ['It broke. Putting the previous state back failed as well: no. "shop" is incomplete now.', 'swap'],
    ['It broke. "shop" was put back as it was.', 'swap'],
    ['It broke.', 'safety_backup'],
  ] as const)('is left to the API’s own words: %s (%s)', (message, strategy) => {
    expect(fateWords(failed(message), 'shop', strategy)).toBeUndefined();
  });

  it('is open for a moment when the service ended in the middle', () => {
    expect(fateWords({ state: 'interrupted', error: null }, 'shop', 'swap')).toMatch(/one of its two ends/);
  });
});
