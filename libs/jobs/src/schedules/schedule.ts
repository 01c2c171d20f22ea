import { CronTime } from 'cron';
import { DateTime, IANAZone } from 'luxon';

const HOUR_MS = 3_600_000;
/** More than any zone ever moved at once; Kwajalein skipped a whole day. */
const TRANSITION_MS = 26 * HOUR_MS;
const FIRST_SPAN_MS = 300_000;
/** More than the next runs that an overview of the databases asks for each time. */
const REMEMBERED = 16;

interface Answer {
  from: number;
  due: number;
}

/**
 * Computes when a cron expression is due in a time zone: one instant for each local time that it names. A time that a clock
 * change skips is due at the end of the gap; a time that happens twice is due only the first time (FAILURES 43).
 *
 * The `cron` package does the arithmetic on the fields of the expression, on a clock without changes: its own handling of zones
 * skips or doubles runs whose midnight does not exist.
 */
export class Schedule {
  private readonly fields: CronTime;
  private readonly zone: IANAZone;
  /** The last answers, the newest at the end. Each holds for every instant from the asked one up to the due one. */
  private readonly known: Answer[] = [];

  constructor(
    readonly expression: string,
    readonly timezone: string,
  ) {
    this.fields = new CronTime(expression, 'UTC');
    this.zone = IANAZone.create(timezone);
    if (!this.zone.isValid) throw new Error(`"${timezone}" is not a time zone`);
  }

  /** Returns the first due instant later than `instant`. */
  next(instant: Date): Date {
    const after = instant.getTime();
    const known = this.known.find(({ from, due }) => from <= after && after < due) ?? this.compute(after);
    return new Date(known.due);
  }

  private compute(after: number): Answer {
    const answer = { from: after, due: this.firstDueAfter(after) };
    this.known.push(answer);
    if (this.known.length > REMEMBERED) this.known.shift();
    return answer;
  }

  /** Returns the last due instant up to `upTo`; `due` is a known one. */
  latest(due: Date, upTo: Date): Date {
    if (this.next(due) > upTo) return due;
    // For a frequent schedule after a long time, it searches backwards in growing windows.
    for (let spanMs = FIRST_SPAN_MS; ; spanMs *= 4) {
      const begin = new Date(Math.max(due.getTime(), upTo.getTime() - spanMs));
      let latest: Date | undefined;
      for (let at = this.next(begin); at <= upTo; at = this.next(at)) latest = at;
      if (latest !== undefined) return latest;
    }
  }

  /** Formats an instant as `YYYY-MM-DD HH:MM:SS` on the clocks of the zone. */
  localTime(instant: Date): string {
    return DateTime.fromJSDate(instant, { zone: this.zone }).toFormat('yyyy-MM-dd HH:mm:ss');
  }

  private firstDueAfter(after: number): number {
    // A local time up to now is over, at its first or only instant. In the second run of a repeated hour, later local times may
    // still map to an earlier instant, and are skipped.
    let local = after + this.offsetMs(after);
    for (;;) {
      local = this.fields.getNextDateFrom(DateTime.fromMillis(local, { zone: 'UTC' })).toMillis();
      const due = this.instantOf(local);
      if (due > after) return due;
    }
  }

  /** `local` is the local time as if it were UTC. */
  private instantOf(local: number): number {
    const before = this.offsetMs(local - TRANSITION_MS);
    const afterwards = this.offsetMs(local + TRANSITION_MS);
    const instants = [before, afterwards]
      .map((offset) => local - offset)
      .filter((instant) => instant + this.offsetMs(instant) === local);
    return instants.length > 0 ? Math.min(...instants) : this.endOfGap(local);
  }

  /** Finds the end of a gap by halving, as clocks only go forward in it. */
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
