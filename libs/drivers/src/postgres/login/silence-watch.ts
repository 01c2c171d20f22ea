import type { Client } from 'pg';
import type { ConnectionParams } from '@app/domain';
import { whoSpeaks } from './protocol-probe.js';

/** How long a session that was cancelled may take to answer. Its server rolls back what was open when the connection is gone. */
const ABANDON_AFTER_MS = 4_000;
const LOOK_EVERY_MS = 15_000;
/** A server may work on one command for hours; it is asked over a connection of its own whether it is still there. */
const SILENT_FOR_MS = 60_000;
const ASK_FOR_MS = 5_000;
const UNANSWERED = 3;

/**
 * Ends a connection whose other end does not answer any more, without needing it: soon after `signal` has fired, and else when
 * nothing has moved for long and the server does not answer new connections either. What waits for it then fails as it
 * does with a lost connection.
 */
export class SilenceWatch {
  private readonly onAbort = (): void => this.abandonSoon();
  private readonly looking: NodeJS.Timeout;
  private abandoning: NodeJS.Timeout | undefined;
  private moved = 0;
  private movedAt = performance.now();
  private unanswered = 0;
  private asking = false;

  constructor(
    private readonly client: Client,
    private readonly connection: ConnectionParams,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    if (signal?.aborted === true) this.abandonSoon();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  stop(): void {
    this.signal?.removeEventListener('abort', this.onAbort);
    clearInterval(this.looking);
    clearInterval(this.abandoning);
  }

  /** Each command that is sent afterwards, such as ROLLBACK, has as much time again. */
  private abandonSoon(): void {
    let since = performance.now();
    let seen = -1;
    this.abandoning = setInterval(() => {
      if (this.isIdle || this.bytes !== seen) {
        since = performance.now();
        seen = this.bytes;
      } else if (performance.now() - since >= ABANDON_AFTER_MS) {
        this.destroy();
      }
    }, ABANDON_AFTER_MS / 8).unref();
  }

  private async look(): Promise<void> {
    if (this.isIdle || this.bytes !== this.moved) {
      this.moved = this.bytes;
      this.movedAt = performance.now();
      this.unanswered = 0;
      return;
    }
    if (this.asking || performance.now() - this.movedAt < SILENT_FOR_MS) return;
    this.asking = true;
    const speaker = await whoSpeaks(this.connection, ASK_FOR_MS, this.signal);
    this.asking = false;
    this.unanswered = speaker === 'silent' ? this.unanswered + 1 : 0;
    if (this.unanswered >= UNANSWERED) this.destroy();
  }

  private destroy(): void {
    this.stop();
    this.client.connection.stream.destroy();
  }

  /** Nothing is asked of the server. */
  private get isIdle(): boolean {
    return (this.client as unknown as { readyForQuery: boolean | null }).readyForQuery === true;
  }

  private get bytes(): number {
    const { bytesRead = 0, bytesWritten = 0 } = this.client.connection.stream as {
      bytesRead?: number;
      bytesWritten?: number;
    };
    // What lies in our own buffers has not been sent.
    return bytesRead + bytesWritten - this.client.connection.stream.writableLength;
  }
}
