import type { Response } from 'express';

/** How much a reader may leave unread before it is cut off. It reconnects by itself, and resumes where it was. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const RETRY_MS = 2_000;

export interface StreamedEvent {
  id: string;
  name: string;
  data: object;
}

/** An open answer that carries server-sent events (WHATWG HTML, 9.2). */
export class EventStream {
  private maxUnread = Number.POSITIVE_INFINITY;

  /** `lastId` is where the reader is now, so that it resumes from there although it has seen nothing yet. */
  constructor(
    private readonly response: Response,
    lastId: string,
  ) {
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    // Without this header nginx would hold the events until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    this.write(`retry: ${RETRY_MS}\n${idLine(lastId)}\n`);
  }

  /** From now on the reader must keep up. The events that it missed before may take their time. */
  goLive(): void {
    this.maxUnread = this.response.writableLength + MAX_UNREAD_BYTES;
  }

  send({ id, name, data }: StreamedEvent): void {
    this.write(`${idLine(id)}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Sends a comment, which the reader ignores and which keeps proxies from closing the connection. */
  keepAlive(): void {
    this.write(':\n\n');
  }

  /** Ends the answer regularly: the reader sees the end, and reconnects. */
  end(): void {
    this.response.end();
  }

  private write(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.response.write(text);
    if (this.response.writableLength > this.maxUnread) this.response.destroy();
  }
}

/** Readers send ids back, and may send anything as one. */
function idLine(id: string): string {
  return /^[\w-]+$/.test(id) ? `id: ${id}\n` : '';
}
