import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';

export const WRITE_PAUSES_MS: readonly number[] = [500, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Repeats writes that must not be lost until the catalog accepts them. `retry` of @app/domain is for a few attempts: it neither
 * tells the work how often it failed, nor can its pauses be cut short.
 */
export class WriteRetry {
  private readonly noMorePatience = new AbortController();

  constructor(
    private readonly logger: Logger,
    private readonly pausesMs: readonly number[] = WRITE_PAUSES_MS,
  ) {}

  /** `work` receives how often it has failed. Rejects only after {@link hasten}. */
  async persist<T>(what: string, work: (failures: number, last: unknown) => Promise<T>): Promise<T> {
    let last: unknown;
    for (let failures = 0; ; failures += 1) {
      const hasty = this.noMorePatience.signal.aborted;
      try {
        return await work(failures, last);
      } catch (error) {
        last = error;
        if (hasty) throw error;
        this.logger.warn({ err: error }, `${what} could not be written, which is tried again: ${messageOf(error)}`);
        await this.pause(failures);
      }
    }
  }

  /** Gives each pending write only one more try. */
  hasten(): void {
    this.noMorePatience.abort();
  }

  private async pause(failures: number): Promise<void> {
    const ms = this.pausesMs[Math.min(failures, this.pausesMs.length - 1)] ?? 0;
    await sleep(ms, undefined, { signal: this.noMorePatience.signal, ref: false }).catch(() => undefined);
  }
}
