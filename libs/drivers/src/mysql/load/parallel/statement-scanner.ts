const NEWLINE = 0x0a;
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKTICK = 0x60;
const BACKSLASH = 0x5c;
const HASH = 0x23;
const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const BANG = 0x21;
const LETTER_M = 0x4d;
const SPACE = 0x20;

/** The bytes that may end or change something within quotes. */
const MATTERS_IN_QUOTES = new Uint8Array(256);
for (const byte of [QUOTE, DOUBLE_QUOTE, BACKTICK, BACKSLASH, NEWLINE]) MATTERS_IN_QUOTES[byte] = 1;

type Mode =
  | 'code'
  /** Behind the opening {@link StatementScanner.quote}. */
  | 'quoted'
  /** Behind one dash, behind two. */
  | 'dash'
  | 'dashes'
  | 'line comment'
  /** Behind a slash, behind slash and star, behind those and an M. */
  | 'slash'
  | 'opened'
  | 'opened M'
  | 'block comment'
  /** Behind the delimiter, before the end of its line. */
  | 'ended';

/**
 * Finds where a statement of a script ends, by the rules of the clients: quotes, comments, the delimiter. A chunk at
 * a time, in constant memory, and every byte once. The content of executable comments is code. Assumes that no character
 * hides one of these bytes in itself, which is so in UTF-8.
 */
export class StatementScanner {
  /** The line of the next byte, from 1. */
  line = 1;
  /** Whether something other than white space stood between the statement and the end of its line. */
  crowded = false;
  /** Whether backslashes escape, by the sql_mode that the script has set. */
  backslashEscapes = true;

  private mode: Mode = 'code';
  private quote = 0;
  /** A backslash was the last byte. */
  private escaped = false;
  /** The last byte of a comment was a star. */
  private starred = false;
  private delimiter: Uint8Array = Buffer.from(';');
  private matched = 0;
  private matters = mattersInCode(';');

  setDelimiter(delimiter: string): void {
    this.delimiter = Buffer.from(delimiter, 'latin1');
    this.matters = mattersInCode(delimiter);
  }

  get usesSemicolon(): boolean {
    return this.delimiter.length === 1 && this.delimiter[0] === 0x3b;
  }

  /**
   * From within a statement. Returns where the line after the statement begins, or -1 when the statement goes on behind
   * these bytes.
   */
  scan(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    let at = from;
    while (at < length) {
      if (this.mode === 'quoted') {
        at = this.passQuoted(bytes, at);
        continue;
      }
      if (this.mode === 'code' && this.matched === 0) {
        const { matters } = this;
        while (at < length && matters[bytes[at] ?? 0] === 0) at += 1;
        if (at === length) return -1;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === NEWLINE) this.line += 1;
      if (this.mode === 'ended') {
        if (byte === NEWLINE) {
          this.mode = 'code';
          return at;
        }
        if (byte > SPACE) this.crowded = true;
      } else {
        this.step(byte);
      }
    }
    return -1;
  }

  /** Lines that are no statement, between two of them. Returns where the next one begins, or -1. */
  scanLine(bytes: Uint8Array, from: number): number {
    const end = bytes.indexOf(NEWLINE, from);
    if (end === -1) return -1;
    this.line += 1;
    return end + 1;
  }

  private passQuoted(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    const { quote } = this;
    let at = from;
    if (this.escaped) {
      this.escaped = false;
      if (bytes[at] === NEWLINE) this.line += 1;
      at += 1;
    }
    while (at < length) {
      while (at < length && MATTERS_IN_QUOTES[bytes[at] ?? 0] === 0) at += 1;
      if (at === length) return length;
      const byte = bytes[at];
      at += 1;
      if (byte === NEWLINE) {
        this.line += 1;
      } else if (byte === quote) {
        // A doubled quote ends one text and begins the next, which comes to the same.
        this.mode = 'code';
        return at;
      } else if (byte === BACKSLASH && quote !== BACKTICK && this.backslashEscapes) {
        if (at === length) this.escaped = true;
        else if (bytes[at] === NEWLINE) this.line += 1;
        at += 1;
      }
    }
    return at;
  }

  private step(byte: number): void {
    switch (this.mode) {
      case 'line comment':
        if (byte === NEWLINE) this.mode = 'code';
        return;
      case 'block comment':
        if (byte === SLASH && this.starred) this.mode = 'code';
        this.starred = byte === STAR;
        return;
      case 'dash':
        this.mode = byte === DASH ? 'dashes' : 'code';
        if (this.mode === 'code') this.code(byte);
        return;
      case 'dashes':
        // Without white space behind them they are two signs.
        if (byte === NEWLINE) this.mode = 'code';
        else if (byte <= SPACE) this.mode = 'line comment';
        else if (byte !== DASH) {
          this.mode = 'code';
          this.code(byte);
        }
        return;
      case 'slash':
        this.mode = byte === STAR ? 'opened' : 'code';
        if (this.mode === 'code') this.code(byte);
        return;
      case 'opened':
      case 'opened M':
        if (byte === BANG) this.mode = 'code';
        else if (byte === LETTER_M && this.mode === 'opened') this.mode = 'opened M';
        else {
          this.mode = 'block comment';
          this.starred = byte === STAR;
        }
        return;
      default:
        this.code(byte);
    }
  }

  private code(byte: number): void {
    if (byte === this.delimiter[this.matched]) {
      this.matched += 1;
      if (this.matched < this.delimiter.length) return;
      this.matched = 0;
      this.crowded = false;
      this.mode = 'ended';
      return;
    }
    if (this.matched > 0) {
      // The bytes that looked like a delimiter are none. They mean nothing else: tools choose `;;`.
      this.matched = byte === this.delimiter[0] ? 1 : 0;
      if (this.matched === 1) return;
    }
    switch (byte) {
      case QUOTE:
      case DOUBLE_QUOTE:
      case BACKTICK:
        this.mode = 'quoted';
        this.quote = byte;
        this.escaped = false;
        break;
      case HASH:
        this.mode = 'line comment';
        break;
      case DASH:
        this.mode = 'dash';
        break;
      case SLASH:
        this.mode = 'slash';
        break;
      default:
    }
  }
}

function mattersInCode(delimiter: string): Uint8Array {
  const matters = new Uint8Array(256);
  for (const byte of [QUOTE, DOUBLE_QUOTE, BACKTICK, HASH, DASH, SLASH, NEWLINE]) matters[byte] = 1;
  matters[delimiter.charCodeAt(0)] = 1;
  return matters;
}
