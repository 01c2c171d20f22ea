import { describeSchedule, nextRunsOf, plannedRuns } from './schedule-plan.js';

describe('the plan of a schedule', () => {
  it.each([
    ['0 0 * * 6', 'At 00:00, only on Saturday (UTC)'],
    ['30 14 * * mon-fri', 'At 14:30, Monday through Friday (UTC)'],
    ['0 3 1 * *', 'At 03:00, on day 1 of the month (UTC)'],
    ['*/10 * * * *', 'Every 10 minutes (UTC)'],
    // Seconds may stand in the environment's.
    ['15 0 0 * * 6', 'At 00:00:15, only on Saturday (UTC)'],
    // Taken by the one package, not known to the other.
    ['sun 0 * * *', 'sun 0 * * * (UTC)'],
  ])('reads %j as %j', (cron, words) => {
    expect(describeSchedule({ cron, timezone: 'UTC' })).toBe(words);
  });

  it('tells the next five runs, each by the clocks of the zone', () => {
    const runs = plannedRuns({ cron: '0 0 * * 6', timezone: 'America/New_York' }, new Date('2026-12-20T00:00:00Z'));
    expect(runs.map(({ at, local }) => `${at.toISOString()} ${local}`)).toEqual([
      '2026-12-26T05:00:00.000Z 2026-12-26 00:00:00',
      '2027-01-02T05:00:00.000Z 2027-01-02 00:00:00',
      '2027-01-09T05:00:00.000Z 2027-01-09 00:00:00',
      '2027-01-16T05:00:00.000Z 2027-01-16 00:00:00',
      '2027-01-23T05:00:00.000Z 2027-01-23 00:00:00',
    ]);
  });

  it('begins with the run that the schedule waits for, and is empty while it is paused', () => {
    const record = { cron: '0 12 * * *', timezone: 'UTC', nextDueAt: Date.UTC(2026, 0, 5, 12) };
    const runs = nextRunsOf({ ...record, enabled: true });
    expect(runs.map(({ local }) => local)).toEqual(
      ['05', '06', '07', '08', '09'].map((day) => `2026-01-${day} 12:00:00`),
    );
    expect(nextRunsOf({ ...record, enabled: false })).toEqual([]);
    expect(nextRunsOf({ ...record, enabled: true, nextDueAt: null })).toEqual([]);
  });
});
