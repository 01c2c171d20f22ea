import type { JobProgress } from '@app/domain';

/** The window of the rate, in milliseconds. */
const WINDOW_MS = 10_000;
const SAMPLE_EVERY_MS = 250;
/** The shortest time that gives a useful rate. */
const LEAST_MS = 500;

/** Computes how fast bytes have come in lately, and how long the rest will take. */
export class TransferRate {
  private samples: { at: number; bytes: number }[] = [];
  private phase: string | undefined;

  /** `now` is in epoch milliseconds. A new phase, fewer bytes or a clock that was set back start again. */
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
    // There is more than was estimated, and it is not known how much more.
    const known = totalBytes !== null && totalBytes >= bytes && bytesPerSecond > 0;
    return { bytesPerSecond, secondsLeft: known ? Math.ceil((totalBytes - bytes) / bytesPerSecond) : null };
  }

  private note(bytes: number, now: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && now - last.at < SAMPLE_EVERY_MS) return;
    this.samples.push({ at: now, bytes });
    // One older sample stays, so that the window is full.
    while ((this.samples[1]?.at ?? Infinity) <= now - WINDOW_MS) this.samples.shift();
  }
}
