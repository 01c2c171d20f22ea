import type { Clock } from '@app/domain';

const WINDOW_MS = 60_000;

/**
 * How many refused requests are written down in a minute. Strangers can send as many as they like; they must not fill
 * the disk, or hide among a million of their own what they did before.
 */
export class RejectionBudget {
  private windowBegan = Number.NEGATIVE_INFINITY;
  private taken = 0;

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
    /** Told once in a minute in which there were more. */
    private readonly onExhausted: () => void,
  ) {}

  /** Whether one more may be written down. */
  take(): boolean {
    const now = this.clock.now().getTime();
    // Also when the clock was set back.
    if (Math.abs(now - this.windowBegan) >= WINDOW_MS) {
      this.windowBegan = now;
      this.taken = 0;
    }
    this.taken += 1;
    if (this.taken === this.perMinute + 1) this.onExhausted();
    return this.taken <= this.perMinute;
  }
}
