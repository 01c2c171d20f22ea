import { formatBytes, formatDuration, formatExactBytes, formatRelative, formatRate, toEpoch } from './format.js';

describe('sizes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1536, '1.54 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [1_234_567_890, '1.23 GB'],
    [5e15, '5 PB'],
    [5e19, '50,000 PB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes, 'en')).toBe(text));

  it('writes them as the locale does', () => {
    expect(formatBytes(1536, 'de')).toBe('1,54 kB');
    expect(formatExactBytes(1_536_000, 'en')).toBe('1,536,000 bytes');
    expect(formatRate(12_345_678, 'en')).toBe('12.3 MB/s');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [14.4, '14 ms'],
    [999.4, '999 ms'],
    [1000, '1 sec'],
    [1540, '1.5 sec'],
    [9949, '9.9 sec'],
    [9950, '10 sec'],
    [59_600, '1 min'],
    [61_000, '1 min 1 sec'],
    [3_600_000, '1 hr'],
    [3_605_000, '1 hr'],
    [7_500_000, '2 hr 5 min'],
    [90_000_000, '1 day 1 hr'],
  ])('writes %d ms as %s', (ms, text) => expect(formatDuration(ms, 'en')).toBe(text));
});

describe('times as seen from now', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    [0, 'just now'],
    [-20_000, 'just now'],
    [20_000, 'in a moment'],
    [-45_000, '1 minute ago'],
    [-119_000, '1 minute ago'],
    [-7_200_000, '2 hours ago'],
    [5_400_000, 'in 1 hour'],
    [-86_400_000, 'yesterday'],
    [3 * 86_400_000, 'in 3 days'],
    [-400 * 86_400_000, 'last year'],
    [26 * 3_600_000, 'tomorrow'],
    [40 * 86_400_000, 'in 2 months'],
  ])('%d ms from now is %s', (offset, text) => expect(formatRelative(now + offset, now, 'en')).toBe(text));

  it.each([
    ['2026-11-23T23:00', '2026-11-25T01:00', 'in 2 days'],
    ['2026-11-23T05:00', '2026-11-21T23:00', '2 days ago'],
    ['2026-11-23T00:30', '2026-11-24T23:30', 'tomorrow'],
    ['2026-11-23T23:30', '2026-11-24T00:30', 'in 1 hour'],
    ['2026-01-05T12:00', '2024-12-20T12:00', '2 years ago'],
    ['2026-03-01T12:00', '2026-01-20T12:00', '2 months ago'],
    ['2026-01-31T23:00', '2026-01-01T00:30', '30 days ago'],
    ['2028-12-31T23:00', '2028-01-01T00:30', '11 months ago'],
    ['2026-11-23T23:59', '2026-11-25T00:00', 'in 2 days'],
    ['2026-11-23T00:01', '2026-11-24T00:00', 'in 23 hours'],
  ])('by the calendar: seen from %s, %s is %s', (from, at, text) => {
    expect(formatRelative(new Date(at).getTime(), new Date(from).getTime(), 'en')).toBe(text);
  });

  it('takes times as the API gives them', () => {
    expect(toEpoch('2026-11-23T12:00:00.000Z')).toBe(now);
    expect(toEpoch(now)).toBe(now);
    expect(toEpoch(new Date(now))).toBe(now);
  });
});
