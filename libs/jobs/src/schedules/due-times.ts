import type { ScheduleRecord } from '@app/catalog';
import { Schedule } from './schedule.js';

/** A clock that is set back by less does not repeat a run; a clock that is set back by more was wrong at the time of the run. */
export const CLOCK_CORRECTION_MS = 24 * 3_600_000;
const REMEMBERED = 1_000;

const schedules = new Map<string, Schedule>();

/** Returns one shared {@link Schedule} for schedules with the same times. Throws the same errors. */
export function scheduleOf({ cron, timezone }: Pick<ScheduleRecord, 'cron' | 'timezone'>): Schedule {
  const key = `${timezone} ${cron}`;
  const known = schedules.get(key);
  if (known !== undefined) return known;
  const schedule = new Schedule(cron, timezone);
  const [oldest] = schedules.keys();
  if (schedules.size >= REMEMBERED && oldest !== undefined) schedules.delete(oldest);
  schedules.set(key, schedule);
  return schedule;
}

/** Returns when a schedule is due next: later than `now`, and not at an instant that was already served. Epoch milliseconds. */
export function nextDue(
  { cron, timezone, servedDueAt }: Pick<ScheduleRecord, 'cron' | 'timezone' | 'servedDueAt'>,
  now: number,
): number {
  const ahead = servedDueAt !== null && servedDueAt > now && servedDueAt - now < CLOCK_CORRECTION_MS;
  return scheduleOf({ cron, timezone })
    .next(new Date(ahead ? servedDueAt : now))
    .getTime();
}

/** Returns the next few due instants later than `after`. */
export function nextRuns(cron: string, timezone: string, after: Date, count: number): Date[] {
  const schedule = scheduleOf({ cron, timezone });
  const runs: Date[] = [];
  for (let at = schedule.next(after); runs.length < count; at = schedule.next(at)) runs.push(at);
  return runs;
}
