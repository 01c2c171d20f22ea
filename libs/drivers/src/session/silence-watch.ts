/** How long a session that was cancelled may take to answer. Its server rolls back what was open when the connection is gone. */
const ABANDON_AFTER_MS = 4_000;
/** And how long in all, where bytes still come and go. */
const ABANDON_AFTER_ALL_MS = 15_000;
const LOOK_EVERY_MS = 15_000;
/** A server may work on one command for hours; it is asked over a connection of its own whether it is still there. */
const SILENT_FOR_MS = 60_000;

/** The watched parts: one connection, and the server that it leads to. */
export interface Watched {
  /** Nothing is asked of the server. */
  isIdle(): boolean;
  /** How many commands the server has finished. */
  finished(): number;
  /** That have come and gone so far. */
  stream(): { bytesRead?: number; bytesWritten?: number; writableLength: number };
  /** Whether the server answers on a connection of its own. Never rejects. */
  isThere(signal: AbortSignal | undefined): Promise<boolean>;
  /** How many such questions in a row, 15 s apart, may go unanswered. */
  unanswered: number;
  /** After `signal`, too, it may work on for long, and is cut only where the server does not answer otherwise either. */
  mayWorkOn: boolean;
  destroy(): void;
}

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
    private readonly session: Watched,
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
    let moved = performance.now();
    let begun = moved;
    let seen = -1;
    let finished = -1;
    this.abandoning = setInterval(() => {
      const now = performance.now();
      const idle = this.session.isIdle();
      if (idle || this.session.finished() !== finished) begun = now;
      if (idle || this.bytes !== seen) moved = now;
      finished = this.session.finished();
      seen = this.bytes;
      const drags = !this.session.mayWorkOn && now - begun >= ABANDON_AFTER_ALL_MS;
      if (drags || now - moved >= ABANDON_AFTER_MS) void this.abandon();
    }, ABANDON_AFTER_MS / 8).unref();
  }

  private async abandon(): Promise<void> {
    if (this.session.mayWorkOn && (await this.answers())) return;
    this.destroy();
  }

  private async look(): Promise<void> {
    if (this.session.isIdle() || this.bytes !== this.moved) {
      this.moved = this.bytes;
      this.movedAt = performance.now();
      this.unanswered = 0;
      return;
    }
    if (this.asking || performance.now() - this.movedAt < SILENT_FOR_MS) return;
    this.unanswered = (await this.answers(this.signal)) ? 0 : this.unanswered + 1;
    if (this.unanswered >= this.session.unanswered) this.destroy();
  }

  /** Once at a time. */
  private async answers(signal?: AbortSignal): Promise<boolean> {
    if (this.asking) return true;
    this.asking = true;
    try {
      return await this.session.isThere(signal);
    } finally {
      this.asking = false;
    }
  }

  private destroy(): void {
    this.stop();
    this.session.destroy();
  }

  private get bytes(): number {
    const { bytesRead = 0, bytesWritten = 0, writableLength } = this.session.stream();
    // The bytes in our own buffers have not been sent.
    return bytesRead + bytesWritten - writableLength;
  }
}
