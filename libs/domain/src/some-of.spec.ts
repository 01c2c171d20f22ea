import { someOf, withMore } from './some-of.js';

describe('a list in a message', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a, b'],
    [['a', 'b', 'c'], 'a, b and 1 more'],
  ])('shows the first items of %j and counts the others', (items, text) => {
    expect(someOf(items, { most: 2 })).toBe(text);
  });

  it('parts items that hold commas by semicolons', () => {
    expect(someOf(['a, b', 'c', 'd', 'e'], { most: 2, separator: '; ' })).toBe('a, b; c; and 2 more');
  });

  it('takes the number of items that were not kept', () => {
    expect(withMore(['a', 'b'], 0)).toBe('a, b');
    expect(withMore(['a', 'b'], 7)).toBe('a, b and 7 more');
  });
});
