import { TOKEN_BYTES, beginningAt, openingLength } from './beginnings.js';
import type { Beginning } from './beginnings.js';
import {
  BACKTICK,
  CLOSE,
  COMMA,
  DASH,
  DELIMITER_LINE,
  DOLLAR,
  DOUBLE_QUOTE,
  NEWLINE,
  OPEN,
  QUOTE,
  SLASH,
  STAR,
  bytesOf,
  delimiterSetBy,
  isBlank,
  isOfWord,
} from './lexical-rules.js';
import { ScriptBytes, passPlain } from './script-bytes.js';
import { StatementNotes } from './statement-notes.js';

export type Span =
  /** Code of a statement: words, names without quotes, numbers, signs and blanks. */
  | 'code'
  /** A text or a name with its quotes, or a part of one. */
  | 'quoted'
  /** A comment, or a part of one: to the end of its line, or in brackets. It has ended when {@link ScriptLexer.isWhole}. */
  | 'line comment'
  | 'comment'
  /** The brackets of a comment whose content is code. */
  | 'executable'
  | 'executable end'
  /** A command of the client within a line: a backslash and a letter. */
  | 'command'
  /** A DELIMITER command, without the end of its line. */
  | 'delimiter'
  /** The delimiter that ends a statement, or stands where none is open. */
  | 'end';

type Mode = 'code' | 'dollar quoted' | 'line comment' | 'comment' | 'rest of line';

/** Bytes between two rows that mean nothing, but for line ends. */
const BETWEEN_ROWS = bytesOf(', \t\r\v\f');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a script as it streams by, in the language of the `mysql` and `mariadb` clients: quotes, comments, DELIMITER, the quoting that
 * sql_mode asks for. A chunk is pushed, and {@link next} gives its spans one after the other, as places in {@link bytes}, until more bytes
 * are needed. Memory is constant, whatever the length of a statement, but for SET statements, whose text says how the rest is quoted. The
 * spans are the same however the script is cut into chunks, but for where long ones are parted.
 */
export class ScriptLexer extends ScriptBytes {
  /** The span, as places in {@link bytes}. */
  from = 0;
  to = 0;
  /** Whether the end of the span is that of the comment. */
  isWhole = true;
  /** The line on which the span begins. */
  startLine = 1;
  /** Whether a statement is open. */
  inStatement = false;
  inExecutable = false;
  /** Rows that {@link passRows} has found since it was set. */
  rowCount = 0;

  private mode: Mode = 'code';
  private atLineStart = true;
  /** The last byte of a comment was a star. */
  private starred = false;
  private dollarQuote: Buffer = Buffer.alloc(0);
  /** The brackets that are open in rows. */
  private depth = 0;
  private readonly notes = new StatementNotes();
  private mark: Buffer = Buffer.from(';');
  /** The bytes that may begin something else than code: in any statement, and in rows that are counted. */
  private matters = new Uint8Array(256);
  private mattersInRows = new Uint8Array(256);

  constructor() {
    super();
    this.setDelimiter(this.mark);
  }

  /** What ends a statement now. */
  get delimiter(): Buffer {
    return this.mark;
  }

  /** Whether something is open that has to be closed: a statement, or a comment in brackets. The clients do not send control characters alone. */
  get isOpen(): boolean {
    return (this.inStatement && !this.notes.isEmpty) || this.mode === 'comment';
  }

  get isBehindAs(): boolean {
    return this.at === this.from && this.notes.isBehindAs;
  }

  setDelimiter(mark: Buffer): void {
    this.mark = mark;
    const common = `'"\`#-/*\\\n$${mark.toString('latin1', 0, 1)}`;
    this.matters = bytesOf(common);
    this.mattersInRows = bytesOf(`${common}()`);
  }

  /** The next span; undefined when more bytes are needed. */
  next(): Span | undefined {
    const { length } = this.bytes;
    if (this.at >= length) return this.wait();
    this.from = this.at;
    this.startLine = this.line;
    this.isWhole = true;
    if (this.quote !== 0) return this.given('quoted', this.passQuoted(this.quote, this.at));
    switch (this.mode) {
      case 'dollar quoted':
        return this.passDollarQuoted();
      case 'comment':
        return this.passComment(this.at);
      case 'line comment':
        return this.passLine('line comment');
      case 'rest of line':
        this.passLine('line comment');
        return this.next();
      default:
        return this.inStatement ? this.nextOfStatement() : this.nextBetween();
    }
  }

  /** Reads on to behind the end of the open statement, or of the next one, without giving its spans. False when more bytes are needed. */
  passStatement(): boolean {
    for (;;) {
      if (this.notes.kind === 'rows' && this.isInCode) this.at = this.skim(this.at, false);
      const span = this.next();
      if (span === undefined) return false;
      if (span === 'end') return true;
    }
  }

