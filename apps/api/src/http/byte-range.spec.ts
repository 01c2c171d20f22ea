import { byteRangeOf } from './byte-range.js';

describe('a range of bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2-5', { start: 2, end: 6 }],
    ['bytes=2-', { start: 2, end: 10 }],
    ['bytes=2-99999999999999999999', { start: 2, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-300', { start: 0, end: 10 }],
    ['Bytes= 9-9 ', { start: 9, end: 10 }],
  ])('%s of 10 is %j', (header, part) => {
    expect(byteRangeOf(header, 10)).toEqual(part);
  });

  it.each(['bytes=10-', 'bytes=10-12', 'bytes=99999999999999999999-', 'bytes=-0', 'bytes=-00'])(
    '%s of 10 cannot be had',
    (header) => {
      expect(byteRangeOf(header, 10)).toBe('unsatisfiable');
    },
  );

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('%s of nothing cannot be had', (header) => {
    expect(byteRangeOf(header, 0)).toBe('unsatisfiable');
  });

  it.each([
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=1.5-2',
    'bytes=0-1,4-5',
    'lines=1-2',
    'lines=99-',
  ])('%j is everything', (header) => {
    expect(byteRangeOf(header, 10)).toBeUndefined();
  });
});
