import type { Clock } from '@app/domain';

const WINDOW_MS = 60_000;

/**
 * Limits how many refused requests are recorded in a minute. Strangers can send any number of them; these must not fill
 * the disk, or hide what happened before.
 */
export class RejectionBudget {
  private windowBegan = Number.NEGATIVE_INFINITY;
  private taken = 0;

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
    /** Called once in a minute in which there were more. */
    private readonly onExhausted: () => void,
  ) {}

  /** Whether one more may be recorded. */
  take(): boolean {
    const now = this.clock.now().getTime();
    // This also begins a new minute if the clock was set back.
    if (Math.abs(now - this.windowBegan) >= WINDOW_MS) {
      this.windowBegan = now;
      this.taken = 0;
    }
    this.taken += 1;
    if (this.taken === this.perMinute + 1) this.onExhausted();
    return this.taken <= this.perMinute;
  }
}