  /**
   * Reads the rows of an INSERT: lists in brackets, and commas between them. They are counted in {@link rowCount}. Returns what stands
   * behind them, which {@link next} gives; undefined when more bytes are needed.
   */
  passRows(): 'end' | 'code' | undefined {
    for (;;) {
      if (!this.isInCode) {
        if (this.next() === undefined) return undefined;
        continue;
      }
      this.at = this.skim(this.at, true);
      if (this.at >= this.bytes.length) return this.wait();
      const { at } = this;
      this.from = at;
      const beginning = this.beginning(at);
      if (beginning === 'more') return this.wait();
      if (beginning === 'end') return 'end';
      if (this.depth === 0 && (beginning === 'plain' || beginning === 'quoted')) return 'code';
      if (beginning === 'plain') this.given('code', at + 1);
      else this.begin(beginning, at);
    }
  }

  /** Reads to behind the end of the line. `crowded`: something else than blanks stood before it. */
  passRestOfLine(): { ended: boolean; crowded: boolean } {
    const { bytes } = this;
    let crowded = false;
    for (; this.at < bytes.length; this.at += 1) {
      if (bytes[this.at] === NEWLINE) {
        this.at += 1;
        this.line += 1;
        this.atLineStart = true;
        return { ended: true, crowded };
      }
      crowded ||= !isBlank(bytes[this.at]);
    }
    this.wait();
    return { ended: false, crowded };
  }

  /** Goes back to a place within the last span, which was code. */
  returnTo(place: number): void {
    this.line -= this.lineEnds(place, this.at);
    this.at = place;
    this.to = place;
  }

  private given<S extends Span>(span: S, to: number): S {
    this.at = to;
    this.to = to;
    if (span === 'code') this.notes.addCode(this.bytes, this.from, to);
    if (span === 'quoted') this.notes.addQuoted(this.bytes, this.from, to);
    return span;
  }

  /** Blanks, comments and commands, up to where a statement begins. */
  private nextBetween(): Span | undefined {
    const { bytes } = this;
    let { at } = this;
    if (this.base + at === 0 && bytes[0] === BYTE_ORDER_MARK[0]) {
      if (bytes.length < BYTE_ORDER_MARK.length && !this.isLast) return this.wait();
      if (bytes.indexOf(BYTE_ORDER_MARK) === 0) at = BYTE_ORDER_MARK.length;
    }
    for (; isBlank(bytes[at]); at += 1) {
      if (bytes[at] !== NEWLINE) continue;
      this.line += 1;
      this.atLineStart = true;
    }
    this.at = at;
    if (at >= bytes.length) return this.wait();
    this.from = at;
    this.startLine = this.line;
    if (this.atLineStart && ((bytes[at] ?? 0) | 0x20) === 0x64) {
      const line = bytes.toString('latin1', at, at + DELIMITER_LINE);
      const end = line.indexOf('\n');
      if (end === -1 && line.length < DELIMITER_LINE && !this.isLast) return this.wait();
      const delimiter = delimiterSetBy(end === -1 ? line : line.slice(0, end));
      if (delimiter !== undefined) {
        this.setDelimiter(Buffer.from(delimiter, 'latin1'));
        if (end === -1) this.mode = 'rest of line';
        return this.given('delimiter', at + (end === -1 ? line.length : end));
      }
    }
    const beginning = this.beginning(at);
    if (beginning === 'more') return this.wait();
    this.atLineStart = false;
    if (beginning === 'plain' || beginning === 'quoted' || beginning === 'executable') this.beginStatement();
    return beginning === 'plain' ? this.nextOfStatement() : this.begin(beginning, at);
  }

  private beginStatement(): void {
    this.inStatement = true;
    this.inExecutable = false;
    this.depth = 0;
    this.notes.begin(this.line);
  }

  private nextOfStatement(): Span | undefined {
    const { bytes, matters } = this;
    const { length } = bytes;
    const from = this.at;
    let at = from;
    for (;;) {
      at = passPlain(bytes, at, length, matters);
      if (at === length) break;
      this.at = at;
      const beginning = this.beginning(at);
      if (beginning === 'more') break;
      if (beginning !== 'plain') {
        if (at > from) return this.given('code', at);
        return this.begin(beginning, at);
      }
      // What stands before it tells what it is.
      if (bytes[at] === DOLLAR && at > from && isBlank(bytes[at - 1])) return this.given('code', at);
      if (bytes[at] === NEWLINE) this.line += 1;
      at += 1;
    }
    const end = at === length && !this.isLast ? this.beforeLastWord(from) : at;
    if (end > from) return this.given('code', end);
    this.at = from;
    return this.wait();
  }

  /** A word is not parted, unless it is longer than any that means something. */
  private beforeLastWord(from: number): number {
    const { bytes } = this;
    const least = Math.max(from, bytes.length - TOKEN_BYTES);
    let end = bytes.length;
    while (end > least && isOfWord(bytes[end - 1])) end -= 1;
    return end > least || end === from ? end : bytes.length;
  }

