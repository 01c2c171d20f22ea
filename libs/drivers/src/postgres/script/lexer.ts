/** The kinds of tokens that the server's own lexer knows. `text` is a constant in quotes, `name` a quoted identifier; space and comments are none. */
export type TokenKind = 'word' | 'name' | 'text' | 'number' | 'symbol';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const DOLLAR = 0x24;
const AMPERSAND = 0x26;
const QUOTE = 0x27;
const STAR = 0x2a;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const [B, E, N, U, X] = [0x62, 0x65, 0x6e, 0x75, 0x78];
/** Makes an ASCII letter a lower-case one. */
const LOWER = 0x20;

/** What a byte may begin. */
const [OTHER, BLANK, BREAK, WORD, DIGIT, SPECIAL] = [0, 1, 2, 3, 4, 5];
const BEGINS = new Uint8Array(256).fill(OTHER);
/** Whether a word, or the tag of a dollar quote, goes on with this byte: letters, digits, `_`, `$`, and all of 0x80 and above. */
const IN_WORD = new Uint8Array(256);
/** Whether a number goes on with this byte, in the widest sense: `0x1F`, `1_000`, `1.5e10`. */
const IN_NUMBER = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  const char = String.fromCharCode(byte);
  if (byte === SPACE || (byte >= TAB && byte <= RETURN)) BEGINS[byte] = BLANK;
  if (byte === NEWLINE || byte === RETURN) BEGINS[byte] = BREAK;
  if (byte >= 0x80 || /[A-Za-z_]/.test(char)) BEGINS[byte] = WORD;
  if (/\d/.test(char)) BEGINS[byte] = DIGIT;
  if (`'"$-/.`.includes(char)) BEGINS[byte] = SPECIAL;
  if (byte >= 0x80 || /[\w$]/.test(char)) IN_WORD[byte] = 1;
  if (/[\w.]/.test(char)) IN_NUMBER[byte] = 1;
}

/** What the next byte stands in. The bytes of a quoted thing mean nothing to the reader of a script but its end. */
type Inside = 'code' | 'plain text' | 'escaped text' | 'name' | 'dollar quote' | 'line comment' | 'block comment';

/** So many bytes are looked at one by one, since most texts are shorter than what a native search costs. */
const NEAR = 24;

/**
 * The lexical rules of PostgreSQL, as the server's scan.l and psql's psqlscan.l have them: the only place that knows them.
 * It reads a whole statement, or a script that comes in pieces; nothing is kept of what was read. Bytes are those of any encoding
 * in which ASCII characters are themselves.
 */
export class Lexer {
  /** The last token, in the buffer. One that was begun in an earlier piece begins before it. */
  from = 0;
  /** Where the last token ends, and reading goes on. */
  at = 0;
  /** Where the quote of the last text or name begins, behind its `E`, `B`, `X`, `N` or `U&`. */
  quote = 0;
  /** Whether the last text or name has its closing quote. */
  closed = true;
  /** Whether the last text continues the one before, from a line above: to the server they are one. */
  continues = false;
  private buffer: Buffer = Buffer.alloc(0);
  private inside: Inside = 'code';
  private tag: Buffer = Buffer.alloc(0);
  private depth = 0;
  /** A text on a later line would continue this one. */
  private before: 'plain text' | 'escaped text' | undefined;
  private lineBroken = false;

  /** `standardStrings` as the setting `standard_conforming_strings`: off makes a backslash special in every plain text. */
  constructor(public standardStrings: boolean) {}

  /** Goes on in this buffer, which begins with what was not read of the one before. */
  enter(buffer: Buffer): void {
    this.from -= this.at;
    this.quote -= this.at;
    this.at = 0;
    this.buffer = buffer;
  }

  /** Whether a backslash takes away the meaning of the next byte of the last text. */
  get escapes(): boolean {
    return this.before === 'escaped text';
  }

  /** A token or a comment has begun, of which more is to come. */
  private get isInside(): boolean {
    return this.inside !== 'code';
  }

  /** A token has begun, of which more is to come. */
  get inToken(): boolean {
    return this.isInside && this.inside !== 'line comment' && this.inside !== 'block comment';
  }

  /** A comment that its line does not end. */
  get inBlockComment(): boolean {
    return this.inside === 'block comment';
  }

