const NEWLINE = 0x0a;
const SPACE = 0x20;

interface Edit {
  from: number;
  to: number;
  by: Buffer | undefined;
}

/** A text that streams by and of which parts are taken out or replaced, once it is known what they are. */
export class EditedText {
  /** From `base` on: not handed on yet. */
  private held: Buffer = Buffer.alloc(0);
  private base = 0;
  private edits: Edit[] = [];

  push(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
  }

  /** Behind the last byte that was pushed. */
  get end(): number {
    return this.base + this.held.length;
  }

  byteAt(offset: number): number | undefined {
    return this.held[offset - this.base];
  }

  /** The bytes of a part that was not handed on yet, as Latin-1. */
  latin1(from: number, to: number): string {
    return this.held.toString('latin1', Math.max(0, from - this.base), to - this.base);
  }

  endOfLine(offset: number): number {
    const newline = this.held.indexOf(NEWLINE, offset - this.base);
    return newline === -1 ? this.end : this.base + newline;
  }

  /** In the order of the text. Without `by` only its line breaks stay, so that an error names the line of the file. */
  replace(from: number, to: number, by?: Buffer): void {
    if (to > from) this.edits.push({ from: Math.max(from, this.base), to, by });
  }

  *handOn(to: number): Generator<Buffer> {
    let at = this.base;
    for (const { from, to: end, by } of this.edits.splice(0)) {
      if (from > at) yield this.held.subarray(at - this.base, from - this.base);
      yield by ?? blank(this.held.subarray(from - this.base, end - this.base));
      at = end;
    }
    const finished = Math.max(to, at);
    if (finished > at) yield this.held.subarray(at - this.base, finished - this.base);
    this.held = Buffer.from(this.held.subarray(finished - this.base));
    this.base = finished;
  }
}

function blank(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === NEWLINE ? NEWLINE : SPACE)));
}
