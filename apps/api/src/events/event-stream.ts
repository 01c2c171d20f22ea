import type { Response } from 'express';

/** What a reader may leave unread before it is cut off: it comes back by itself, and resumes where it was. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const RETRY_MS = 2_000;

export interface StreamedEvent {
  id: string;
  name: string;
  data: object;
}

/** An answer that goes on: server-sent events (WHATWG HTML, 9.2). */
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
    // nginx would collect the events until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    this.write(`retry: ${RETRY_MS}\n${idLine(lastId)}\n`);
  }

  /** From here on nobody may fall behind. What was written before, to catch up, is given the time that it takes. */
  goLive(): void {
    this.maxUnread = this.response.writableLength + MAX_UNREAD_BYTES;
  }

  send({ id, name, data }: StreamedEvent): void {
    this.write(`${idLine(id)}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Nothing to the reader; a sign of life to the proxies between. */
  keepAlive(): void {
    this.write(':\n\n');
  }

  /** In good order: the reader sees the end of the answer, and comes back. */
  end(): void {
    this.response.end();
  }

  private write(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.response.write(text);
    if (this.response.writableLength > this.maxUnread) this.response.destroy();
  }
}

/** Ids come back from readers, who may send anything in their place. */
function idLine(id: string): string {
  return /^[\w-]+$/.test(id) ? `id: ${id}\n` : '';
}
