import { wordListFault, wordsOf } from './word-list.js';

const COLOURS = ['red', 'green', 'blue'] as const;

describe('a list of words in a query', () => {
  it.each([
    ['red', ['red']],
    ['Blue, RED', ['red', 'blue']],
    ['green,,green,', ['green']],
  ])('is read: %j', (text, words) => {
    expect(wordListFault(COLOURS)(text)).toBeUndefined();
    expect(wordsOf(COLOURS, text)).toEqual(words);
  });

  it.each(['pink', 'red,pink', ',', 'red green'])('is refused with the words that may stand in it: %j', (text) => {
    expect(wordListFault(COLOURS)(text)).toBe('must be one or more of red, green, blue, with commas between them');
  });
});
