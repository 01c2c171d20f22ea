import { BACKSLASH, IN_QUOTES, NEWLINE, QUOTE, bytesOf } from './lexical-rules.js';
import { ScriptQuoting } from './script-quoting.js';

const NOTHING = Buffer.alloc(0);
/** The bytes that may end or change something in the usual quotes. */
const IN_TEXT = bytesOf("'\\\n");
/** So many bytes of a text are looked at one by one. */
const NEAR = 256;

/** The bytes of a script, a chunk at a time, and how quotes in them are passed. */
export class ScriptBytes {
  /** The bytes that are read: the chunk, behind what was not understood without it. They must not change before all is read. */
  bytes: Buffer = NOTHING;
  /** Where they begin in the script. */
  base = 0;
  /** The line of the next byte, from 1. */
  line = 1;
  readonly quoting = new ScriptQuoting();

  protected at = 0;
  protected isLast = false;
  /** The quote that is open; 0: none. */
  protected quote = 0;
  /** A backslash was the last byte. */
  private escaped = false;
  /** Where the next of these is, as far as that was looked for; see {@link farInQuotes}. */
  private quoteAt = -1;
  private quoteSearched = 0;
  private backslashAt = -1;
  private newlineAt = -1;

  push(chunk: Buffer): void {
    this.quoteAt = -1;
    this.backslashAt = -1;
    this.newlineAt = -1;
    this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
  }

  /** No chunk follows: what was not understood is read as it is. */
  end(): void {
    this.isLast = true;
  }

  /** The bytes of the script before this one have been read. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Forgets the bytes that were not read: they will be pushed again. */
  forget(): void {
    this.base += this.at;
    this.at = 0;
    this.bytes = NOTHING;
  }

  /** The chunk is done, but for what is copied here. */
  protected wait(): undefined {
    const rest = this.bytes.subarray(this.at);
    this.forget();
    if (rest.length > 0) this.bytes = Buffer.from(rest);
    return undefined;
  }

  protected lineEnds(from: number, to: number): number {
    const { bytes } = this;
    let count = 0;
    for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
    return count;
  }

  /** From behind the opening quote. Returns the place behind the closing one; the end of the bytes, and a quote that is open, where it is not there. */
  protected passQuoted(quote: number, from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    const escapes = this.quoting.escapesWithin(quote);
    const matters = quote === QUOTE ? IN_TEXT : IN_QUOTES;
    let at = from;
    if (this.escaped && at < length) {
      this.escaped = false;
      if (bytes[at] === NEWLINE) this.line += 1;
      at += 1;
    }
    let plainFrom = at;
    let near = at;
    while (at < length) {
      if (at === near) {
        if (at - plainFrom >= NEAR) at = this.farInQuotes(quote, at);
        near = Math.min(length, at + NEAR);
      }
      at = passPlain(bytes, at, near, matters);
      if (at === near) continue;
      const byte = bytes[at];
      at += 1;
      if (byte === quote) {
        this.quote = 0;
        return at;
      }
      if (byte === NEWLINE) this.line += 1;
      else if (byte === BACKSLASH && escapes) {
        if (at === length) this.escaped = true;
        else if (bytes[at] === NEWLINE) this.line += 1;
        at += 1;
      }
      plainFrom = at;
      if (at > near) near = at;
    }
    this.quote = quote;
    return length;
  }

  /** The next byte that matters in a long text. A search is faster than a loop, but costs more to begin, and what it finds is kept. */
  private farInQuotes(quote: number, at: number): number {
    const { bytes } = this;
    const search = (byte: number): number => {
      const found = bytes.indexOf(byte, at);
      return found === -1 ? bytes.length : found;
    };
    if (this.quoteAt < at || this.quoteSearched !== quote) this.quoteAt = search(quote);
    if (this.backslashAt < at) this.backslashAt = search(BACKSLASH);
    if (this.newlineAt < at) this.newlineAt = search(NEWLINE);
    this.quoteSearched = quote;
    return Math.min(this.quoteAt, this.backslashAt, this.newlineAt);
  }
}

/** The place of the next byte that matters; `to` where there is none before. */
export function passPlain(bytes: Buffer, from: number, to: number, matters: Uint8Array): number {
  let at = from;
  while (at < to && matters[bytes[at] as number] === 0) at += 1;
  return at;
}
