import { HASH } from './lexer/lexical-rules.js';
import { ScriptLexer } from './lexer/script-lexer.js';
import { requireLength } from './lexer/statement-notes.js';
import type { Span } from './lexer/script-lexer.js';

/** One statement, as the client would cut it out of a script. */
export interface ScriptStatement {
  /**
   * All of it, but of INSERT and REPLACE only the beginning, which names the table: comments taken out, the content of
   * executable ones left in, white space outside of quotes as single spaces.
   */
  text: string;
  /** Where it begins, from 1. */
  line: number;
  /** Its bytes in the script: with the delimiter, and the opening of an executable comment that it begins in. */
  from: number;
  to: number;
}

export interface ScriptListener {
  statement(statement: ScriptStatement): void;
  /** The same statement later, which is one of rows: its beginning is there, and its bytes from there on were not finished yet. */
  rows?(statement: Omit<ScriptStatement, 'to'>): void;
  /** Something that the client itself would obey: `\!`, or a DELIMITER in the middle of a line. */
  command(command: string, line: number): void;
  /** The beginning of a comment that goes to the end of its line, without what opens it. */
  comment?(text: string): void;
}

/** The length within which a statement of rows has its words and names. */
const ROWS_HEAD_LENGTH = 2_000;
const ROWS = /^(INSERT|REPLACE)\b/i;
const ROWS_WORD_LENGTH = 8;
/** So far its bytes are waited for: blanks and comments make it longer than its text. */
const ROWS_HEAD_BYTES = 64 * 1024;
/** The length of a comment for those who look for what a dump tool says there. */
const COMMENT_LENGTH = 300;
const DELIMITER_WORD = /delimiter[^\S\n]/i;
const DELIMITER_WORDS = new RegExp(DELIMITER_WORD, 'gi');
const DELIMITER_LENGTH = 10;
const BLANKS = /[\t-\r ]+/g;

/**
 * Cuts a script into statements as it streams by, by the spans of a {@link ScriptLexer}. Constant memory, whatever the length of a
 * statement of rows. Bytes are read as Latin-1, which leaves the ASCII that matters in place in UTF-8 text.
 */
export class ScriptReader {
  private readonly lexer = new ScriptLexer();
  private head = '';
  /** To ask `head` itself would copy all of it each time. */
  private endsWithSpace = false;
  private headLine = 1;
  /** Offsets in the script: where its open statement begins, and where the executable comment that it begins in. */
  private headFrom = 0;
  private openedAt: number | undefined;
  /** Whether it is a statement of rows; undefined while its first word is not known. */
  private isRows: boolean | undefined;
  /** Whether the listener has got the beginning of a statement of rows. */
  private hasRowsHead = false;
  /** The beginning of the comment that is read. */
  private comment: string | undefined;

  constructor(private readonly listener: ScriptListener) {}

  push(chunk: Buffer): void {
    this.lexer.push(chunk);
    this.read();
    if (this.isRows === true && this.lexer.offset - this.headFrom > ROWS_HEAD_BYTES) this.giveRowsHead();
  }

  end(): void {
    this.lexer.end();
    this.read();
    this.finishStatement(this.lexer.offset);
  }

  /** No open statement has anything before this offset of the script, but for one of rows whose beginning is known. */
  get finishedOffset(): number {
    return this.hasRowsHead ? Math.min(this.openedAt ?? this.lexer.offset, this.lexer.offset) : this.openOffset;
  }

  /** From where the bytes of the script are still needed by who wants its statements whole. */
  get openOffset(): number {
    return this.head === '' ? Math.min(this.openedAt ?? this.lexer.offset, this.lexer.offset) : this.headFrom;
  }

  /** Whether a backslash escapes within quotes now. */
  get backslashEscapes(): boolean {
    return this.lexer.quoting.backslashEscapes;
  }

  /** The mark that ends a statement now. */
  get endMark(): Buffer {
    return this.lexer.delimiter;
  }

  private read(): void {
    for (let span = this.lexer.next(); span !== undefined; span = this.lexer.next()) this.take(span);
  }

