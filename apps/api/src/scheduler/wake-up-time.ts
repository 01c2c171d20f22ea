import { CronTime } from 'cron';
import { DateTime } from 'luxon';
import type { Clock } from '@app/domain';
import type { Schedule } from '@app/jobs';

/**
 * Lets a job of the `cron` package keep its timer but not the time: it wakes up at least once a minute and whoever it
 * wakes looks at the clock. So a suspended machine, a corrected clock, a schedule that another instance changed, or a
 * time further away than timers reach (24.8 days) delays a run by a minute at most.
 */
const LONGEST_SLEEP_MS = 60_000;
/** How long to wait before trying again what is due already and failed. */
const RETRY_MS = 5_000;

export class WakeUpTime extends CronTime {
  constructor(
    private readonly schedule: Schedule,
    private readonly clock: Clock,
    /** When the earliest of all schedules is due, epoch milliseconds. */
    private readonly nextDueAt: () => number | undefined,
  ) {
    super(schedule.expression, schedule.timezone);
  }

  override getTimeout(): number {
    const due = this.nextDueAt();
    if (due === undefined) return LONGEST_SLEEP_MS;
    const left = due - this.clock.now().getTime();
    return left > 0 ? Math.min(left, LONGEST_SLEEP_MS) : RETRY_MS;
  }

  /** The time zone of the specification's schedule, for which the job is declared. */
  override sendAt(): DateTime;
  override sendAt(count: number): DateTime[];
  override sendAt(count?: number): DateTime | DateTime[] {
    const times: DateTime[] = [];
    let instant = this.clock.now();
    for (let i = 0; i < (count ?? 1); i += 1) {
      instant = this.schedule.next(instant);
      times.push(DateTime.fromJSDate(instant, { zone: this.schedule.timezone }));
    }
    return count === undefined ? (times[0] as DateTime) : times;
  }
}
