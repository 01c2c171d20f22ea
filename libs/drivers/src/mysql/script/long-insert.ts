import { DomainError } from '@app/domain';
import { ValueTooLong } from './value-too-long.js';
import {
  BACKSLASH,
  BACKTICK,
  bytesOf,
  CLOSE,
  COMMA,
  DOUBLE_QUOTE,
  isOfWord,
  NEWLINE,
  OPEN,
  QUOTE,
  QUOTED_NAME,
  SEMICOLON,
  SPACE,
} from './lexer/lexical-rules.js';

const ZERO = 0x30;
const LETTER_X = 0x78;

const NAME = `(?:${QUOTED_NAME}|[\\w$]+)`;
const HEAD = new RegExp(
  `^\\s*(?:INSERT|REPLACE)(?:\\s+IGNORE)?\\s+INTO\\s+((?:${NAME}\\.)?${NAME})\\s*(?:\\(${NAME}(?:, ?${NAME})*\\))?\\s*VALUES(?=\\s*\\()`,
  'i',
);
/** 4,096 columns of 64 characters of 4 bytes. */
const HEAD_BYTES = 1024 * 1024 + 64 * 1024;

/** Rows without long values go together up to here. */
const BATCH_BYTES = 256 * 1024;
/** A shorter value stays where it is; but not in a row that is long without it. */
const LONG_VALUE_BYTES = 32 * 1024;
const SHORT_VALUE_BYTES = 128;
/** A statement that adds to a value copies what is there: the fewer the better. */
const PARTS_OF_A_PACKET = 4;

/** How values begin that mean the same in parts: other character sets have units of several bytes, or characters that a part would cut. */
const DIVISIBLE =
  /^(?:(?:_(?:binary|latin1|ascii|utf8|utf8mb3|utf8mb4)\s*)?'|(?:_(?:binary|latin1|ascii)\s*)?(?:0x|X'))$/i;
/** A character of UTF-8 has no more bytes behind its first. */
const BYTES_OF_A_CHARACTER = 3;

const HEX_DIGITS = bytesOf('0123456789abcdefABCDEF');

export interface LongInsertParts {
  /** `max_allowed_packet` of the server: no statement and no value may be longer. */
  packetBytes: number;
  /** Bytes of statements, in their order. `ends`: a statement is complete with them, but for its delimiter. */
  emit(bytes: Buffer, ends: boolean): void;
}

type Mode = 'between' | 'row' | 'text' | 'hex' | 'other quote' | 'ended';

/**
 * Takes an INSERT apart that is longer than its server takes: `--hex-blob` doubles a row of 8 MB beyond the `max_allowed_packet` that it
 * was written under. Long values are put together in variables of the session, a part at a time, and the row is made of these. Bytes
 * pass as they come; what is kept is a row without its long values. Strings are read as a session does whose character set hides no quote in a
 * letter (UTF-8, latin1), with backslash escapes and without ANSI_QUOTES.
 */
export class LongInsert {
  private mode: Mode = 'between';
  private depth = 0;
  /** Which one we are inside of, in `other quote`. */
  private quote = 0;
  /** A backslash was the last byte. */
  private escaped = false;
  /** A quote was the last byte: it ends the text, or is the first half of a quote in it. */
  private closing = false;
  /** Rows of the next INSERT. */
  private rows: Buffer[] = [];
  private rowsBytes = 0;
  private rowCount = 0;
  private variables = 0;
  /** With what the value that is read begins: `0x` or a quote, and what stands before it. */
  private opening = '';
  /** The value, as long as it is short. */
  private value: Buffer[] = [];
  private valueBytes = 0;
  private digits = 0;
  /** Bytes of the value as the server keeps it. */
  private storedBytes = 0;
  private isLong = false;
  private isFirstPart = true;
  private partBytes = 0;

  private constructor(
    private readonly head: Buffer,
    private readonly table: string,
    private readonly parts: LongInsertParts,
  ) {}

