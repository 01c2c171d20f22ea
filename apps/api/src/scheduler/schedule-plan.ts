import cronstrue from 'cronstrue';
import type { ScheduleRecord } from '@app/catalog';
import { nextRuns, Schedule } from '@app/jobs';

const SHOWN_RUNS = 5;

export interface PlannedRun {
  at: Date;
  /** `YYYY-MM-DD HH:MM:SS` on the clocks of the schedule's zone. */
  local: string;
}

type Times = Pick<ScheduleRecord, 'cron' | 'timezone'>;

/** When it is due, in plain words; as it stands where the two packages disagree on what may be written. */
export function describeSchedule({ cron, timezone }: Times): string {
  return `${inWords(cron)} (${timezone})`;
}

function inWords(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    return cron;
  }
}

/** The next few after an instant. */
export function plannedRuns({ cron, timezone }: Times, after: Date, count = SHOWN_RUNS): PlannedRun[] {
  const schedule = new Schedule(cron, timezone);
  return nextRuns(cron, timezone, after, count).map((at) => ({ at, local: schedule.localTime(at) }));
}

/** The next few of a schedule, from the one that it waits for on; none while it is paused. */
export function nextRunsOf(record: Pick<ScheduleRecord, 'cron' | 'timezone' | 'enabled' | 'nextDueAt'>): PlannedRun[] {
  if (!record.enabled || record.nextDueAt === null) return [];
  const first = new Date(record.nextDueAt);
  const local = new Schedule(record.cron, record.timezone).localTime(first);
  return [{ at: first, local }, ...plannedRuns(record, first, SHOWN_RUNS - 1)];
}

/** Looked ahead for: enough for a week of a schedule that leaves days out. */
const JUDGED_RUNS = 9;

/** The longest time between two of the next runs: a schedule that rests on Sundays is not overdue on a Monday morning. */
export function longestGapMs({ cron, timezone }: Times, after: Date): number {
  const runs = nextRuns(cron, timezone, after, JUDGED_RUNS).map((at) => at.getTime());
  return Math.max(...runs.slice(1).map((at, index) => at - (runs[index] ?? at)));
}
