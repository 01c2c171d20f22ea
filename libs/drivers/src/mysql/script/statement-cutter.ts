import { Writable } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { callbackify } from 'node:util';
import { ScriptReader } from './mysql-script-reader.js';
import type { ScriptStatement } from './mysql-script-reader.js';

/** Takes a script and gives its statements one after the other, each as all of its bytes, without what ends it. */
export class StatementCutter extends Writable {
  private readonly reader: ScriptReader;
  private found: { statement: ScriptStatement; end: Buffer }[] = [];
  private chunks: Buffer[] = [];
  /** The offset of the first chunk in the script. */
  private base = 0;

  /** `onStatement`: the next one comes when it has resolved. The bytes must not be kept. */
  constructor(private readonly onStatement: (bytes: Buffer, statement: ScriptStatement) => Promise<void>) {
    super({ highWaterMark: 64 * 1024 });
    this.reader = new ScriptReader({
      statement: (statement) => void this.found.push({ statement, end: this.reader.endMark }),
      command: () => undefined,
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    // A chunk is kept until the statements that lie in it are done.
    this.chunks.push(Buffer.from(chunk));
    callbackify(() => this.run(() => this.reader.push(chunk)))(done);
  }

  override _final(done: TransformCallback): void {
    callbackify(() => this.run(() => this.reader.end()))(done);
  }

  private async run(read: () => void): Promise<void> {
    read();
    const { found } = this;
    this.found = [];
    for (const { statement, end } of found) {
      await this.onStatement(withoutEnd(this.bytes(statement.from, statement.to), end), statement);
    }
    this.forget(this.reader.openOffset);
  }

  private bytes(from: number, to: number): Buffer {
    this.forget(from);
    let length = 0;
    let count = 0;
    const first = from - this.base;
    for (const chunk of this.chunks) {
      if (length >= first + to - from) break;
      length += chunk.length;
      count += 1;
    }
    const [only] = this.chunks;
    const whole = count === 1 && only !== undefined ? only : Buffer.concat(this.chunks.slice(0, count));
    return whole.subarray(first, first + to - from);
  }

  /** Forgets the bytes before this offset of the script. */
  private forget(offset: number): void {
    while (this.chunks.length > 0) {
      const { length } = this.chunks[0] as Buffer;
      if (this.base + length > offset) return;
      this.chunks.shift();
      this.base += length;
    }
  }
}

function withoutEnd(bytes: Buffer, mark: Buffer): Buffer {
  const from = bytes.length - mark.length;
  return from >= 0 && bytes.subarray(from).equals(mark) ? bytes.subarray(0, from) : bytes;
}
