import { DomainError } from '@app/domain';
import { skipQuoted } from './quoted-text.js';
import type { Quoted } from './quoted-text.js';

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
const DOLLAR = 0x24;
const QUOTE = 0x27;
const STAR = 0x2a;
const DASH = 0x2d;
const SLASH = 0x2f;

/** 1: space. 2: goes on with a word, as the server's lexer has it. 3: a lower-case letter, also of a word. */
const KIND = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const char = String.fromCharCode(byte);
  if (byte === SPACE || (byte >= 0x09 && byte <= 0x0d)) KIND[byte] = 1;
  else if (/[a-z]/.test(char)) KIND[byte] = 3;
  else if (byte >= 0x80 || /[A-Z0-9_$]/.test(char)) KIND[byte] = 2;
}

/**
 * The whole command in upper case with single spaces; quoted names are `""`, quoted texts `''`, comments a space. Bytes count
 * as Latin-1: only ASCII words are looked for. It reads by the rules of the server's lexer (nested comments, E'…' and what
 * continues it on a later line, dollar quotes), and every decision about a command is made on all of it: what is looked at
 * only in part can hide behind a long comment or a long list of columns (FAILURES 60).
 */
export function skeleton(command: Buffer, options: SkeletonOptions = {}): string {
  const out = new Words(command.length, options.keepQuoted === true);
  const end = command.length;
  let at = 0;
  /** A string with escapes has just ended; a text on a later line continues it. */
  let continues: 'no' | 'same line' | 'later line' = 'no';
  while (at < end) {
    const byte = command[at] ?? 0;
    const next = command[at + 1];
    if (KIND[byte] === 1) {
      if (continues === 'same line' && (byte === 0x0a || byte === 0x0d)) continues = 'later line';
      out.space();
      at += 1;
    } else if (byte === DASH && next === DASH) {
      out.space();
      at = skip(command, at + 2, { in: 'line-comment' });
    } else if (byte === SLASH && next === STAR) {
      out.space();
      at = skip(command, at + 2, { in: 'block-comment', depth: 1 });
    } else if (byte === QUOTE) {
      const escapes: boolean = options.standardStrings === false || continues === 'later line';
      const behind: number = skip(command, at + 1, { in: 'string', escapes });
      out.quoted(command, at, behind, QUOTE);
      continues = escapes ? 'same line' : 'no';
      at = behind;
    } else if (byte === DOUBLE_QUOTE) {
      const behind: number = skip(command, at + 1, { in: 'identifier' });
      out.quoted(command, at, behind, DOUBLE_QUOTE);
      continues = 'no';
      at = behind;
    } else if (byte === DOLLAR) {
      continues = 'no';
      const tag = dollarTag(command, at);
      if (tag === undefined) {
        out.byte(byte);
        at += 1;
      } else {
        const behind: number = skip(command, at + tag.length, { in: 'dollar', tag });
        out.quoted(command, at, behind, QUOTE);
        at = behind;
      }
    } else if (KIND[byte] !== 0) {
      const behind = endOfWord(command, at);
      if (behind - at === 1 && (byte === 0x45 || byte === 0x65) && command[behind] === QUOTE) {
        at = skip(command, behind + 1, { in: 'string', escapes: true });
        out.quoted(command, behind, at, QUOTE);
        continues = 'same line';
      } else {
        for (; at < behind; at += 1) out.byte(command[at] ?? 0);
        continues = 'no';
      }
    } else {
      continues = 'no';
      out.byte(byte);
      at += 1;
    }
  }
  return out.text();
}

function skip(command: Buffer, from: number, quoted: Quoted): number {
  const { next, ended } = skipQuoted(command, from, quoted);
  return ended ? next : command.length;
}

function endOfWord(command: Buffer, from: number): number {
  let at = from + 1;
  while (at < command.length && (KIND[command[at] ?? 0] ?? 0) > 1) at += 1;
  return at;
}

/** `$tag$` with its dollars; undefined for a parameter or a lone dollar. */
function dollarTag(command: Buffer, from: number): Buffer | undefined {
  for (let at = from + 1; at < command.length; at += 1) {
    const byte = command[at] ?? 0;
    if (byte === DOLLAR) return command.subarray(from, at + 1);
    const digit = byte >= 0x30 && byte <= 0x39;
    if ((KIND[byte] ?? 0) < 2 || (digit && at === from + 1)) return undefined;
  }
  return undefined;
}

/** Grows as it is written, as most of a long command is quoted. */
class Words {
  private bytes: Buffer;
  private length = 0;
  private lastQuote = 0;

  constructor(
    room: number,
    private readonly keepQuoted: boolean,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(room + 2, 4_096));
  }

  byte(byte: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length] = KIND[byte] === 3 ? byte - 0x20 : byte;
    this.length += 1;
    this.lastQuote = 0;
  }

  space(): void {
    if (this.length === 0 || this.bytes[this.length - 1] === SPACE) return;
    this.byte(SPACE);
  }

  /** A doubled quote ends one text and begins the next, which comes to the same: they are one. */
  quoted(command: Buffer, from: number, to: number, quote: number): void {
    if (this.keepQuoted) {
      if (this.length + to - from > this.bytes.length) this.grow(to - from);
      command.copy(this.bytes, this.length, from, to);
      this.length += to - from;
      return;
    }
    if (this.lastQuote === quote) return;
    this.byte(quote);
    this.byte(quote);
    this.lastQuote = quote;
  }

  text(): string {
    const end = this.bytes[this.length - 1] === SPACE ? this.length - 1 : this.length;
    return this.bytes.toString('latin1', 0, Math.max(0, end));
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
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + by));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
