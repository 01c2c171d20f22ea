import { BACKSLASH, bytesOf, CLOSE, COMMA, NEWLINE, QUOTE } from '../script/lexer/lexical-rules.js';

/** Tools end statements at 1 MB: a longer line has a long row. */
const LONG_LINE = 2 * 1024 * 1024;
/** Shorter values fit everywhere. */
const LONG_VALUE = 1024 * 1024;

/** So many bytes are looked at one by one; searching for what ends a value is faster, but costs more to begin. */
const NEAR = 256;

const HEX = bytesOf('0123456789abcdefABCDEFxX');

/**
 * Looks, as a dump streams by, for values that not every server takes in: `max_allowed_packet` is the longest that there may be. Rows do not
 * contain line breaks; only lines that are longer than the tools make them without need are looked into.
 */
export class LongValues {
  /** The bytes of the longest value of each table. */
  readonly found = new Map<string, number>();
  /** The line that has not ended; it is looked into when it turns out to be long. */
  private line: Buffer[] = [];
  private lineBytes = 0;
  private table: string | undefined;
  private meter: ValueMeter | undefined;

  /** `table`: the last that has begun in the dump. */
  see(chunk: Buffer, table: string | undefined): void {
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) return this.grow(chunk);
    this.grow(chunk.subarray(0, first));
    this.endLine();
    const last = chunk.lastIndexOf(NEWLINE);
    this.table = table;
    if (last + 1 < chunk.length) this.grow(chunk.subarray(last + 1));
  }

  private grow(bytes: Buffer): void {
    if (this.meter !== undefined) return this.meter.push(bytes);
    this.line.push(bytes);
    this.lineBytes += bytes.length;
    if (this.lineBytes < LONG_LINE) return;
    this.meter = new ValueMeter();
    for (const piece of this.line) this.meter.push(piece);
    this.line = [];
  }

  private endLine(): void {
    const longest = this.meter?.longest ?? 0;
    const { table } = this;
    if (table !== undefined && longest >= LONG_VALUE && longest > (this.found.get(table) ?? 0)) {
      this.found.set(table, longest);
    }
    this.meter = undefined;
    this.line = [];
    this.lineBytes = 0;
  }
}

/** Bytes of the longest value in rows, as the server keeps it. */
class ValueMeter {
  longest = 0;
  private mode: 'code' | 'text' | 'closing' = 'code';
  private escaped = false;
  private digits = 0;
  private bytes = 0;

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.mode === 'text' ? this.passText(chunk, at) : this.passCode(chunk, at);
  }

  private passText(chunk: Buffer, from: number): number {
    if (this.escaped) {
      this.escaped = false;
      this.bytes += 1;
      return from + 1;
    }
    let at = from;
    while (at < chunk.length && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at += 1;
    this.bytes += at - from;
    if (at === chunk.length) return at;
    if (chunk[at] === QUOTE) this.mode = 'closing';
    else this.escaped = true;
    return at + 1;
  }

  private passCode(chunk: Buffer, from: number): number {
    const near = Math.min(chunk.length, from + NEAR);
    let at = from;
    while (at < near && HEX[chunk[at] ?? 0] === 1) at += 1;
    // Only a value in digits is as long as that.
    if (at === from + NEAR) at = endOfValue(chunk, at);
    this.digits += at - from;
    if (at === chunk.length) return at;
    if (chunk[at] === QUOTE) this.open();
    else this.code();
    return at + 1;
  }

  /** A text, or the second half of a quote in one. */
  private open(): void {
    this.bytes = this.mode === 'closing' ? this.bytes + 1 : 0;
    this.mode = 'text';
    this.digits = 0;
  }

  private code(): void {
    // `0x` and two digits for each byte.
    this.longest = Math.max(this.longest, this.mode === 'closing' ? this.bytes : this.digits / 2 - 1);
    this.mode = 'code';
    this.digits = 0;
  }
}

/** Returns the end of a value that is not in quotes. */
function endOfValue(chunk: Buffer, at: number): number {
  const ends = [chunk.indexOf(COMMA, at), chunk.indexOf(CLOSE, at)].filter((end) => end !== -1);
  return Math.min(chunk.length, ...ends);
}
