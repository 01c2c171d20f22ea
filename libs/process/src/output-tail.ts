import type { Readable } from 'node:stream';

/** Keeps the end of a stream as text, and drains the rest so that the writer never blocks. */
export class OutputTail {
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(
    stream: Readable,
    private readonly limitBytes: number,
    private readonly redact: (text: string) => string = (text) => text,
  ) {
    stream.on('data', (chunk: Buffer) => this.keep(chunk));
    stream.on('error', () => undefined);
  }

  get text(): string {
    const all = Buffer.concat(this.chunks);
    const cut = all.length > this.limitBytes;
    const tail = cut ? all.subarray(all.length - this.limitBytes) : all;
    // Redact before cutting would need the whole text; a secret split by the cut is caught because the first line,
    // which may be a fragment, is dropped.
    const text = tail.toString('utf8');
    return this.redact(cut ? text.slice(text.indexOf('\n') + 1) : text);
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size - (this.chunks[0]?.length ?? 0) > this.limitBytes) {
      this.size -= this.chunks.shift()?.length ?? 0;
    }
  }
}