  /** The next token; undefined where the buffer holds no more whole ones. `final`: nothing follows the buffer. */
  next(final: boolean): TokenKind | undefined {
    if (this.inside !== 'code') {
      const kind = this.rest(final);
      if (kind !== undefined || this.isInside) return kind;
    }
    const { buffer } = this;
    const end = buffer.length;
    let at = this.at;
    while (at < end) {
      const begins = BEGINS[buffer[at] ?? 0];
      if (begins === BLANK) {
        at += 1;
      } else if (begins === BREAK) {
        this.lineBroken = true;
        at += 1;
      } else if (begins === WORD) {
        return this.word(at, final);
      } else if (begins === DIGIT) {
        return this.number(at, final);
      } else if (begins === OTHER) {
        return this.symbol(at);
      } else {
        this.at = at;
        const kind = this.special(at, final);
        if (kind !== 'comment') return kind;
        at = this.at;
      }
    }
    this.at = at;
    return undefined;
  }

  private symbol(at: number): TokenKind {
    this.before = undefined;
    this.from = at;
    this.at = at + 1;
    return 'symbol';
  }

  /** A quote, a dollar, a comment or a number may begin here. */
  private special(at: number, final: boolean): TokenKind | 'comment' | undefined {
    const { buffer } = this;
    const byte = buffer[at];
    if (byte === QUOTE) {
      const inside = this.standardStrings ? 'plain text' : 'escaped text';
      return this.text(at, at, this.lineBroken ? (this.before ?? inside) : inside, final);
    }
    if (byte === DOUBLE_QUOTE) return this.name(at, at, final);
    if (byte === DOLLAR) return this.dollar(at, final);
    const next = buffer[at + 1];
    if (byte === DOT) return next !== undefined && BEGINS[next] === DIGIT ? this.number(at, final) : this.symbol(at);
    if (next === undefined && !final) return undefined;
    if (byte === DASH && next === DASH) return this.comment('line comment', final);
    // Between the parts of one text there may be comments to the end of a line, and no others.
    if (byte === SLASH && next === STAR) this.before = undefined;
    return byte === SLASH && next === STAR ? this.comment('block comment', final) : this.symbol(at);
  }

  private comment(inside: 'line comment' | 'block comment', final: boolean): 'comment' | undefined {
    this.inside = inside;
    this.depth = 1;
    this.at += 2;
    this.rest(final);
    return this.isInside ? undefined : 'comment';
  }

  private word(at: number, final: boolean): TokenKind | undefined {
    const { buffer } = this;
    let end = at + 1;
    while (IN_WORD[buffer[end] ?? 0] === 1) end += 1;
    this.at = at;
    if (end === buffer.length && !final) return undefined;
    if (end === at + 1) {
      const letter = (buffer[at] ?? 0) | LOWER;
      const next = buffer[end];
      if (next === QUOTE) {
        if (letter === E) return this.text(at, end, 'escaped text', final);
        if (letter === B || letter === X) return this.text(at, end, 'plain text', final);
        if (letter === N) return this.text(at, end, this.standardStrings ? 'plain text' : 'escaped text', final);
      } else if (next === AMPERSAND && letter === U) {
        const quote = buffer[end + 1];
        if (quote === undefined && !final) return undefined;
        if (quote === QUOTE) return this.text(at, end + 1, 'plain text', final);
        if (quote === DOUBLE_QUOTE) return this.name(at, end + 1, final);
      }
    }
    this.before = undefined;
    this.from = at;
    this.at = end;
    return 'word';
  }

  private number(at: number, final: boolean): TokenKind | undefined {
    const { buffer } = this;
    let end = at + 1;
    while (IN_NUMBER[buffer[end] ?? 0] === 1) end += 1;
    this.at = at;
    if (end === buffer.length && !final) return undefined;
    this.before = undefined;
    this.from = at;
    this.at = end;
    return 'number';
  }

  private text(
    from: number,
    quote: number,
    inside: 'plain text' | 'escaped text',
    final: boolean,
  ): TokenKind | undefined {
    this.continues = from === quote && this.lineBroken && this.before !== undefined;
    this.before = inside;
    this.inside = inside;
    this.from = from;
    this.quote = quote;
    this.at = quote + 1;
    return this.rest(final);
  }

  private name(from: number, quote: number, final: boolean): TokenKind | undefined {
    this.before = undefined;
    this.inside = 'name';
    this.from = from;
    this.quote = quote;
    this.at = quote + 1;
    return this.rest(final);
  }