  private take(span: Span): void {
    const { lexer } = this;
    switch (span) {
      case 'code':
        return this.takeCode();
      case 'quoted':
        return this.takeQuoted();
      case 'line comment':
        return this.takeLineComment();
      case 'comment':
        if (lexer.isWhole) this.addSpaced(' ');
        return;
      case 'executable':
        this.openedAt ??= lexer.base + lexer.from;
        return this.addSpaced(' ');
      case 'executable end':
        if (this.head === '') this.openedAt = undefined;
        return this.addSpaced(' ');
      case 'command':
        return this.listener.command(this.spanText(), lexer.startLine);
      case 'end':
        return this.finishStatement(lexer.base + lexer.to);
      default:
    }
  }

  private spanText(): string {
    const { bytes, from, to } = this.lexer;
    return bytes.toString('latin1', from, to);
  }

  private takeCode(): void {
    const { lexer } = this;
    if (this.isHeadFull && lexer.to - lexer.from < DELIMITER_LENGTH) return;
    const part = this.spanText();
    this.findCommands(part);
    if (this.isHeadFull) return;
    if (this.head === '') {
      const blanks = part.length - part.replace(/^[\t-\r ]+/, '').length;
      this.headLine = lexer.startLine + lineEndsIn(part.slice(0, blanks));
      this.headFrom = this.openedAt ?? lexer.base + lexer.from + blanks;
    }
    this.addSpaced(part.replace(BLANKS, ' '));
  }

  private takeQuoted(): void {
    if (this.isHeadFull) return;
    const { lexer } = this;
    if (this.head === '') {
      this.headLine = lexer.startLine;
      this.headFrom = this.openedAt ?? lexer.base + lexer.from;
    }
    this.add(this.spanText());
  }

  private takeLineComment(): void {
    const { bytes, from, to, isWhole } = this.lexer;
    const opening = this.comment !== undefined ? 0 : bytes[from] === HASH ? 1 : 2;
    this.comment ??= '';
    const room = COMMENT_LENGTH - this.comment.length;
    if (room > 0) this.comment += bytes.toString('latin1', from + opening, Math.min(from + opening + room, to));
    if (!isWhole) return;
    this.listener.comment?.(this.comment);
    this.comment = undefined;
  }

  /** DELIMITER in the middle of a statement. */
  private findCommands(part: string): void {
    if (!DELIMITER_WORD.test(part)) return;
    for (const { 0: word, index } of part.matchAll(DELIMITER_WORDS)) {
      this.listener.command(word.trim(), this.lexer.startLine + lineEndsIn(part.slice(0, index)));
    }
  }

  /** `part`: with single spaces. */
  private addSpaced(part: string): void {
    const isBehindSpace = this.endsWithSpace || this.head === '';
    this.add(isBehindSpace && part.startsWith(' ') ? part.slice(1) : part);
  }

  private get isHeadFull(): boolean {
    return this.isRows === true && this.head.length >= ROWS_HEAD_LENGTH;
  }

  private add(part: string): void {
    if (part === '') return;
    this.isRows ??= this.head.length + part.length < ROWS_WORD_LENGTH ? undefined : ROWS.test(this.head + part);
    if (this.isRows === true) {
      const room = ROWS_HEAD_LENGTH - this.head.length;
      if (room > 0) {
        this.head += part.slice(0, room);
        this.endsWithSpace = this.head.endsWith(' ');
      }
      return;
    }
    this.head += part;
    this.endsWithSpace = part.endsWith(' ');
    requireLength(this.head.length, this.headLine);
  }

  private giveRowsHead(): void {
    if (this.hasRowsHead) return;
    this.hasRowsHead = true;
    this.listener.rows?.({ text: this.head, line: this.headLine, from: this.headFrom });
  }

  private finishStatement(to: number): void {
    if (this.head !== '') this.listener.statement({ text: this.head, line: this.headLine, from: this.headFrom, to });
    this.openedAt = undefined;
    this.head = '';
    this.endsWithSpace = false;
    this.isRows = undefined;
    this.hasRowsHead = false;
  }
}

/** With single spaces. */
export function oneLine(text: string): string {
  return text.replace(BLANKS, ' ').replace(/^ | $/g, '');
}

function lineEndsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
