import { CronTime } from 'cron';
import { Schedule } from './schedule.js';

const WEEKLY = '0 0 * * 6';

describe('Schedule', () => {
  // The expectations were computed by hand from the published clock changes of the zones.
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

  it('runs a frequent schedule once for each local time through both clock changes', () => {
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

  it('gives the same answers in any order of questions', () => {
    const schedule = new Schedule(WEEKLY, 'UTC');
    const ask = (at: string): string => schedule.next(new Date(at)).toISOString().slice(0, 10);
    expect(ask('2026-01-08T00:00:00Z')).toBe('2026-01-10');
    expect(ask('2026-01-09T23:59:59.999Z')).toBe('2026-01-10');
    expect(ask('2026-01-10T00:00:00Z')).toBe('2026-01-17');
    expect(ask('2026-01-02T00:00:00Z')).toBe('2026-01-03');
    expect(ask('2026-01-08T00:00:00Z')).toBe('2026-01-10');
  });

  it('computes the next runs once, however often and at whatever instant before the first they are asked for', () => {
    const compute = jest.spyOn(CronTime.prototype, 'getNextDateFrom');
    const schedule = new Schedule(WEEKLY, 'Europe/Berlin');
    const nextRuns = (after: string): string[] => {
      const runs: string[] = [];
      for (let at = schedule.next(new Date(after)); runs.length < 9; at = schedule.next(at))
        runs.push(at.toISOString());
      return runs;
    };
    const runs = nextRuns('2026-01-05T00:00:00Z');
    const computed = compute.mock.calls.length;
    expect(new Set(runs).size).toBe(9);
    expect(nextRuns('2026-01-08T12:00:00Z')).toEqual(runs);
    expect(compute).toHaveBeenCalledTimes(computed);
    expect(nextRuns(runs[0] ?? '').slice(0, 8)).toEqual(runs.slice(1));
    compute.mockRestore();
  });

  /**
   * Six zones and UTC through the changes of their clocks, the turn of the year and the leap day. Written by hand from
   * the rules in the IANA database's files (`europe`, `northamerica`, `australasia`, `asia`, `southamerica`), and the
   * instants of the changes compared with what `zdump -v` of Debian's tzdata says.
   */
  describe.each([
    // [zone, [why, expression, asked at (UTC), due (UTC), due on the zone's clocks][]]
    [
      'Europe/Berlin',
      [
        ['the last minute before the gap', '59 1 * * *', '2026-03-28T12:00Z', '2026-03-29T00:59Z', '2026-03-29 01:59'],
        ['the first minute of the gap', '0 2 * * *', '2026-03-28T12:00Z', '2026-03-29T01:00Z', '2026-03-29 03:00'],
        ['the first minute after the gap', '0 3 * * *', '2026-03-28T12:00Z', '2026-03-29T01:00Z', '2026-03-29 03:00'],
        ['the day after the gap', '0 2 * * *', '2026-03-29T01:00Z', '2026-03-30T00:00Z', '2026-03-30 02:00'],
        ['an hour that comes twice', '0 2 * * *', '2026-10-24T12:00Z', '2026-10-25T00:00Z', '2026-10-25 02:00'],
        ['… and once only', '0 2 * * *', '2026-10-25T00:00Z', '2026-10-26T01:00Z', '2026-10-26 02:00'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2026-12-31T23:00Z', '2027-01-01 00:00'],
        ['the last minute of the year', '59 23 31 12 *', '2026-06-01T00:00Z', '2026-12-31T22:59Z', '2026-12-31 23:59'],
        ['the leap day', '30 1 29 2 *', '2026-01-01T00:00Z', '2028-02-29T00:30Z', '2028-02-29 01:30'],
      ],
    ],
    [
      'America/New_York',
      [
        ['the gap', '0 2 * * *', '2026-03-07T12:00Z', '2026-03-08T07:00Z', '2026-03-08 03:00'],
        ['the day after the gap', '0 2 * * *', '2026-03-08T07:00Z', '2026-03-09T06:00Z', '2026-03-09 02:00'],
        ['an hour that comes twice', '30 1 * * *', '2026-10-31T12:00Z', '2026-11-01T05:30Z', '2026-11-01 01:30'],
        ['… and once only', '30 1 * * *', '2026-11-01T05:30Z', '2026-11-02T06:30Z', '2026-11-02 01:30'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2027-01-01T05:00Z', '2027-01-01 00:00'],
        ['the leap day', '0 0 29 2 *', '2026-01-01T00:00Z', '2028-02-29T05:00Z', '2028-02-29 00:00'],
      ],
    ],
    [
      'Australia/Lord_Howe',
      [
        ['a gap of half an hour', '0 2 * * *', '2026-10-03T00:00Z', '2026-10-03T15:30Z', '2026-10-04 02:30'],
        ['the day after the gap', '0 2 * * *', '2026-10-03T15:30Z', '2026-10-04T15:00Z', '2026-10-05 02:00'],
        ['half an hour that comes twice', '30 1 * * *', '2026-04-04T00:00Z', '2026-04-04T14:30Z', '2026-04-05 01:30'],
        ['… and once only', '30 1 * * *', '2026-04-04T14:30Z', '2026-04-05T15:00Z', '2026-04-06 01:30'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2026-12-31T13:00Z', '2027-01-01 00:00'],
        ['the leap day', '0 0 29 2 *', '2026-01-01T00:00Z', '2028-02-28T13:00Z', '2028-02-29 00:00'],
      ],
    ],
    [
      'Asia/Kathmandu',
      [
        ['spring of others', '30 2 * * *', '2026-03-28T12:00Z', '2026-03-28T20:45Z', '2026-03-29 02:30'],
        ['autumn of others', '30 2 * * *', '2026-10-24T12:00Z', '2026-10-24T20:45Z', '2026-10-25 02:30'],
        ['its only gap: 15 minutes', '5 0 * * *', '1985-12-31T00:00Z', '1985-12-31T18:30Z', '1986-01-01 00:15'],
        ['the day after its gap', '5 0 * * *', '1985-12-31T18:30Z', '1986-01-01T18:20Z', '1986-01-02 00:05'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2026-12-31T18:15Z', '2027-01-01 00:00'],
        ['the leap day', '0 0 29 2 *', '2026-01-01T00:00Z', '2028-02-28T18:15Z', '2028-02-29 00:00'],
      ],
    ],
    [
      'America/Sao_Paulo',
      [
        ['a midnight that does not exist', '0 0 * * *', '2018-11-03T12:00Z', '2018-11-04T03:00Z', '2018-11-04 01:00'],
        ['the midnight after', '0 0 * * *', '2018-11-04T03:00Z', '2018-11-05T02:00Z', '2018-11-05 00:00'],
        ['a midnight that is put off', '0 0 * * *', '2018-02-17T12:00Z', '2018-02-18T03:00Z', '2018-02-18 00:00'],
        ['a last hour that comes twice', '30 23 * * *', '2018-02-17T12:00Z', '2018-02-18T01:30Z', '2018-02-17 23:30'],
        ['… and once only', '30 23 * * *', '2018-02-18T01:30Z', '2018-02-19T02:30Z', '2018-02-18 23:30'],
        ['the turn of the year in summer', '0 0 1 1 *', '2018-06-01T00:00Z', '2019-01-01T02:00Z', '2019-01-01 00:00'],
        ['the turn of the year since 2019', '0 0 1 1 *', '2026-06-01T00:00Z', '2027-01-01T03:00Z', '2027-01-01 00:00'],
        ['the leap day', '0 0 29 2 *', '2015-06-01T00:00Z', '2016-02-29T03:00Z', '2016-02-29 00:00'],
      ],
    ],
    [
      'Pacific/Apia',
      [
        [
          'noon of the day that was skipped',
          '0 12 30 12 *',
          '2011-06-01T00:00Z',
          '2011-12-30T10:00Z',
          '2011-12-31 00:00',
        ],
        ['a daily run before that day', '0 6 * * *', '2011-12-29T12:00Z', '2011-12-29T16:00Z', '2011-12-29 06:00'],
        ['… on that day', '0 6 * * *', '2011-12-29T16:00Z', '2011-12-30T10:00Z', '2011-12-31 00:00'],
        ['… and on the next', '0 6 * * *', '2011-12-30T10:00Z', '2011-12-30T16:00Z', '2011-12-31 06:00'],
        ['the gap', '30 3 * * *', '2012-09-29T00:00Z', '2012-09-29T14:00Z', '2012-09-30 04:00'],
        ['an hour that comes twice', '30 3 * * *', '2012-03-31T00:00Z', '2012-03-31T13:30Z', '2012-04-01 03:30'],
        ['… and once only', '30 3 * * *', '2012-03-31T13:30Z', '2012-04-01T14:30Z', '2012-04-02 03:30'],
        ['the turn of that year', '0 0 1 1 *', '2011-06-01T00:00Z', '2011-12-31T10:00Z', '2012-01-01 00:00'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2026-12-31T11:00Z', '2027-01-01 00:00'],
        ['the leap day', '0 0 29 2 *', '2026-01-01T00:00Z', '2028-02-28T11:00Z', '2028-02-29 00:00'],
      ],
    ],
    [
      'UTC',
      [
        ['spring of others', '30 2 * * *', '2026-03-28T12:00Z', '2026-03-29T02:30Z', '2026-03-29 02:30'],
        ['autumn of others', '30 1 * * *', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25 01:30'],
        ['… and once only', '30 1 * * *', '2026-10-25T01:30Z', '2026-10-26T01:30Z', '2026-10-26 01:30'],
        ['the turn of the year', '0 0 1 1 *', '2026-06-01T00:00Z', '2027-01-01T00:00Z', '2027-01-01 00:00'],
        ['the last minute of the year', '59 23 31 12 *', '2026-06-01T00:00Z', '2026-12-31T23:59Z', '2026-12-31 23:59'],
        ['from leap day to leap day', '0 0 29 2 *', '2028-02-29T00:00Z', '2032-02-29T00:00Z', '2032-02-29 00:00'],
        [
          'the day after February in a year without',
          '0 0 1 3 *',
          '2027-02-28T00:00Z',
          '2027-03-01T00:00Z',
          '2027-03-01 00:00',
        ],
      ],
    ],
  ] as const)('%s', (zone, rows) => {
    it.each(rows)('%s', (_, expression, asked, due, shown) => {
      const schedule = new Schedule(expression, zone);
      const next = schedule.next(new Date(asked));
      expect(next.toISOString()).toBe(new Date(due).toISOString());
      expect(schedule.localTime(next)).toBe(`${shown}:00`);
    });
  });

  describe('knows the latest due time', () => {
    it.each([
      ['0 0 * * 6', '2026-11-21T00:00Z', '2026-11-21T00:00Z', '2026-11-21T00:00Z', 'at itself'],
      ['0 0 * * 6', '2026-11-21T00:00Z', '2026-11-27T23:59Z', '2026-11-21T00:00Z', 'in the same week'],
      ['0 0 * * 6', '2026-11-21T00:00Z', '2026-12-13T00:00Z', '2026-12-12T00:00Z', 'weeks later'],
      ['* * * * *', '2016-11-21T00:00Z', '2026-11-21T10:30:30Z', '2026-11-21T10:30Z', 'ten years later, to the minute'],
      ['0 3 1 1 *', '2016-01-01T03:00Z', '2026-11-21T00:00Z', '2026-01-01T03:00Z', 'ten years later, to the year'],
      ['0,1,2 0 1 * *', '2026-01-01T00:00Z', '2026-11-21T00:00Z', '2026-11-01T00:02Z', 'of several that are close'],
    ])('of "%s" from %s: at %s it is %s (%s)', (expression, due, upTo, latest) => {
      const schedule = new Schedule(expression, 'UTC');
      expect(schedule.latest(new Date(due), new Date(upTo))).toEqual(new Date(latest));
    });
  });

  it('refuses a zone that does not exist', () => {
    expect(() => new Schedule(WEEKLY, 'Mars/Olympus')).toThrow('"Mars/Olympus" is not a time zone');
  });
});
