import type { JobProgress } from '@app/domain';

/** The rate is that of the last so many milliseconds. */
const WINDOW_MS = 10_000;
const SAMPLE_EVERY_MS = 250;
/** A rate of less time than this is noise. */
const LEAST_MS = 500;

/** How fast bytes come in lately, and when they will all be there. */
export class TransferRate {
  private samples: { at: number; bytes: number }[] = [];
  private phase: string | undefined;

  /** `now`: epoch milliseconds. A new phase, fewer bytes or a clock that went back begin anew. */
  figures(
    { phase, bytes, totalBytes }: Pick<JobProgress, 'phase' | 'bytes' | 'totalBytes'>,
    now: number,
  ): Pick<JobProgress, 'bytesPerSecond' | 'secondsLeft'> {
    const last = this.samples.at(-1);
    if (phase !== this.phase || (last !== undefined && (bytes < last.bytes || now < last.at))) this.samples = [];
    this.phase = phase;
    this.note(bytes, now);
    const first = this.samples[0];
    if (first === undefined || now - first.at < LEAST_MS) return { bytesPerSecond: null, secondsLeft: null };
    const bytesPerSecond = Math.round(((bytes - first.bytes) * 1_000) / (now - first.at));
    // More than was estimated: nobody knows how much more.
    const known = totalBytes !== null && totalBytes >= bytes && bytesPerSecond > 0;
    return { bytesPerSecond, secondsLeft: known ? Math.ceil((totalBytes - bytes) / bytesPerSecond) : null };
  }

  private note(bytes: number, now: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && now - last.at < SAMPLE_EVERY_MS) return;
    this.samples.push({ at: now, bytes });
    // One that is older stays, for the window to be full.
    while ((this.samples[1]?.at ?? Infinity) <= now - WINDOW_MS) this.samples.shift();
  }
}
