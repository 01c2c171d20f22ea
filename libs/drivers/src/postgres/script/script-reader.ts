import { DomainError } from '@app/domain';
import { CopyDataScanner } from './copy-data-scanner.js';
import { FunctionBodyTracker } from './function-body-tracker.js';
import { isWordAt, Lexer } from './lexer.js';
import { settingOf, standardStringsOf } from './script-settings.js';
import type { ScriptSetting } from './script-settings.js';
import { copiesFromStdin, tokensOf } from './statement-tokens.js';

/** A piece of a dump script, in order. `offset` is where it begins, in bytes of the script. */
export type ScriptPart =
  /** One command, without the closing semicolon; begins with its first word. */
  | ScriptStatement
  /** A backslash outside of quotes, to the end of its line: what psql would obey and we never do. */
  | { kind: 'meta'; command: string; offset: number; insideStatement: boolean }
  /** Rows for the COPY that the consumer has begun. Valid until the next part is asked for. */
  | { kind: 'copy-data'; data: Buffer }
  | { kind: 'copy-end' };

/** A command of a script. */
export interface Command {
  /** All of it; of an INSERT the beginning, where the reader keeps no more. */
  text: Buffer;
  offset: number;
  /** The setting `standard_conforming_strings` by which it is to be read. */
  standardStrings: boolean;
  /** What it sets, if it sets something. */
  setting: ScriptSetting | undefined;
}

export interface ScriptStatement extends Command {
  kind: 'statement';
  /** It is a COPY that takes rows from the script, so that {@link ScriptReader.beginCopyData} is due. */
  copiesRows: boolean;
}

/** Is told the words and symbols of each statement, outside of quotes and comments. */
export interface WordListener {
  /** A new statement begins. */
  reset(): void;
  /** A word, at bytes `from` to `to` of `buffer`. */
  word(buffer: Buffer, from: number, to: number): void;
  symbol(byte: number): void;
}

export interface ScriptReaderOptions {
  /** Of an INSERT no more than the beginning is kept, however long it is. */
  insertHeads?: boolean;
  listener?: WordListener;
}

/** One command is sent to the server as one message; its own limit is 1 GB. */
const MAX_STATEMENT_BYTES = 512 * 1024 * 1024;
/** A token that we must see whole (a word, the tag of a dollar quote, a meta-command); real ones have some 60 bytes. */
const MAX_TOKEN_BYTES = 64 * 1024;
/** More than the names and columns of any INSERT. */
const HEAD_BYTES = 512 * 1024;

const NEWLINE = 0x0a;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Splits a dump script into commands and COPY data as it streams by, with the rules of {@link Lexer} and psql's idea of where
 * a command ends. Feed it with {@link push} and iterate what it yields *before* the next push: the consumer answers a
 * COPY command with {@link beginCopyData} before it asks for the next part. Memory is bounded by the largest single command
 * that is kept.
 */
export class ScriptReader {
  private readonly lexer = new Lexer(true);
  private inCopy = false;
  /** Bytes of the script before `buffer`. */
  private base = 0;
  private buffer: Buffer = Buffer.alloc(0);
  /** Where in `buffer` the part of the command begins that is not in `pieces` yet; -1 between commands. */
  private start = -1;
  private statementOffset = 0;
  private pieces: Buffer[] = [];
  private piecesBytes = 0;
  private parens = 0;
  private isInsert = false;
  private readonly body = new FunctionBodyTracker();
  private copy = new CopyDataScanner();

  constructor(private readonly options: ScriptReaderOptions = {}) {}

  /** The server's standard_conforming_strings, as the script has set it so far. */
  get standardStrings(): boolean {
    return this.lexer.standardStrings;
  }

  set standardStrings(value: boolean) {
    this.lexer.standardStrings = value;
  }

  /** No open command has anything before this offset of the script. */
  get finishedOffset(): number {
    return this.start === -1 ? this.base + this.lexer.at : this.statementOffset;
  }

  *push(chunk: Buffer): Generator<ScriptPart, void, undefined> {
    const rest = this.buffer.subarray(this.lexer.at);
    this.base += this.lexer.at;
    this.buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.lexer.enter(this.buffer);
    if (this.start !== -1) this.start = 0;
    yield* this.read(false);
    this.keepOpenStatement();
  }

  /** The script is over. Fails with BACKUP_DAMAGED when it stops in the middle of something. */
  *end(): Generator<ScriptPart, void, undefined> {
    yield* this.read(true);
    if (this.inCopy) throw damaged('ends in the middle of table data');
    if (this.start !== -1) throw damaged('ends in the middle of a command');
    if (this.lexer.inBlockComment) throw damaged('ends in the middle of a comment');
  }

  /** The command just yielded was a COPY that the server wants rows for: what follows its line are the rows. */
  beginCopyData(): void {
    this.inCopy = true;
    this.copy = new CopyDataScanner();
  }

  private *read(final: boolean): Generator<ScriptPart, void, undefined> {
    if (this.base === 0 && this.lexer.at === 0 && !this.skipByteOrderMark(final)) return;
    for (;;) {
      if (this.inCopy) {
        yield* this.copyData();
        // It ended, and code goes on behind it; or all of the chunk was data.
        if (this.inCopy) return;
      }
      const part = this.code(final);
      if (part === undefined) return;
      yield part;
    }
  }