  private dollar(at: number, final: boolean): TokenKind | undefined {
    const { buffer } = this;
    let end = at + 1;
    if (BEGINS[buffer[end] ?? 0] !== DIGIT) {
      while (buffer[end] !== DOLLAR && IN_WORD[buffer[end] ?? 0] === 1) end += 1;
      if (end >= buffer.length && !final) return undefined;
    }
    if (buffer[end] !== DOLLAR) return this.symbol(at);
    this.before = undefined;
    this.continues = false;
    this.inside = 'dollar quote';
    this.tag = Buffer.from(buffer.subarray(at, end + 1));
    this.from = at;
    this.quote = at;
    this.at = end + 1;
    return this.rest(final);
  }

  /** To the end of what is quoted or commented; undefined, and still inside, when that is not in the buffer. */
  private rest(final: boolean): TokenKind | undefined {
    const { inside } = this;
    if (inside === 'line comment') {
      this.lineComment(final);
      return undefined;
    }
    if (inside === 'block comment') {
      this.blockComment();
      return undefined;
    }
    this.closed =
      inside === 'dollar quote'
        ? this.toTag()
        : inside === 'escaped text'
          ? this.toQuoteOfEscapes(final)
          : this.toQuote(inside === 'name' ? DOUBLE_QUOTE : QUOTE, final);
    if (!this.closed && !final) return undefined;
    if (!this.closed) this.at = this.buffer.length;
    this.inside = 'code';
    this.lineBroken = false;
    return inside === 'name' ? 'name' : 'text';
  }

  /** A doubled quote stands for itself. At the end of the buffer it is not known yet whether it is doubled. */
  private toQuote(quote: number, final: boolean): boolean {
    const { buffer } = this;
    for (let found = indexOf(buffer, quote, this.at); found !== -1; found = indexOf(buffer, quote, found + 2)) {
      this.at = found;
      if (found + 1 === buffer.length && !final) return false;
      this.at = found + 1;
      if (buffer[found + 1] !== quote) return true;
    }
    this.at = buffer.length;
    return false;
  }

  private toQuoteOfEscapes(final: boolean): boolean {
    const { buffer } = this;
    let { at } = this;
    for (; at < buffer.length; at += 1) {
      const byte = buffer[at];
      if (byte !== QUOTE && byte !== BACKSLASH) continue;
      if (at + 1 === buffer.length && !final) break;
      if (byte === QUOTE && buffer[at + 1] !== QUOTE) {
        this.at = at + 1;
        return true;
      }
      at += 1;
    }
    this.at = Math.min(at, buffer.length);
    return false;
  }

  private toTag(): boolean {
    const { buffer, tag } = this;
    const found = buffer.indexOf(tag, this.at);
    // All but what may be the beginning of the end is done with.
    this.at = found === -1 ? Math.max(this.at, buffer.length - tag.length + 1) : found + tag.length;
    return found !== -1;
  }

  /** To the line break, which is left to be seen; a lone carriage return is one, too. */
  private lineComment(final: boolean): void {
    const { buffer } = this;
    let { at } = this;
    while (at < buffer.length && BEGINS[buffer[at] ?? 0] !== BREAK) at += 1;
    this.at = at;
    if (final || at < buffer.length) this.inside = 'code';
  }

  private blockComment(): void {
    const { buffer } = this;
    let { at } = this;
    for (; at + 1 < buffer.length; at += 1) {
      const byte = buffer[at];
      const next = buffer[at + 1];
      if (byte === SLASH && next === STAR) {
        this.depth += 1;
        at += 1;
      } else if (byte === STAR && next === SLASH) {
        this.depth -= 1;
        at += 1;
        if (this.depth > 0) continue;
        this.inside = 'code';
        break;
      }
    }
    this.at = this.inside === 'code' ? at + 1 : at;
  }
}

/** Whether these bytes are this word, which is given in lower case. */
export function isWordAt(buffer: Buffer, from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false;
  for (let at = 0; at < word.length; at += 1) if (((buffer[from + at] ?? 0) | LOWER) !== word[at]) return false;
  return true;
}

function indexOf(buffer: Buffer, byte: number, from: number): number {
  const near = Math.min(buffer.length, from + NEAR);
  for (let at = from; at < near; at += 1) if (buffer[at] === byte) return at;
  return near === buffer.length ? -1 : buffer.indexOf(byte, near);
}
