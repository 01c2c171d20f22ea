import { DomainError } from '@app/domain';
import { CopyDataScanner } from './copy-data-scanner.js';
import { FunctionBodyTracker } from './function-body-tracker.js';
import { skipQuoted } from './quoted-text.js';
import type { Quoted } from './quoted-text.js';

/** A piece of a dump script, in order. `offset` is where it begins, in bytes of the script. */
export type ScriptPart =
  /** One command, without the closing semicolon; begins with its first word. */
  | { kind: 'statement'; text: Buffer; offset: number }
  /** A backslash outside of quotes, to the end of its line: what psql would obey and we never do. */
  | { kind: 'meta'; command: string; offset: number; insideStatement: boolean }
  /** Rows for the COPY that the consumer has begun. Valid until the next part is asked for. */
  | { kind: 'copy-data'; data: Buffer }
  | { kind: 'copy-end' };

/** One command is sent to the server as one message; its own limit is 1 GB. */
const MAX_STATEMENT_BYTES = 512 * 1024 * 1024;
/** A token that we must see whole (a word, the tag of a dollar quote, a meta-command); real ones have some 60 bytes. */
const MAX_TOKEN_BYTES = 64 * 1024;

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const DOLLAR = 0x24;
const QUOTE = 0x27;
const OPEN = 0x28;
const CLOSE = 0x29;
const STAR = 0x2a;
const DASH = 0x2d;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/** Bytes that an identifier or number can go on with, as the server's own lexer has it: letters, digits, `_`, `$`, ≥ 0x80. */
const WORD_BYTE = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const char = String.fromCharCode(byte);
  WORD_BYTE[byte] = byte >= 0x80 || /[A-Za-z0-9_$]/.test(char) ? 1 : 0;
}

type State = { in: 'code' } | { in: 'copy' } | Quoted;

const CODE: State = { in: 'code' };

/**
 * Splits a dump script into commands and COPY data as it streams by, with the rules of the server's lexer and psql's idea of where
 * a command ends. Feed it with {@link push} and iterate what it yields *before* the next push: the consumer answers a
 * COPY command with {@link beginCopyData} before it asks for the next part. Memory is bounded by the largest single command.
 */
export class SqlScriptScanner {
  /** The server's standard_conforming_strings: off makes a backslash special in every string. */
  standardStrings = true;

  private state: State = CODE;
  /** Bytes of the script before `buffer`. */
  private base = 0;
  private buffer: Buffer = Buffer.alloc(0);
  private pos = 0;
  /** Where in `buffer` the part of the command begins that is not in `pieces` yet; -1 between commands. */
  private start = -1;
  private statementOffset = 0;
  private pieces: Buffer[] = [];
  private piecesBytes = 0;
  private parens = 0;
  private readonly body = new FunctionBodyTracker();
  /** After E'…': a string continued on a later line is an E string too. 1: just closed, 2: a line break since. */
  private continuation: 0 | 1 | 2 = 0;
  private copy = new CopyDataScanner();

  /** No open command has anything before this offset of the script. */
  get finishedOffset(): number {
    return this.start === -1 ? this.base + this.pos : this.statementOffset;
  }

  *push(chunk: Buffer): Generator<ScriptPart, void, undefined> {
    const rest = this.buffer.subarray(this.pos);
    this.base += this.pos;
    this.buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.pos = 0;
    if (this.start !== -1) this.start = 0;
    yield* this.scan(false);
    this.keepOpenStatement();
  }

  /** The script is over. Fails with BACKUP_DAMAGED when it stops in the middle of something. */
  *end(): Generator<ScriptPart, void, undefined> {
    yield* this.scan(true);
    if (this.state.in === 'copy') throw damaged('ends in the middle of table data');
    if (this.start !== -1) throw damaged('ends in the middle of a command');
    if (this.state.in === 'block-comment') throw damaged('ends in the middle of a comment');
  }

  /** The command just yielded was a COPY that the server wants rows for: what follows its line are the rows. */
  beginCopyData(): void {
    this.state = { in: 'copy' };
    this.copy = new CopyDataScanner();
  }

  private *scan(final: boolean): Generator<ScriptPart, void, undefined> {
    if (this.base === 0 && this.pos === 0 && !this.skipByteOrderMark(final)) return;
    for (;;) {
      if (this.state.in === 'copy') {
        yield* this.copyData();
        // It ended, and code goes on behind it; or all of the chunk was data.
        if (this.state.in === 'copy') return;
      } else if (this.state.in === 'code') {
        const part = this.code(final);
        if (part === 'more') return;
        if (part !== 'changed') yield part;
      } else if (!this.quoted(this.state)) {
        return;
      }
    }
  }

  private skipByteOrderMark(final: boolean): boolean {
    const mark = [0xef, 0xbb, 0xbf];
    const matches = mark.filter((byte, index) => this.buffer[index] === byte).length;
    if (this.buffer.length < 3 && matches === this.buffer.length && !final) return false;
    if (matches === 3) this.pos = 3;
    return true;
  }

