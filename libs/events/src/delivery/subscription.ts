import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { Reader } from './reader.js';

export interface SubscriptionParts {
  logger: Logger;
  /** How often it looks for events that nobody told it of. */
  pollMs: number;
  /** The pauses after failures; the last one holds for all further ones. */
  retryDelaysMs: readonly number[];
}

/** Delivers events to one subscriber for as long as the service runs, and never ends because of a failure. */
export class Subscription {
  private readonly ending = new AbortController();
  private interrupt: () => void = () => undefined;
  private pending = true;
  private failures = 0;
  private running: Promise<void> | undefined;
  private delivering = false;
  private noting: Promise<void> = Promise.resolve();

  constructor(
    private readonly reader: Reader,
    private readonly parts: SubscriptionParts,
  ) {}

  /** Resolves when the place is known from which the subscriber reads, so that it misses nothing from then on. */
  async begin(): Promise<void> {
    await this.reader.begin().catch((error: unknown) => this.failed(error));
    this.running = this.run();
  }

  /** There may be new events. */
  notice(): void {
    this.pending = true;
    // After a failure only time ends the pause: new events must not make it try at once, again and again.
    if (this.failures === 0) this.interrupt();
  }

  /** Delivers what is there, once more, and then no more. */
  async end(): Promise<void> {
    this.ending.abort();
    this.interrupt();
    await this.running;
    await this.tryOnce();
    await this.reader.note().catch((error: unknown) => this.failed(error));
  }

  /** Notes the position, if nothing is being delivered: at its end the lease is given up. */
  async note(): Promise<void> {
    if (this.delivering || this.pending) return;
    const noted = this.reader.note();
    this.noting = noted.catch(() => undefined);
    await noted;
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      this.pending = false;
      const delivered = await this.tryOnce();
      if (this.ending.signal.aborted) break;
      if (!delivered) await this.pause(this.retryDelay);
      else if (!this.pending) await this.pause(this.parts.pollMs);
    }
  }

  /** Returns whether everything was delivered. */
  private async tryOnce(): Promise<boolean> {
    this.delivering = true;
    await this.noting;
    try {
      while (await this.reader.deliver(this.ending.signal));
      await this.reader.release();
      this.failures = 0;
      return true;
    } catch (error) {
      this.failed(error);
      // Another instance may have more success.
      await this.reader.release().catch(() => undefined);
      return false;
    } finally {
      this.delivering = false;
    }
  }

  private async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.interrupt = resolve;
      timer = setTimeout(resolve, ms).unref();
    });
    clearTimeout(timer);
  }

  private get retryDelay(): number {
    const { retryDelaysMs } = this.parts;
    return retryDelaysMs[Math.min(this.failures, retryDelaysMs.length) - 1] ?? 0;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    const about = { err: error, subscriber: this.reader.name, failures: this.failures };
    this.parts.logger.error(about, `events were not delivered, and are delivered again later: ${messageOf(error)}`);
  }
}
