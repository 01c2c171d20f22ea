import type { ScheduleRecord } from '@app/catalog';
import { Schedule } from './schedule.js';

/** A clock set back by less does not bring a run twice; one set back by more was wrong when it ran. */
export const CLOCK_CORRECTION_MS = 24 * 3_600_000;
const REMEMBERED = 1_000;

const schedules = new Map<string, Schedule>();

/** Schedules with the same times share one, and its arithmetic. Throws as {@link Schedule}. */
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

/** When a schedule is due next: later than `now`, and not again what it was served for. Epoch milliseconds. */
export function nextDue(
  { cron, timezone, servedDueAt }: Pick<ScheduleRecord, 'cron' | 'timezone' | 'servedDueAt'>,
  now: number,
): number {
  const ahead = servedDueAt !== null && servedDueAt > now && servedDueAt - now < CLOCK_CORRECTION_MS;
  return scheduleOf({ cron, timezone })
    .next(new Date(ahead ? servedDueAt : now))
    .getTime();
}

/** The next few due instants later than `after`. */
export function nextRuns(cron: string, timezone: string, after: Date, count: number): Date[] {
  const schedule = scheduleOf({ cron, timezone });
  const runs: Date[] = [];
  for (let at = schedule.next(after); runs.length < count; at = schedule.next(at)) runs.push(at);
  return runs;
}
