import { DomainError } from '@app/domain';
import { Lexer } from './lexer.js';

export interface SkeletonOptions {
  /** The session's standard_conforming_strings: off makes a backslash special in every string. Default true. */
  standardStrings?: boolean;
  /** Leaves quoted names and texts as they are, quotes included. Default false. */
  keepQuoted?: boolean;
}

/** The longest text outside of quotes. Quoted values, which may be huge, do not count; a server takes 1 GB with them. */
const MAX_BYTES = 64 * 1024 * 1024;

const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const QUOTE = 0x27;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_A = 0x61;
const LOWER_Z = 0x7a;

/**
 * The whole command in upper case with single spaces; quoted names are `""`, quoted texts `''`, comments a space. Bytes count
 * as Latin-1: only ASCII words are looked for. Every decision about a command is made on all of it: what is looked at only in
 * part can hide behind a long comment or a long list of columns (FAILURES 60).
 */
export function skeleton(command: Buffer, options: SkeletonOptions = {}): string {
  const out = new Words(command.length, options.keepQuoted === true);
  const lexer = new Lexer(options.standardStrings !== false);
  lexer.enter(command);
  let end = 0;
  for (let kind = lexer.next(true); kind !== undefined; kind = lexer.next(true)) {
    const { from, quote, at: to } = lexer;
    if (from > end) out.space();
    if (kind === 'text' || kind === 'name') {
      // E'…' is a text like others: nobody needs to know how it is written.
      const isEscaped =
        kind === 'text' && quote === from + 1 && (command[from] === UPPER_E || command[from] === LOWER_E);
      if (!isEscaped) out.bytes(command, from, quote);
      out.quoted(command, quote, to, kind === 'name' ? DOUBLE_QUOTE : QUOTE);
    } else {
      out.bytes(command, from, to);
    }
    end = to;
  }
  return out.text();
}

/** Grows as it is written, as most of a long command is quoted. */
class Words {
  private written: Buffer;
  private length = 0;
  private lastQuote = 0;

  constructor(
    room: number,
    private readonly keepQuoted: boolean,
  ) {
    this.written = Buffer.allocUnsafe(Math.min(room + 2, 4_096));
  }

  bytes(command: Buffer, from: number, to: number): void {
    if (from === to) return;
    if (this.length + to - from > this.written.length) this.grow(to - from);
    for (let at = from; at < to; at += 1) {
      const byte = command[at] ?? 0;
      this.written[this.length] = byte >= LOWER_A && byte <= LOWER_Z ? byte - 0x20 : byte;
      this.length += 1;
    }
    this.lastQuote = 0;
  }

  space(): void {
    if (this.length > 0) this.byte(SPACE);
  }

  /** A doubled quote ends one text and begins the next, which comes to the same: they are one. */
  quoted(command: Buffer, from: number, to: number, quote: number): void {
    if (this.keepQuoted) {
      if (this.length + to - from > this.written.length) this.grow(to - from);
      command.copy(this.written, this.length, from, to);
      this.length += to - from;
      return;
    }
    if (this.lastQuote === quote) return;
    this.byte(quote);
    this.byte(quote);
    this.lastQuote = quote;
  }

  text(): string {
    return this.written.toString('latin1', 0, this.length);
  }

  private byte(byte: number): void {
    if (this.length === this.written.length) this.grow(1);
    this.written[this.length] = byte;
    this.length += 1;
    this.lastQuote = 0;
  }

  private grow(by: number): void {
    if (this.length + by > MAX_BYTES) {
      throw new DomainError(
        'BACKUP_UNSAFE',
        'The dump holds a command with more than 64 MB of words outside of quotes.',
        {
          hint: 'Nothing was run from it. Make the dump anew with rows as COPY, or with fewer rows in each INSERT.',
        },
      );
    }
    const grown = Buffer.allocUnsafe(Math.max(this.written.length * 2, this.length + by));
    this.written.copy(grown, 0, 0, this.length);
    this.written = grown;
  }
}