  private begin(beginning: Exclude<Beginning, 'plain' | 'more'>, at: number): Span | undefined {
    switch (beginning) {
      case 'quoted':
        return this.given('quoted', this.passQuoted(this.bytes[at] ?? 0, at + 1));
      case 'dollar quoted':
        this.mode = 'dollar quoted';
        this.dollarQuote = Buffer.from(this.bytes.subarray(at, at + openingLength(this.bytes, at, beginning)));
        return this.given('quoted', at + this.dollarQuote.length);
      case 'line comment':
        return this.passLine('line comment');
      case 'comment':
        this.starred = false;
        return this.passComment(at + 2);
      case 'sandbox':
        return this.given('comment', at + openingLength(this.bytes, at, beginning));
      case 'executable':
        this.inExecutable = true;
        this.addBlank();
        return this.given('executable', at + openingLength(this.bytes, at, beginning));
      case 'executable end':
        this.inExecutable = false;
        this.addBlank();
        return this.given('executable end', at + 2);
      case 'command':
        // At the end of a line it stands alone.
        return this.given('command', Math.min(this.bytes.length, at + (this.bytes[at + 1] === NEWLINE ? 1 : 2)));
      default:
        return this.endStatement(at + this.mark.length);
    }
  }

  private endStatement(to: number): Span {
    this.notes.end();
    if (this.inStatement && this.notes.kind === 'set') this.quoting.see(this.notes.text);
    this.inStatement = false;
    this.inExecutable = false;
    this.notes.begin(this.line);
    return this.given('end', to);
  }

  /**
   * Passes what is quoted and what is plain, up to a byte that may begin something else. `ofRows`: and up to what is neither a row nor
   * stands between two. This and {@link passQuoted} are the hot loops: nearly all of a dump is rows.
   */
  private skim(from: number, ofRows: boolean): number {
    const { bytes } = this;
    const { length } = bytes;
    const matters = ofRows ? this.mattersInRows : this.matters;
    const end = this.mark[0];
    let { depth } = this;
    let rows = 0;
    let at = from;
    let codeFrom = from;
    while (at < length) {
      if (ofRows && depth === 0) {
        const byte = bytes[at] as number;
        if (byte === OPEN) {
          depth = 1;
          rows += 1;
        } else if (byte === NEWLINE) this.line += 1;
        else if (BETWEEN_ROWS[byte] === 0) break;
        at += 1;
        continue;
      }
      at = passPlain(bytes, at, length, matters);
      if (at === length) break;
      const byte = bytes[at];
      if (byte === end) break;
      if (byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK) {
        at = this.passQuoted(byte, at + 1);
        codeFrom = at;
        continue;
      }
      if (byte === CLOSE) {
        depth -= 1;
        if (ofRows && depth === 0 && at + 3 < length && bytes[at + 1] === COMMA) {
          // The next row as the tools write it: at once, or on the next line.
          at += 2;
          if (bytes[at] === NEWLINE) {
            this.line += 1;
            at += 1;
          }
          if (bytes[at] !== OPEN) continue;
          depth = 1;
          rows += 1;
        }
      } else if (byte === DASH) {
        if (at + 1 === length || bytes[at + 1] === DASH) break;
      } else if (byte === OPEN) depth += 1;
      else if (byte === NEWLINE) this.line += 1;
      else break;
      at += 1;
    }
    if (codeFrom > from) this.notes.addQuoted(bytes, at, at);
    this.notes.addCode(bytes, codeFrom, at);
    this.depth = depth;
    this.rowCount += rows;
    return at;
  }

  private passDollarQuoted(): Span | undefined {
    const { bytes, dollarQuote } = this;
    const found = bytes.indexOf(dollarQuote, this.at);
    // The end may have begun.
    const end = found === -1 ? bytes.length - (this.isLast ? 0 : dollarQuote.length - 1) : found + dollarQuote.length;
    if (end <= this.at) return this.wait();
    if (found !== -1) this.mode = 'code';
    this.line += this.lineEnds(this.at, end);
    return this.given('quoted', end);
  }

  private passComment(from: number): Span {
    const { bytes } = this;
    this.mode = 'comment';
    const isEnd = this.starred && bytes[from] === SLASH;
    const found = isEnd ? from : bytes.indexOf('*/', from, 'latin1') + 1;
    const hasEnded = isEnd || found > 0;
    const end = hasEnded ? found + 1 : bytes.length;
    this.starred = !hasEnded && bytes.length > from && bytes.at(-1) === STAR;
    this.line += this.lineEnds(this.at, end);
    this.isWhole = hasEnded;
    if (hasEnded) {
      this.mode = 'code';
      this.addBlank();
    }
    return this.given('comment', end);
  }

  /** Without the end of the line. */
  private passLine(span: Span): Span {
    const found = this.bytes.indexOf(NEWLINE, this.at);
    this.isWhole = found !== -1;
    if (found === -1 && this.mode === 'code') this.mode = 'line comment';
    if (found !== -1) this.mode = 'code';
    return this.given(span, found === -1 ? this.bytes.length : found);
  }

  private get isInCode(): boolean {
    return this.quote === 0 && this.mode === 'code';
  }

  private beginning(at: number): Beginning {
    return beginningAt(this.bytes, at, this.isLast, this);
  }

  /** A comment parts words, as a blank does. */
  private addBlank(): void {
    if (this.inStatement) this.notes.addBlank();
  }
}
