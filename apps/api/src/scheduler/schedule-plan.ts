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

/** Says in words when a schedule is due; the expression itself where the two packages disagree on its syntax. */
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

/** The next few runs after an instant. */
export function plannedRuns({ cron, timezone }: Times, after: Date, count = SHOWN_RUNS): PlannedRun[] {
  const schedule = new Schedule(cron, timezone);
  return nextRuns(cron, timezone, after, count).map((at) => ({ at, local: schedule.localTime(at) }));
}

/** The next few runs of a schedule, beginning with the one it waits for; none while it is paused. */
export function nextRunsOf(record: Pick<ScheduleRecord, 'cron' | 'timezone' | 'enabled' | 'nextDueAt'>): PlannedRun[] {
  if (!record.enabled || record.nextDueAt === null) return [];
  const first = new Date(record.nextDueAt);
  const local = new Schedule(record.cron, record.timezone).localTime(first);
  return [{ at: first, local }, ...plannedRuns(record, first, SHOWN_RUNS - 1)];
}

/** How many runs are looked ahead: enough for a week of a schedule that leaves days out. */
const JUDGED_RUNS = 9;

/** The longest time between two of the next runs: a schedule that skips Sundays is not overdue on a Monday. */
export function longestGapMs({ cron, timezone }: Times, after: Date): number {
  const runs = nextRuns(cron, timezone, after, JUDGED_RUNS).map((at) => at.getTime());
  return Math.max(...runs.slice(1).map((at, index) => at - (runs[index] ?? at)));
}