  /** Scans outside of quotes up to the next part, a change of state, or the end of what is known. */
  private code(final: boolean): ScriptPart | 'changed' | 'more' {
    const { buffer } = this;
    const end = buffer.length;
    while (this.pos < end) {
      const byte = buffer[this.pos] ?? 0;
      if (byte === NEWLINE || byte === RETURN) {
        if (this.continuation === 1) this.continuation = 2;
        this.pos += 1;
      } else if (byte === SPACE || (byte >= TAB && byte < RETURN)) {
        this.pos += 1;
      } else if (byte === DASH || byte === SLASH) {
        const next = buffer[this.pos + 1];
        if (next === undefined && !final) return 'more';
        if (byte === DASH && next === DASH) return this.enter({ in: 'line-comment' }, 2);
        if (byte === SLASH && next === STAR) return this.enter({ in: 'block-comment', depth: 1 }, 2);
        this.token();
        this.pos += 1;
      } else if (byte === QUOTE) {
        const escapes = !this.standardStrings || this.continuation === 2;
        this.token();
        return this.enter({ in: 'string', escapes }, 1);
      } else if (byte === DOUBLE_QUOTE) {
        this.token();
        this.body.other();
        return this.enter({ in: 'identifier' }, 1);
      } else if (byte === DOLLAR) {
        const length = this.dollarTag(final);
        if (length === undefined) return 'more';
        this.token();
        if (length > 0) {
          const tag = Buffer.from(buffer.subarray(this.pos, this.pos + length));
          return this.enter({ in: 'dollar', tag }, length);
        }
        this.pos += 1;
      } else if (byte === BACKSLASH) {
        return this.metaCommand(final);
      } else if (byte === SEMICOLON) {
        this.pos += 1;
        if (this.parens === 0 && this.body.depth === 0) {
          const statement = this.closeStatement();
          if (statement !== undefined) return statement;
        }
      } else if (WORD_BYTE[byte] === 1) {
        if (!this.word(final)) return 'more';
        if (this.state.in !== 'code') return 'changed';
      } else {
        this.token();
        if (byte === OPEN) this.parens += 1;
        else if (byte === CLOSE && this.parens > 0) this.parens -= 1;
        this.body.other();
        this.pos += 1;
      }
    }
    return 'more';
  }

  /** Something that belongs to a command begins here. */
  private token(): void {
    this.continuation = 0;
    if (this.start !== -1) return;
    this.start = this.pos;
    this.statementOffset = this.base + this.pos;
  }

  private enter(state: State, skip: number): 'changed' {
    this.state = state;
    this.pos += skip;
    return 'changed';
  }

  /** A whole word; false when the chunk ends in it. `E'` begins a string with escapes. */
  private word(final: boolean): boolean {
    const { buffer } = this;
    let end = this.pos + 1;
    while (end < buffer.length && WORD_BYTE[buffer[end] ?? 0] === 1) end += 1;
    if (end === buffer.length && !final) return this.mustWait(end - this.pos);
    this.token();
    const first = buffer[this.pos];
    if (end - this.pos === 1 && buffer[end] === QUOTE && (first === 0x45 || first === 0x65)) {
      this.enter({ in: 'string', escapes: true }, 2);
      return true;
    }
    this.body.word(buffer, this.pos, end, this.parens);
    this.pos = end;
    return true;
  }

  /** Length of the `$tag$` here; 0 when it is a lone dollar, undefined when more must be known. */
  private dollarTag(final: boolean): number | undefined {
    const { buffer } = this;
    let end = this.pos + 1;
    while (end < buffer.length) {
      const byte = buffer[end] ?? 0;
      if (byte === DOLLAR) return end + 1 - this.pos;
      const digit = byte >= 0x30 && byte <= 0x39;
      if (WORD_BYTE[byte] === 0 || (digit && end === this.pos + 1)) return 0;
      end += 1;
    }
    if (final) return 0;
    this.mustWait(end - this.pos);
    return undefined;
  }

  private metaCommand(final: boolean): ScriptPart | 'more' {
    const newline = this.buffer.indexOf(NEWLINE, this.pos);
    if (newline === -1 && !final) {
      this.mustWait(this.buffer.length - this.pos);
      return 'more';
    }
    const end = newline === -1 ? this.buffer.length : newline;
    const command = this.buffer
      .subarray(this.pos, Math.min(end, this.pos + 200))
      .toString('utf8')
      .trimEnd();
    const part = { kind: 'meta', command, offset: this.base + this.pos, insideStatement: this.start !== -1 } as const;
    this.pos = end;
    return part;
  }

  private mustWait(length: number): false {
    if (length > MAX_TOKEN_BYTES) throw damaged('holds a word of absurd length');
    return false;
  }

  /** Skips to the end of a quoted thing or comment; false when it is not in this chunk. */
  private quoted(state: Quoted): boolean {
    const { next, ended } = skipQuoted(this.buffer, this.pos, state);
    this.pos = next;
    if (!ended) return false;
    if (state.in === 'string' && state.escapes) this.continuation = 1;
    this.state = CODE;
    return true;
  }

  private *copyData(): Generator<ScriptPart, void, undefined> {
    const result = this.copy.scan(this.buffer, this.pos);
    this.pos = result.next;
    if (result.data.length > 0) yield { kind: 'copy-data', data: result.data };
    if (!result.ended) return;
    this.state = CODE;
    yield { kind: 'copy-end' };
  }

  private closeStatement(): ScriptPart | undefined {
    this.body.reset();
    this.continuation = 0;
    if (this.start === -1) return undefined;
    this.pieces.push(this.buffer.subarray(this.start, this.pos - 1));
    const text = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    this.pieces = [];
    this.piecesBytes = 0;
    this.start = -1;
    return { kind: 'statement', text, offset: this.statementOffset };
  }

  /** Keeps the scanned part of an open command, so that the next chunk adds to it without copying it. */
  private keepOpenStatement(): void {
    if (this.start === -1) return;
    const piece = this.buffer.subarray(this.start, this.pos);
    if (piece.length > 0) this.pieces.push(piece);
    this.piecesBytes += piece.length;
    this.start = this.pos;
    if (this.piecesBytes > MAX_STATEMENT_BYTES) throw damaged('holds a command of absurd length');
  }
}

function damaged(how: string): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The dump ${how}.`, {
    hint: 'The file is cut off or altered: use another backup.',
  });
}
