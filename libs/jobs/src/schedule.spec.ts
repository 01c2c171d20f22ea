import { Schedule } from './schedule.js';

const WEEKLY = '0 0 * * 6';

describe('Schedule', () => {
  // Expectations worked out by hand from the zones' published clock changes.
  it.each([
    // [zone, expression, asked at (UTC), due (UTC), due on the zone's clocks, why]
    ['UTC', WEEKLY, '2023-12-20T12:00:00Z', '2023-12-23T00:00:00Z', '2023-12-23 00:00:00', 'as in the specification'],
    ['UTC', WEEKLY, '2023-12-22T23:59:59.999Z', '2023-12-23T00:00:00Z', '2023-12-23 00:00:00', 'a millisecond before'],
    ['UTC', WEEKLY, '2023-12-23T00:00:00Z', '2023-12-30T00:00:00Z', '2023-12-30 00:00:00', 'at the due instant itself'],
    ['UTC', WEEKLY, '2027-12-31T23:00:00Z', '2028-01-01T00:00:00Z', '2028-01-01 00:00:00', 'year end'],
    [
      'Pacific/Auckland',
      WEEKLY,
      '2026-12-27T00:00:00Z',
      '2027-01-01T11:00:00Z',
      '2027-01-02 00:00:00',
      'year end, far east',
    ],
    [
      'America/New_York',
      WEEKLY,
      '2026-12-27T00:00:00Z',
      '2027-01-02T05:00:00Z',
      '2027-01-02 00:00:00',
      'year end, west',
    ],
    ['UTC', '0 0 29 2 *', '2025-03-01T00:00:00Z', '2028-02-29T00:00:00Z', '2028-02-29 00:00:00', 'leap day'],

    ['Asia/Gaza', WEEKLY, '2021-03-25T00:00:00Z', '2021-03-26T22:00:00Z', '2021-03-27 01:00:00', 'no such midnight'],
    [
      'Asia/Gaza',
      WEEKLY,
      '2021-03-26T22:00:00Z',
      '2021-04-02T21:00:00Z',
      '2021-04-03 00:00:00',
      '… and the week after',
    ],
    [
      'Asia/Gaza',
      WEEKLY,
      '2020-10-20T00:00:00Z',
      '2020-10-23T21:00:00Z',
      '2020-10-24 00:00:00',
      'midnight twice: first',
    ],
    ['Asia/Gaza', WEEKLY, '2020-10-23T21:00:00Z', '2020-10-30T22:00:00Z', '2020-10-31 00:00:00', '… and once only'],
    ['Asia/Gaza', WEEKLY, '2020-10-23T22:10:00Z', '2020-10-30T22:00:00Z', '2020-10-31 00:00:00', '… asked in between'],
    [
      'Asia/Gaza',
      WEEKLY,
      '2020-10-23T21:10:00Z',
      '2020-10-30T22:00:00Z',
      '2020-10-31 00:00:00',
      '… asked before the change',
    ],

    [
      'Asia/Beirut',
      '0 0 * * 0',
      '2026-03-28T00:00:00Z',
      '2026-03-28T22:00:00Z',
      '2026-03-29 01:00:00',
      'gap at midnight',
    ],
    [
      'Asia/Beirut',
      '30 23 * * 6',
      '2026-10-24T00:00:00Z',
      '2026-10-24T20:30:00Z',
      '2026-10-24 23:30:00',
      'twice: first',
    ],
    [
      'Asia/Beirut',
      '30 23 * * 6',
      '2026-10-24T20:30:00Z',
      '2026-10-31T21:30:00Z',
      '2026-10-31 23:30:00',
      '… and once only',
    ],
    [
      'Africa/Cairo',
      '0 0 * * *',
      '2026-04-23T00:00:00Z',
      '2026-04-23T22:00:00Z',
      '2026-04-24 01:00:00',
      'gap on a Friday',
    ],
    [
      'Africa/Cairo',
      WEEKLY,
      '2026-04-23T00:00:00Z',
      '2026-04-24T21:00:00Z',
      '2026-04-25 00:00:00',
      'day after the gap',
    ],
    [
      'Africa/Cairo',
      '0 0 * * 5',
      '2026-10-29T00:00:00Z',
      '2026-10-29T22:00:00Z',
      '2026-10-30 00:00:00',
      'midnight put off',
    ],
    [
      'America/Santiago',
      '0 0 * * *',
      '2026-09-05T12:00:00Z',
      '2026-09-06T04:00:00Z',
      '2026-09-06 01:00:00',
      'southern spring',
    ],
    [
      'America/Santiago',
      WEEKLY,
      '2026-09-05T12:00:00Z',
      '2026-09-12T03:00:00Z',
      '2026-09-12 00:00:00',
      'southern spring, weekly',
    ],
    [
      'America/Santiago',
      WEEKLY,
      '2026-04-04T12:00:00Z',
      '2026-04-11T04:00:00Z',
      '2026-04-11 00:00:00',
      'southern autumn',
    ],
    [
      'Europe/Berlin',
      '30 2 * * 0',
      '2026-03-28T00:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29 03:00:00',
      'gap at night',
    ],
    [
      'Europe/Berlin',
      '30 2 * * 0',
      '2026-10-24T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25 02:30:00',
      'twice: first',
    ],
    [
      'Europe/Berlin',
      '30 2 * * 0',
      '2026-10-25T00:30:00Z',
      '2026-11-01T01:30:00Z',
      '2026-11-01 02:30:00',
      '… and once only',
    ],
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-07T12:00:00Z',
      '2026-03-08T07:00:00Z',
      '2026-03-08 03:00:00',
      'gap at night',
    ],
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-03T00:00:00Z',
      '2026-10-03T15:30:00Z',
      '2026-10-04 02:30:00',
      'half an hour',
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T12:00:00Z',
      '2026-04-04T14:45:00Z',
      '2026-04-05 01:45:00',
      'half an hour twice',
    ],
    ['Pacific/Kwajalein', WEEKLY, '1993-08-18T00:00:00Z', '1993-08-21T12:00:00Z', '1993-08-22 00:00:00', 'no such day'],
    [
      'Pacific/Apia',
      WEEKLY,
      '2011-12-28T00:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-31 00:00:00',
      'right after no such day',
    ],
    ['Asia/Kathmandu', WEEKLY, '2026-01-01T00:00:00Z', '2026-01-02T18:15:00Z', '2026-01-03 00:00:00', 'odd offset'],
  ])('%s, "%s": at %s the next is %s, shown as %s (%s)', (zone, expression, asked, due, shown) => {
    const schedule = new Schedule(expression, zone);
    const next = schedule.next(new Date(asked));
    expect(next.toISOString()).toBe(new Date(due).toISOString());
    expect(schedule.localTime(next)).toBe(shown);
  });

  it.each(['Asia/Gaza', 'Asia/Beirut', 'Africa/Cairo', 'America/Santiago', 'Europe/Berlin', 'Australia/Lord_Howe'])(
    'has one run for each week of three years in %s, each later than the one before (FAILURES 43)',
    (zone) => {
      const schedule = new Schedule(WEEKLY, zone);
      const weeks = new Set<string>();
      let instant = new Date('2020-01-01T00:00:00Z');
      for (let i = 0; i < 156; i += 1) {
        const next = schedule.next(instant);
        expect(next.getTime()).toBeGreaterThan(instant.getTime());
        expect(schedule.localTime(next)).toMatch(/ 0[01]:00:00$/);
        weeks.add(schedule.localTime(next).slice(0, 10));
        instant = next;
      }
      expect(weeks.size).toBe(156);
      expect(instant.getTime()).toBeLessThan(Date.UTC(2022, 11, 31));
    },
  );

  it('runs a frequent schedule once for each local time, through both clock changes', () => {
    const schedule = new Schedule('*/15 * * * *', 'Europe/Berlin');
    const between = (from: string, to: string): string[] => {
      const times: string[] = [];
      for (let at = schedule.next(new Date(from)); at <= new Date(to); at = schedule.next(at)) {
        times.push(schedule.localTime(at).slice(11, 16));
      }
      return times;
    };
    expect(between('2026-03-29T00:40:00Z', '2026-03-29T01:20:00Z')).toEqual(['01:45', '03:00', '03:15']);
    expect(between('2026-10-25T00:40:00Z', '2026-10-25T02:15:00Z')).toEqual(['02:45', '03:00', '03:15']);
  });

  it('answers alike in whatever order it is asked', () => {
    const schedule = new Schedule(WEEKLY, 'UTC');
    const ask = (at: string): string => schedule.next(new Date(at)).toISOString().slice(0, 10);
    expect(ask('2026-01-08T00:00:00Z')).toBe('2026-01-10');
    expect(ask('2026-01-09T23:59:59.999Z')).toBe('2026-01-10');
    expect(ask('2026-01-10T00:00:00Z')).toBe('2026-01-17');
    expect(ask('2026-01-02T00:00:00Z')).toBe('2026-01-03');
    expect(ask('2026-01-08T00:00:00Z')).toBe('2026-01-10');
  });

  it('refuses a zone that does not exist', () => {
    expect(() => new Schedule(WEEKLY, 'Mars/Olympus')).toThrow('"Mars/Olympus" is not a time zone');
  });
});
