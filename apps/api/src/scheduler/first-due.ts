import type { ScheduleRecord } from '@app/catalog';
import { Schedule } from '@app/jobs';

/** A clock set back by less does not bring a run twice; one set back by more was wrong when it ran. */
const CLOCK_CORRECTION_MS = 24 * 3_600_000;

/** When a schedule that begins, or is changed, is due first: later than now, and not again what it was served for. */
export function firstDue(
  { cron, timezone, servedDueAt }: Pick<ScheduleRecord, 'cron' | 'timezone' | 'servedDueAt'>,
  now: Date,
): number {
  const served = servedDueAt ?? 0;
  const ahead = served > now.getTime() && served - now.getTime() < CLOCK_CORRECTION_MS;
  return new Schedule(cron, timezone).next(ahead ? new Date(served) : now).getTime();
}
