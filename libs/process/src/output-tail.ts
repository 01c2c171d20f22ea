import type { Readable } from 'node:stream';

const LONGEST_SECRET_BYTES = 1024;

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
    // It redacts before it cuts, as a cut through a secret would hide that from the redaction.
    const text = this.redact(tail.toString('utf8'));
    return cut ? text.slice(startOfWholeText(text)) : text;
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size - (this.chunks[0]?.length ?? 0) > this.limitBytes) {
      this.size -= this.chunks.shift()?.length ?? 0;
    }
  }
}

/**
 * The text may begin with the end of a secret, which the redaction cannot recognise. So this removes a fragment of a line, or as
 * much of it as a secret can be long.
 */
function startOfWholeText(text: string): number {
  const newline = text.indexOf('\n');
  return newline === -1 ? LONGEST_SECRET_BYTES : Math.min(newline + 1, LONGEST_SECRET_BYTES);
}
