import { nextDue, nextRuns, scheduleOf } from './due-times.js';

const weekly = { cron: '0 0 * * 6', timezone: 'UTC' };
const time = (iso: string) => Date.parse(iso);

describe('due times', () => {
  it('of the next few runs are right through a change of the clocks', () => {
    const runs = nextRuns('30 2 * * *', 'Europe/Berlin', new Date('2026-03-27T12:00Z'), 4);
    expect(runs.map((run) => run.toISOString())).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
      '2026-03-31T00:30:00.000Z',
    ]);
    expect(nextRuns('30 2 * * *', 'UTC', new Date(), 0)).toEqual([]);
  });

  it.each([
    ['never before', null, '2026-11-18T12:00Z', '2026-11-21T00:00Z'],
    ['a while ago', '2026-11-14T00:00Z', '2026-11-18T12:00Z', '2026-11-21T00:00Z'],
    ['just now', '2026-11-21T00:00Z', '2026-11-21T00:00Z', '2026-11-28T00:00Z'],
    ['and the clock was set back a little', '2026-11-21T00:00Z', '2026-11-20T23:50Z', '2026-11-28T00:00Z'],
    ['and the clock was set back by almost a day', '2026-11-21T00:00Z', '2026-11-20T00:01Z', '2026-11-28T00:00Z'],
    ['by a clock that was a day ahead', '2026-11-21T00:00Z', '2026-11-20T00:00Z', '2026-11-21T00:00Z'],
    ['by a clock that was a year ahead', '2027-11-20T00:00Z', '2026-11-18T12:00Z', '2026-11-21T00:00Z'],
  ])('come next when the schedule was served %s', (_, served, now, next) => {
    const servedDueAt = served === null ? null : time(served);
    expect(nextDue({ ...weekly, servedDueAt }, time(now))).toBe(time(next));
  });

  it('are computed once for schedules with the same times, and only a limited number is kept', () => {
    const first = scheduleOf(weekly);
    expect(scheduleOf({ ...weekly })).toBe(first);
    expect(scheduleOf({ ...weekly, timezone: 'Asia/Kathmandu' })).not.toBe(first);
    for (let i = 0; i < 1_000; i += 1) scheduleOf({ cron: `${i % 60} ${Math.floor(i / 60)} * * *`, timezone: 'UTC' });
    expect(scheduleOf(weekly)).not.toBe(first);
  });
});