  /** `start`: of a statement, with all that stands before its rows. Undefined where it is no INSERT of rows. */
  static begin(start: Buffer, parts: LongInsertParts): { insert: LongInsert; headBytes: number } | undefined {
    const [head, table = ''] = HEAD.exec(start.toString('latin1', 0, HEAD_BYTES)) ?? [];
    if (head === undefined) return undefined;
    const name = Buffer.from(table, 'latin1').toString('utf8').replaceAll('`', '');
    return { insert: new LongInsert(Buffer.from(head, 'latin1'), name, parts), headBytes: head.length };
  }

  /** From behind the head. Returns where the statement has ended in these bytes, behind its delimiter; -1 where it goes on. */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      at = this.pass(bytes, at);
      if (this.mode === 'ended') return at;
    }
    return -1;
  }

  /** For a statement that has no delimiter. */
  finish(): void {
    if (this.mode === 'ended') return;
    if (this.mode !== 'between') throw this.unreadable();
    this.flush();
  }

  private pass(bytes: Buffer, at: number): number {
    switch (this.mode) {
      case 'between':
        return this.passBetween(bytes, at);
      case 'row':
        return this.passRow(bytes, at);
      case 'text':
        return this.passText(bytes, at);
      case 'hex':
        return this.passHex(bytes, at);
      default:
        return this.passOtherQuote(bytes, at);
    }
  }

  private passBetween(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    if (byte === OPEN) {
      this.mode = 'row';
      this.depth = 1;
      this.keep(Buffer.from(this.rowCount === 0 ? '(' : ',('));
    } else if (byte === NEWLINE) {
      // The text behind it stays on its line.
      this.keep(Buffer.from('\n'));
    } else if (byte === SEMICOLON) {
      this.flush();
      this.mode = 'ended';
    } else if (byte !== COMMA && byte > SPACE) {
      throw this.unreadable();
    }
    return at + 1;
  }

  private passRow(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      const isX = (byte | 0x20) === LETTER_X;
      const isQuote = byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK;
      if (byte === OPEN) this.depth += 1;
      else if (byte === CLOSE) this.depth -= 1;
      else if (!isX && !isQuote) continue;
      if (byte === OPEN || (byte === CLOSE && this.depth > 0)) continue;
      this.keep(Buffer.from(bytes.subarray(from, at)));
      if (byte === CLOSE) this.endRow();
      else if (isX) this.passX(byte);
      else this.beginQuote(byte);
      return at + 1;
    }
    this.keep(Buffer.from(bytes.subarray(from)));
    return bytes.length;
  }

  private passX(byte: number): void {
    const before = Buffer.from(this.tail(2), 'latin1');
    if (before[1] === ZERO && !isOfWord(before[0])) {
      const [introducer = ''] = /\b_\w+\s*(?=0$)/.exec(this.tail(64)) ?? [];
      this.takeBack(introducer.length + 1);
      this.beginValue('hex', `${introducer}0x`);
    } else {
      this.keep(Buffer.from([byte]));
    }
  }

  private beginQuote(quote: number): void {
    const [before = ''] = /(?:\b_\w+\s+)?(?:\b\w+\s*)?$/.exec(this.tail(64)) ?? [];
    if (quote !== QUOTE || !/^(?:_\w+\s*|(?:_\w+\s+)?X)?$/i.test(before)) {
      this.keep(Buffer.from([quote]));
      this.mode = 'other quote';
      this.quote = quote;
      return;
    }
    this.takeBack(before.length);
    this.beginValue(/\bX$/i.test(before) ? 'hex' : 'text', `${before}'`);
  }

  private passOtherQuote(bytes: Buffer, from: number): number {
    let at = this.escaped ? from + 1 : from;
    this.escaped = false;
    while (at < bytes.length && bytes[at] !== this.quote) {
      at += bytes[at] === BACKSLASH && this.quote !== BACKTICK ? 2 : 1;
    }
    this.escaped = at > bytes.length;
    if (at < bytes.length) this.mode = 'row';
    this.keep(Buffer.from(bytes.subarray(from, at + 1)));
    return Math.min(at + 1, bytes.length);
  }

  private beginValue(mode: 'text' | 'hex', opening: string): void {
    this.mode = mode;
    this.opening = opening;
    this.value = [Buffer.from(opening, 'latin1')];
    this.valueBytes = opening.length;
    this.digits = 0;
    this.storedBytes = 0;
    this.isLong = false;
    this.isFirstPart = true;
    this.escaped = false;
    this.closing = false;
  }

  private passHex(bytes: Buffer, from: number): number {
    const goesOn = HEX_DIGITS[bytes[from] ?? 0] === 1;
    if (goesOn && this.isPartFull && this.digits % 2 === 0) this.nextPart();
    const room = this.isLong ? Math.max(1, this.partLimit - this.partBytes) : this.partLimit;
    const most = Math.min(bytes.length, from + room);
    let at = from;
    while (at < most && HEX_DIGITS[bytes[at] ?? 0] === 1) at += 1;
    if (goesOn) {
      this.digits += at - from;
      this.storedBytes = Math.ceil(this.digits / 2);
      this.take(bytes.subarray(from, at));
      return at;
    }
    const isQuoted = this.closingQuote !== '';
    if (isQuoted && bytes[at] !== QUOTE) throw this.unreadable();
    this.endValue();
    return isQuoted ? at + 1 : at;
  }

  private passText(bytes: Buffer, from: number): number {
    if (this.closing) {
      this.closing = false;
      if (bytes[from] !== QUOTE) {
        this.endValue();
        return from;
      }
      if (this.isPartFull) this.nextPart();
      this.take(Buffer.from(`''`));
      this.storedBytes += 1;
      return from + 1;
    }
    if (this.isPartFull && !this.escaped && this.mayBeginPart(bytes[from] ?? 0, this.partBytes)) this.nextPart();
    const limit = this.isLong ? this.partLimit - this.partBytes : this.longFrom - this.valueBytes;
    const most = Math.min(bytes.length, from + Math.max(1, limit));
    let at = from;
    // To a place where the text may be cut: not behind a backslash, and not within a character.
    while (at < bytes.length) {
      if (!this.escaped) {
        const end = endOfPlain(bytes, at, most);
        this.storedBytes += end - at;
        at = end;
        if (at === bytes.length || bytes[at] === QUOTE) break;
        if (at >= most && this.mayBeginPart(bytes[at] ?? 0, this.partBytes + at - from)) break;
      }
      this.escaped = !this.escaped && bytes[at] === BACKSLASH;
      if (!this.escaped) this.storedBytes += 1;
      at += 1;
    }
    this.take(bytes.subarray(from, at));
    if (bytes[at] !== QUOTE) return at;
    this.closing = true;
    return at + 1;
  }

  /** The text of a part, which has to fit into a packet with what stands around it. */
  private get partLimit(): number {
    return Math.floor(this.parts.packetBytes / PARTS_OF_A_PACKET);
  }

  private get isPartFull(): boolean {
    return this.isLong && this.partBytes >= this.partLimit;
  }

  private get longFrom(): number {
    const { packetBytes } = this.parts;
    if (this.rowsBytes > packetBytes / PARTS_OF_A_PACKET) return SHORT_VALUE_BYTES;
    return Math.min(LONG_VALUE_BYTES, Math.floor(packetBytes / 16));
  }

  /** Neither what may end the text nor a byte within a character of UTF-8. `partBytes`: before it; other bytes are no UTF-8. */
  private mayBeginPart(byte: number, partBytes: number): boolean {
    return byte !== QUOTE && (byte < 0x80 || byte >= 0xc0 || partBytes > this.partLimit + BYTES_OF_A_CHARACTER);
  }

  private take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.valueBytes += bytes.length;
    if (!this.isLong) {
      this.value.push(Buffer.from(bytes));
      if (this.valueBytes >= this.longFrom) this.becomeLong();
      return;
    }
    this.partBytes += bytes.length;
    // Its length is to be told.
    if (this.storedBytes <= this.parts.packetBytes) this.parts.emit(Buffer.from(bytes), false);
  }

  private becomeLong(): void {
    this.isLong = true;
    this.variables += 1;
    this.partBytes = this.valueBytes;
    this.emitText(`SET ${variable(this.variables)} = `);
    for (const piece of this.value) this.parts.emit(piece, false);
    this.value = [];
  }

  private nextPart(): void {
    if (!DIVISIBLE.test(this.opening)) throw this.unreadable();
    this.endPart();
    const name = variable(this.variables);
    this.emitText(`SET ${name} = CONCAT(${name}, ${this.opening}`);
    this.partBytes = 0;
    this.isFirstPart = false;
  }

  private endPart(): void {
    this.emitText(`${this.closingQuote}${this.isFirstPart ? '' : ')'}`, true);
  }

  private get closingQuote(): string {
    return this.opening.endsWith(`'`) ? `'` : '';
  }

  private endValue(): void {
    const { packetBytes } = this.parts;
    if (this.storedBytes > packetBytes) {
      throw new ValueTooLong('RESTORE_FAILED', `The table "${this.table}" has`, this.storedBytes, packetBytes);
    }
    this.mode = 'row';
    if (this.isLong) {
      this.endPart();
      this.keep(Buffer.from(variable(this.variables)));
      return;
    }
    for (const piece of this.value) this.keep(piece);
    this.keep(Buffer.from(this.closingQuote));
    this.value = [];
  }

  private endRow(): void {
    this.keep(Buffer.from(')'));
    this.mode = 'between';
    this.rowCount += 1;
    const batch = Math.min(BATCH_BYTES, this.partLimit);
    if (this.variables > 0 || this.rowsBytes > batch) this.flush();
  }

  private flush(): void {
    if (this.rowCount > 0) this.parts.emit(this.head, false);
    for (const piece of this.rows) this.parts.emit(piece, false);
    if (this.rowCount > 0) this.emitText('', true);
    if (this.variables > 0) {
      const names = Array.from({ length: this.variables }, (_, index) => `${variable(index + 1)} = NULL`);
      this.emitText(`SET ${names.join(', ')}`, true);
    }
    this.rows = [];
    this.rowsBytes = 0;
    this.rowCount = 0;
    this.variables = 0;
  }

  private emitText(text: string, ends = false): void {
    this.parts.emit(Buffer.from(text, 'latin1'), ends);
  }

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.rows.push(bytes);
    this.rowsBytes += bytes.length;
  }

  /** The last characters of the row. */
  private tail(length: number): string {
    let text = '';
    for (let index = this.rows.length - 1; index >= 0 && text.length < length; index -= 1) {
      text = (this.rows[index]?.subarray(-length).toString('latin1') ?? '') + text;
    }
    return text.slice(-length);
  }

  private takeBack(length: number): void {
    for (let left = length; left > 0;) {
      const last = this.rows.pop();
      if (last === undefined) return;
      const stays = Math.max(0, last.length - left);
      left -= last.length - stays;
      this.rowsBytes -= last.length - stays;
      if (stays > 0) this.rows.push(last.subarray(0, stays));
    }
  }

  private unreadable(): DomainError {
    return new DomainError(
      'RESTORE_FAILED',
      `An INSERT into "${this.table}" is longer than the server takes (max_allowed_packet = ${this.parts.packetBytes}), and has a form in which it cannot be taken apart.`,
      { hint: 'Raise max_allowed_packet on the server, up to 1 GB.' },
    );
  }
}

/** Where there is a quote or a backslash from `at` on; `most` where there is none before. */
function endOfPlain(bytes: Buffer, at: number, most: number): number {
  let end = at;
  while (end < most && bytes[end] !== QUOTE && bytes[end] !== BACKSLASH) end += 1;
  return end;
}

function variable(number: number): string {
  return `@dbs_value_${number}`;
}
