import { CronTime } from 'cron';
import { DateTime, IANAZone } from 'luxon';

const HOUR_MS = 3_600_000;
/** More than any zone ever moved at once: Kwajalein skipped a whole day. */
const TRANSITION_MS = 26 * HOUR_MS;
const FIRST_SPAN_MS = 300_000;

/**
 * When a cron expression is due in a time zone: one instant for each local time that it names. A time that a clock
 * change skips is due at the end of the gap; a time that happens twice is due the first time only (FAILURES 43).
 *
 * The arithmetic on the expression's fields is the `cron` package's, done on a clock without changes; its own handling
 * of zones skips or doubles runs whose midnight does not exist.
 */
export class Schedule {
  private readonly fields: CronTime;
  private readonly zone: IANAZone;
  /** The last answer: the same for every instant from the one that was asked up to the due one. */
  private known: { from: number; due: number } | undefined;

  constructor(
    readonly expression: string,
    readonly timezone: string,
  ) {
    this.fields = new CronTime(expression, 'UTC');
    this.zone = IANAZone.create(timezone);
    if (!this.zone.isValid) throw new Error(`"${timezone}" is not a time zone`);
  }

  /** The first due instant later than `instant`. */
  next(instant: Date): Date {
    const after = instant.getTime();
    if (this.known === undefined || after < this.known.from || after >= this.known.due) {
      this.known = { from: after, due: this.firstDueAfter(after) };
    }
    return new Date(this.known.due);
  }

  /** The last due instant up to `upTo`, where `due` is known to be one. */
  latest(due: Date, upTo: Date): Date {
    if (this.next(due) > upTo) return due;
    // A frequent schedule after a long time: backwards, in windows that grow until something is in one.
    for (let spanMs = FIRST_SPAN_MS; ; spanMs *= 4) {
      const begin = new Date(Math.max(due.getTime(), upTo.getTime() - spanMs));
      let latest: Date | undefined;
      for (let at = this.next(begin); at <= upTo; at = this.next(at)) latest = at;
      if (latest !== undefined) return latest;
    }
  }

  /** `YYYY-MM-DD HH:MM:SS` on the clocks of the zone. */
  localTime(instant: Date): string {
    return DateTime.fromJSDate(instant, { zone: this.zone }).toFormat('yyyy-MM-dd HH:mm:ss');
  }

  private firstDueAfter(after: number): number {
    // A local time up to now has come and gone, at its first or only instant. Later ones may still map to an earlier
    // instant, in the second run of a repeated hour: those are passed over.
    let local = after + this.offsetMs(after);
    for (;;) {
      local = this.fields.getNextDateFrom(DateTime.fromMillis(local, { zone: 'UTC' })).toMillis();
      const due = this.instantOf(local);
      if (due > after) return due;
    }
  }

  /** `local`: the local time as if it were UTC. */
  private instantOf(local: number): number {
    const before = this.offsetMs(local - TRANSITION_MS);
    const afterwards = this.offsetMs(local + TRANSITION_MS);
    const instants = [before, afterwards]
      .map((offset) => local - offset)
      .filter((instant) => instant + this.offsetMs(instant) === local);
    return instants.length > 0 ? Math.min(...instants) : this.endOfGap(local);
  }

  /** In a gap clocks only go forward, so that the first instant with a later local time can be searched by halves. */
  private endOfGap(local: number): number {
    let early = local - TRANSITION_MS;
    let late = local + TRANSITION_MS;
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2);
      if (middle + this.offsetMs(middle) >= local) late = middle;
      else early = middle;
    }
    return late;
  }

  private offsetMs(instant: number): number {
    return this.zone.offset(instant) * 60_000;
  }
}
