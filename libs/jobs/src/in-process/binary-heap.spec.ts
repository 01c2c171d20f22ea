import { BinaryHeap } from './binary-heap.js';

/** Returns the same shuffled numbers each time. */
function numbers(count: number): number[] {
  let seed = 1;
  return Array.from({ length: count }, () => (seed = (seed * 48_271) % 2_147_483_647));
}

describe('BinaryHeap', () => {
  it('returns the smallest first, whatever is added in between', () => {
    const heap = new BinaryHeap<number>((a, b) => a < b);
    const [first, second] = [numbers(500), numbers(700).slice(500)];
    for (const one of first) heap.push(one);
    const sorted = first.toSorted((a, b) => a - b);
    expect(Array.from({ length: 100 }, () => heap.pop())).toEqual(sorted.slice(0, 100));
    for (const one of second) heap.push(one);
    const rest = [...sorted.slice(100), ...second].toSorted((a, b) => a - b);
    expect(heap.peek()).toBe(rest[0]);
    expect(Array.from({ length: rest.length }, () => heap.pop())).toEqual(rest);
    expect([heap.pop(), heap.peek(), heap.size]).toEqual([undefined, undefined, 0]);
  });

  it('compares no more than twice the height for each step', () => {
    let comparisons = 0;
    const heap = new BinaryHeap<number>((a, b) => {
      comparisons += 1;
      return a < b;
    });
    for (const one of numbers(10_000)) heap.push(one);
    while (heap.size > 0) heap.pop();
    expect(comparisons).toBeLessThan(10_000 * 14 * 3);
  });
});
