import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Longer lines are not ours. */
const LONGEST_LINE = 200;

/**
 * Tells how far the client has come: it is given statements that print a mark, and prints it when everything before
 * them is done. Nobody who wrote the dump could know the marks.
 */
export class ClientMarks {
  private readonly name = randomUUID();
  private count = 0;
  private readonly waiting = new Map<string, () => void>();
  private line = '';
  private ended = false;
  private readonly end = Promise.withResolvers<never>();

  constructor(output: Readable) {
    this.end.promise.catch(() => undefined);
    output.on('data', (chunk: Buffer) => this.read(chunk));
    const onEnd = (): void => {
      this.ended = true;
      this.end.reject(new Error('The client program ended early.'));
    };
    output.once('close', onEnd).once('end', onEnd).once('error', onEnd);
  }

  /** A statement for the client, and when it has come to it. Rejects when it has ended before. */
  next(): { statement: string; reached: Promise<void> } {
    const mark = `${this.name} ${(this.count += 1)}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(mark, resolve);
    const reached = this.ended ? this.end.promise : Promise.race([promise, this.end.promise]);
    reached.catch(() => undefined);
    return { statement: `SELECT '${mark}'`, reached };
  }

  private read(chunk: Buffer): void {
    const lines = (this.line + chunk.toString('latin1')).split('\n');
    const last = lines.pop() ?? '';
    // Kept too long to be one, so that the rest of it is none either.
    this.line = last.slice(0, LONGEST_LINE);
    for (const line of lines) {
      this.waiting.get(line.trimEnd())?.();
      this.waiting.delete(line.trimEnd());
    }
  }
}
