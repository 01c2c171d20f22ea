import { DomainError } from '@app/domain';
import { DOLLAR_QUOTE, ScriptQuoting } from './script-quoting.js';

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
/** The longest statement of any other kind, which is judged by all that it says (FAILURES 60). */
const STATEMENT_LENGTH = 64 * 1024 * 1024;
/** The first line of newer MariaDB dumps: a command, but one that only takes rights away. */
const SANDBOX_COMMENT = /\/\*M?!999999\\- enable the sandbox mode \*\//y;
/** The length of a comment for those who look for what a dump tool says there. */
const COMMENT_LENGTH = 300;
/** The longest thing that must be seen whole to be understood: a DELIMITER line. */
const LOOKAHEAD = 256;
const DELIMITER_WORD = /delimiter\s/i;
/** A no-break space is none of them: in UTF-8 its byte is a part of letters. */
const BLANKS = /[\t-\r ]+/g;

type Mode = 'code' | "'" | '"' | '`' | 'dollar quote' | 'line comment' | 'block comment';

const QUOTE_ENDS: Readonly<Record<string, RegExp>> = { "'": /['\\\n]/g, '"': /["\\\n]/g, '`': /[`\n]/g };

/**
 * Cuts a script into statements as it streams by, by the rules of the `mysql` and `mariadb` clients: quotes, comments,
 * DELIMITER. Constant memory, whatever the length of a statement of rows. Bytes are read as Latin-1, which leaves the ASCII that
 * matters in place in UTF-8 text. Whether backslashes escape follows from the sql_mode that the script sets.
 */
export class ScriptReader {
  private pending = '';
  private mode: Mode = 'code';
  private line = 1;
  private head = '';
  /** To ask `head` itself would copy all of it each time. */
  private endsWithSpace = false;
  private headLine = 1;
  /** Offsets in the script: where the text that is read begins, and where its open statement begins. */
  private base = 0;
  private position = 0;
  private headFrom = 0;
  private openedAt: number | undefined;
  /** Whether it is a statement of rows; undefined while its first word is not known. */
  private isRows: boolean | undefined;
  /** Whether the listener has got the beginning of a statement of rows. */
  private hasRowsHead = false;
  private inExecutable = false;
  private atLineStart = true;
  private comment = '';
  private delimiter = ';';
  private readonly quoting = new ScriptQuoting();
  /** The end of the dollar quote. */
  private dollarQuote = '';
  private special = specialFor(';');

  constructor(private readonly listener: ScriptListener) {}

  push(chunk: Buffer): void {
    const text = this.pending + chunk.toString('latin1');
    this.pending = this.read(text, false);
    this.base += text.length - this.pending.length;
    if (this.isRows === true && this.base - this.headFrom > ROWS_HEAD_BYTES) this.giveRowsHead();
  }

  end(): void {
    this.read(this.pending, true);
    this.base += this.pending.length;
    this.pending = '';
    this.finishStatement(this.base);
  }

  /** No open statement has anything before this offset of the script, but for one of rows whose beginning is known. */
  get finishedOffset(): number {
    if (this.head === '' || this.hasRowsHead) return Math.min(this.openedAt ?? this.base, this.base);
    return this.headFrom;
  }

  /** From where the bytes of the script are still needed by who wants its statements whole. */
  get openOffset(): number {
    return this.head === '' ? Math.min(this.openedAt ?? this.base, this.base) : this.headFrom;
  }

  /** Whether a backslash escapes within quotes now. */
  get backslashEscapes(): boolean {
    return this.quoting.backslashEscapes;
  }

  /** The mark that ends a statement now. */
  get endMark(): string {
    return this.delimiter;
  }

  /** Reads on to where more input is needed, and returns the unread rest. */
  private read(text: string, last: boolean): string {
    let at = 0;
    while (at < text.length) {
      this.position = this.base + at;
      const next = this.step(text, at, last);
      if (next === undefined) return text.slice(at);
      at = next;
    }
    return '';
  }

  private step(text: string, at: number, last: boolean): number | undefined {
    switch (this.mode) {
      case 'code':
        return this.readCode(text, at, last);
      case 'line comment':
        return this.skipLineComment(text, at);
      case 'block comment':
        return this.skipBlockComment(text, at, last);
      case 'dollar quote':
        return this.readDollarQuoted(text, at, last);
      default:
        return this.readQuoted(text, at, last, this.mode);
    }
  }

  private readCode(text: string, at: number, last: boolean): number | undefined {
    if (this.atLineStart) {
      if (!last && text.length - at < LOOKAHEAD && !text.includes('\n', at)) return undefined;
      const afterCommand = this.readDelimiterCommand(text, at);
      if (afterCommand !== undefined) return afterCommand;
      this.atLineStart = false;
    }
    this.special.lastIndex = at;
    const found = this.special.exec(text);
    const end = found?.index ?? text.length;
    this.append(text, at, end);
    if (found === null) return end;
    // Comment openers, escapes and delimiters are longer than one character.
    // Each of them is on one line.
    if (!last && text.length - end < LOOKAHEAD && !text.includes('\n', end)) return end > at ? end : undefined;
    return this.readSpecial(text, end);
  }

  /** `DELIMITER xx` alone on a line: the rest of the line is the new delimiter. */
  private readDelimiterCommand(text: string, at: number): number | undefined {
    const match = /[ \t\r]*delimiter[ \t]+(\S+)[^\n]*/iy;
    match.lastIndex = at;
    const found = match.exec(text);
    if (found?.[1] === undefined) return undefined;
    if (this.head.trim() !== '') {
      this.listener.command(found[0].trim(), this.line);
      return undefined;
    }
    this.delimiter = found[1];
    this.special = specialFor(this.delimiter);
    return match.lastIndex;
  }

  private readSpecial(text: string, at: number): number {
    if (text.startsWith(this.delimiter, at)) {
      this.finishStatement(this.base + at + this.delimiter.length);
      return at + this.delimiter.length;
    }
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    switch (character) {
      case '\n':
        this.newLine();
        this.append('\n', 0, 1);
        return at + 1;
      case "'":
      case '"':
      case '`':
        this.mode = character;
        break;
      case '$': {
        DOLLAR_QUOTE.lastIndex = at;
        const opening = /\bAS $/i.test(this.head) ? DOLLAR_QUOTE.exec(text)?.[0] : undefined;
        if (opening === undefined) break;
        this.append(text, at, at + opening.length);
        this.dollarQuote = opening;
        this.mode = 'dollar quote';
        return at + opening.length;
      }
      case '#':
        this.mode = 'line comment';
        return at + 1;
      case '-':
        // Before a statement the clients take any `--` for a comment, elsewhere only with white space behind it, or a control character.
        if (next === '-' && (this.head.trim() === '' || /^[\0- \x7f]?$/.test(text.charAt(at + 2)))) {
          this.mode = 'line comment';
          return at + 2;
        }
        break;
      case '/':
        if (next === '*') return this.openComment(text, at);
        break;
      case '*':
        if (next === '/' && this.inExecutable) {
          this.inExecutable = false;
          if (this.head === '') this.openedAt = undefined;
          this.append(' ', 0, 1);
          return at + 2;
        }
        break;
      case '\\':
        this.listener.command(`\\${next}`, this.line);
        return at + 2;
      default:
    }
    this.append(text, at, at + 1);
    return at + 1;
  }

  private openComment(text: string, at: number): number {
    SANDBOX_COMMENT.lastIndex = at;
    if (SANDBOX_COMMENT.test(text)) return SANDBOX_COMMENT.lastIndex;
    const executable = /\/\*M?!\d*/y;
    executable.lastIndex = at;
    if (executable.test(text)) {
      this.inExecutable = true;
      this.openedAt ??= this.base + at;
      this.append(' ', 0, 1);
      return executable.lastIndex;
    }
    this.mode = 'block comment';
    return at + 2;
  }

  private skipLineComment(text: string, at: number): number {
    const end = text.indexOf('\n', at);
    const room = COMMENT_LENGTH - this.comment.length;
    if (room > 0) this.comment += text.slice(at, Math.min(at + room, end === -1 ? text.length : end));
    if (end === -1) return text.length;
    this.listener.comment?.(this.comment);
    this.comment = '';
    this.mode = 'code';
    return end;
  }

  private skipBlockComment(text: string, at: number, last: boolean): number | undefined {
    const end = text.indexOf('*/', at);
    // The last character may be the asterisk of the end.
    const stop = end === -1 ? text.length - (last ? 0 : 1) : end;
    for (let i = text.indexOf('\n', at); i !== -1 && i < stop; i = text.indexOf('\n', i + 1)) this.line += 1;
    if (end === -1) return stop > at ? stop : undefined;
    this.mode = 'code';
    this.append(' ', 0, 1);
    return end + 2;
  }

  private readQuoted(text: string, at: number, last: boolean, quote: string): number | undefined {
    const ends = QUOTE_ENDS[quote] as RegExp;
    ends.lastIndex = at;
    const found = ends.exec(text);
    const end = found?.index ?? text.length;
    this.append(text, at, end);
    if (found === null) return end;
    const character = found[0];
    if (character === '\\' && !this.quoting.backslashEscapes) {
      this.append(text, end, end + 1);
      return end + 1;
    }
    if (character === '\\') {
      if (end + 1 >= text.length && !last) return end > at ? end : undefined;
      if (text.charAt(end + 1) === '\n') this.line += 1;
      this.append(text, end, end + 2);
      return end + 2;
    }
    // A doubled quote ends one text and begins the next, which comes to the same.
    if (character === '\n') this.line += 1;
    else this.mode = 'code';
    this.append(text, end, end + 1);
    return end + 1;
  }

  private readDollarQuoted(text: string, at: number, last: boolean): number | undefined {
    const { dollarQuote } = this;
    const found = text.indexOf(dollarQuote, at);
    const end =
      found === -1 ? Math.max(at, text.length - (last ? 0 : dollarQuote.length - 1)) : found + dollarQuote.length;
    if (found === -1 && end === at && !last) return undefined;
    for (let i = text.indexOf('\n', at); i !== -1 && i < end; i = text.indexOf('\n', i + 1)) this.line += 1;
    this.append(text, at, end);
    if (found !== -1) this.mode = 'code';
    return end;
  }

  private append(text: string, from: number, to: number): void {
    if (to <= from) return;
    if (this.mode === 'code') this.appendCode(text.slice(from, to));
    else {
      if (this.head === '') this.headFrom = this.openedAt ?? this.position;
      this.add(text.slice(from, to));
    }
  }

  private appendCode(part: string): void {
    if (DELIMITER_WORD.test(part)) this.listener.command('delimiter', this.line);
    const spaced = part.replace(BLANKS, ' ');
    if (this.head !== '') {
      this.add(this.endsWithSpace ? spaced.trimStart() : spaced);
    } else if (spaced !== ' ') {
      this.headLine = this.line;
      this.headFrom = this.openedAt ?? this.position + part.length - part.trimStart().length;
      this.add(spaced.trimStart());
    }
  }

  private add(part: string): void {
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
    if (part !== '') this.endsWithSpace = part.endsWith(' ');
    if (this.head.length > STATEMENT_LENGTH) {
      throw new DomainError(
        'BACKUP_UNSAFE',
        `The dump holds a statement of more than 64 MB on line ${this.headLine}.`,
        {
          hint: 'Only statements of rows may be that long. Nothing was loaded.',
        },
      );
    }
  }

  private giveRowsHead(): void {
    if (this.hasRowsHead) return;
    this.hasRowsHead = true;
    this.listener.rows?.({ text: this.head, line: this.headLine, from: this.headFrom });
  }

  private newLine(): void {
    this.line += 1;
    this.atLineStart = true;
  }

  private finishStatement(to: number): void {
    if (this.head !== '') this.quoting.see(this.head);
    if (this.head !== '') this.listener.statement({ text: this.head, line: this.headLine, from: this.headFrom, to });
    this.openedAt = undefined;
    this.head = '';
    this.endsWithSpace = false;
    this.isRows = undefined;
    this.hasRowsHead = false;
    this.inExecutable = false;
  }
}

/** With single spaces. */
export function oneLine(text: string): string {
  return text.replace(BLANKS, ' ').replace(/^ | $/g, '');
}

/** Where code may turn into something else: quotes, comments, line ends, client commands, the delimiter. */
function specialFor(delimiter: string): RegExp {
  const first = delimiter.charAt(0).replace(/[\\\]^-]/, '\\$&');
  return new RegExp(`['"\`#$\\-/*\\n\\\\${first}]`, 'g');
}