  private skipByteOrderMark(final: boolean): boolean {
    const matches = BYTE_ORDER_MARK.filter((byte, index) => this.buffer[index] === byte).length;
    if (this.buffer.length < 3 && matches === this.buffer.length && !final) return false;
    if (matches === 3) this.lexer.at = 3;
    return true;
  }

  /** Reads to the next part; undefined when there is none in what is known. */
  private code(final: boolean): ScriptPart | undefined {
    const { lexer, buffer, body } = this;
    const { listener } = this.options;
    for (;;) {
      const kind = lexer.next(final);
      if (kind === undefined) {
        if (this.start === -1 && lexer.inToken) this.open(lexer.from);
        else this.requireShort(buffer.length - lexer.at);
        return undefined;
      }
      if (kind === 'symbol') {
        const byte = buffer[lexer.from] ?? 0;
        if (byte === BACKSLASH) {
          const part = this.metaCommand(final);
          if (part === undefined) lexer.at = lexer.from;
          return part;
        }
        if (byte === SEMICOLON && this.parens === 0 && body.depth === 0) {
          if (this.start !== -1) return this.close(lexer.from);
          continue;
        }
        if (this.start === -1) this.open(lexer.from);
        if (byte === OPEN) this.parens += 1;
        else if (byte === CLOSE && this.parens > 0) this.parens -= 1;
        body.other();
        listener?.symbol(byte);
      } else {
        if (this.start === -1) this.open(lexer.from);
        if (kind === 'word') {
          if (body.isFirst) this.isInsert = isWordAt(buffer, lexer.from, lexer.at, INSERT);
          body.word(buffer, lexer.from, lexer.at, this.parens);
          listener?.word(buffer, lexer.from, lexer.at);
        } else {
          body.other();
        }
      }
    }
  }

  /** A command begins here. */
  private open(at: number): void {
    this.start = at;
    this.statementOffset = this.base + at;
    this.isInsert = false;
    this.parens = 0;
    this.body.reset();
    this.options.listener?.reset();
  }

  private metaCommand(final: boolean): ScriptPart | undefined {
    const { lexer, buffer } = this;
    const newline = buffer.indexOf(NEWLINE, lexer.from);
    if (newline === -1 && !final) {
      this.requireShort(buffer.length - lexer.from);
      return undefined;
    }
    const end = newline === -1 ? buffer.length : newline;
    const command = buffer
      .subarray(lexer.from, Math.min(end, lexer.from + 200))
      .toString('utf8')
      .trimEnd();
    lexer.at = end;
    const insideStatement = this.start !== -1;
    // It begins a session of its own.
    if (!insideStatement && /^\\c(onnect)?(\s|$)/.test(command)) lexer.standardStrings = true;
    return { kind: 'meta', command, offset: this.base + lexer.from, insideStatement };
  }

  private *copyData(): Generator<ScriptPart, void, undefined> {
    const result = this.copy.scan(this.buffer, this.lexer.at);
    this.lexer.at = result.next;
    if (result.data.length > 0) yield { kind: 'copy-data', data: result.data };
    if (!result.ended) return;
    this.inCopy = false;
    yield { kind: 'copy-end' };
  }

  private close(end: number): ScriptStatement {
    const { standardStrings } = this.lexer;
    this.keep(this.buffer.subarray(this.start, end));
    const text = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    this.pieces = [];
    this.piecesBytes = 0;
    this.start = -1;
    const setting = settingOf(text, standardStrings);
    this.lexer.standardStrings = standardStringsOf(setting) ?? standardStrings;
    const copiesRows = isWordAt(text, 0, COPY.length, COPY) && copiesFromStdin(tokensOf(text, standardStrings));
    return { kind: 'statement', text, offset: this.statementOffset, standardStrings, setting, copiesRows };
  }

  /** Keeps what was read of an open command, so that the next chunk adds to it without copying it. */
  private keepOpenStatement(): void {
    if (this.start === -1) return;
    this.keep(this.buffer.subarray(this.start, this.lexer.at));
    this.start = this.lexer.at;
  }

  private keep(piece: Buffer): void {
    const isHead = this.isInsert && this.options.insertHeads === true;
    const room = isHead ? HEAD_BYTES - this.piecesBytes : piece.length;
    if (room <= 0) return;
    if (piece.length > 0 || this.pieces.length === 0) this.pieces.push(piece.subarray(0, room));
    this.piecesBytes += Math.min(piece.length, room);
    if (this.piecesBytes > MAX_STATEMENT_BYTES) throw damaged('holds a command of absurd length');
  }

  private requireShort(length: number): void {
    if (length > MAX_TOKEN_BYTES) throw damaged('holds a word of absurd length');
  }
}

const INSERT = Buffer.from('insert');
const COPY = Buffer.from('copy');

function damaged(how: string): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The dump ${how}.`, {
    hint: 'The file is cut off or altered: use another backup.',
  });
}
