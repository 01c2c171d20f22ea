import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { DOLLAR_QUOTE, ScriptQuoting } from '../../script/script-quoting.js';

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKTICK = 0x60;
const BACKSLASH = 0x5c;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const HASH = 0x23;
const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const DOLLAR = 0x24;
const LETTER_A = 0x61;

/** The bytes that must be seen whole to know a statement: its words up to the name, of 64 characters of 4 bytes, quoted. */
const HEAD_BYTES = 1_024;
/** The longest thing inside a statement that must be seen whole: a word that matters, a delimiter, `/*M!999999`. */
const TOKEN_BYTES = 64;

const NAME = '(`(?:[^`]|``)*`|[\\w$\\x80-\\xff]+)';
const TARGET = `(?:${NAME}\\s*\\.\\s*)?${NAME}`;
const INSERT = new RegExp(
  `(?:INSERT|REPLACE)\\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\\s+)*(?:INTO\\s+)?${TARGET}`,
  'iy',
);
const CREATE = new RegExp(`CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?${TARGET}`, 'iy');
/** A text of it has no semicolon: a list of names. */
const SET = /SET\s[^;]*/iy;
const DELIMITER = /DELIMITER[ \t]+(\S+)[^\n]*/iy;
/** The first line of newer MariaDB dumps: a command of the client, which ends without a delimiter. */
const SANDBOX = /\/\*M?!999999\\-[^\n]*?\*\//y;
const EXECUTABLE = /\/\*M?!\d*/y;
const WORD = /[A-Za-z_]\w*/y;

const MATTERS_IN_ROW = new Uint8Array(256);
for (const byte of [QUOTE, DOUBLE_QUOTE, BACKTICK, OPEN, CLOSE]) MATTERS_IN_ROW[byte] = 1;
/** Bytes between two rows that mean nothing. */
const BETWEEN_ROWS = new Uint8Array(256);
for (const byte of [COMMA, SPACE, NEWLINE, 0x0d, 0x09]) BETWEEN_ROWS[byte] = 1;

type Mode =
  /** Before a statement. */
  | 'start'
  /** In a statement, on the way to its end. */
  | 'skip'
  /** In an INSERT, on the way to its rows. */
  | 'values'
  /** In the rows of an INSERT. */
  | 'rows'
  | 'line comment'
  | 'block comment';

/**
 * Counts the rows of each table in a dump of either family, as its INSERT statements hold them, by the rules of the client
 * that would load it: quotes, comments, DELIMITER. Rows pass byte by byte and nothing is kept of them. Whether backslashes
 * escape follows from the sql_mode that the dump sets; within rows they do, as in every dump.
 */
export class InsertRowCounter {
  private readonly rows = new Map<string, number>();
  /** The bytes that could not be understood yet without those that follow. */
  private rest: Buffer = NOTHING;
  private mode: Mode = 'start';
  /** Where a comment goes back to. */
  private outer: Mode = 'start';
  /** The quote that we are inside of; 0: none. */
  private quote = 0;
  /** A backslash was the last byte of the chunk before. */
  private escaped = false;
  private depth = 0;
  private inExecutable = false;
  private readonly quoting = new ScriptQuoting();
  /** The end of the dollar quote that we are inside of. */
  private dollarQuote: Buffer | undefined;
  /** The last word was AS. */
  private afterAs = false;
  private delimiter: Buffer = Buffer.from(';');
  private table = '';
  private count = 0;

  /** Whether it has come to the first table. */
  get sawTable(): boolean {
    return this.rows.size > 0;
  }

  update(chunk: Buffer): void {
    this.rest = this.read(this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]), false);
  }

  /** Tables that the dump makes are in it, with 0 when it has no rows of theirs. BACKUP_DAMAGED when it is cut off. */
  finish(): RowCounts {
    this.read(this.rest, true);
    if (
      this.quote !== 0 ||
      this.dollarQuote !== undefined ||
      (this.mode === 'line comment' ? this.outer : this.mode) !== 'start'
    ) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump ends in the middle of a statement.', {
        hint: 'The file is cut off or altered: use another backup.',
      });
    }
    return Object.fromEntries(this.rows);
  }

  private read(bytes: Buffer, last: boolean): Buffer {
    let at = 0;
    while (at < bytes.length) {
      const next =
        this.dollarQuote !== undefined
          ? this.passDollarQuoted(bytes, at, this.dollarQuote)
          : this.quote === 0
            ? this.step(bytes, at, last)
            : this.passQuoted(bytes, at);
      if (next === undefined) return Buffer.from(bytes.subarray(at));
      at = next;
    }
    return NOTHING;
  }

  /** Returns where to go on; undefined when more must be seen first. */
  private step(bytes: Buffer, at: number, last: boolean): number | undefined {
    switch (this.mode) {
      case 'rows':
        return this.passRows(bytes, at);
      case 'line comment':
        return this.passLineComment(bytes, at);
      case 'block comment':
        return this.passBlockComment(bytes, at);
      default:
        return this.passCode(bytes, at, last);
    }
  }

  /** The hot loop: within a row only quotes and brackets matter, between two of them everything. */
  private passRows(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let at = from;
    while (at < length) {
      if (this.depth === 0) {
        at = this.passBetweenRows(bytes, at);
        if (this.mode !== 'rows') return at;
        continue;
      }
      while (at < length && MATTERS_IN_ROW[bytes[at] ?? 0] === 0) at += 1;
      if (at === length) return at;
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === OPEN) {
        this.depth += 1;
      } else if (byte === CLOSE) {
        this.depth -= 1;
      } else if (byte === QUOTE) {
        at = endOfString(bytes, at);
        if (at >= length) {
          this.enterQuote(QUOTE, at > length);
          return length;
        }
        at += 1;
      } else {
        this.enterQuote(byte, false);
        return at;
      }
    }
    return at;
  }

  private passBetweenRows(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && BETWEEN_ROWS[bytes[at] ?? 0] === 1) at += 1;
    if (at === bytes.length) return at;
    if (bytes[at] === OPEN) {
      this.depth = 1;
      this.count += 1;
      return at + 1;
    }
    // Its end, or ON DUPLICATE KEY UPDATE and the like, which is no row.
    this.rows.set(this.table, (this.rows.get(this.table) ?? 0) + this.count);
    if (bytes[at] !== SEMICOLON) {
      this.mode = 'skip';
      return at;
    }
    this.mode = 'start';
    return at + 1;
  }

  private enterQuote(quote: number, escaped: boolean): void {
    this.quote = quote;
    this.escaped = escaped;
  }

  /** To behind the closing quote. A doubled one ends one text and begins the next, which comes to the same. */
  private passQuoted(bytes: Buffer, from: number): number {
    const escapes = this.quote !== BACKTICK && this.quoting.backslashEscapes;
    let at = this.escaped ? from + 1 : from;
    this.escaped = false;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === this.quote) {
        this.quote = 0;
        return at + 1;
      }
      if (byte === BACKSLASH && escapes) at += 1;
    }
    this.escaped = at > bytes.length;
    return bytes.length;
  }

  private passDollarQuoted(bytes: Buffer, from: number, ending: Buffer): number | undefined {
    const found = bytes.indexOf(ending, from);
    if (found !== -1) {
      this.dollarQuote = undefined;
      return found + ending.length;
    }
    // The end may have begun.
    const stop = bytes.length - ending.length + 1;
    return stop > from ? stop : undefined;
  }

  private passLineComment(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(NEWLINE, at);
    if (end === -1) return bytes.length;
    this.mode = this.outer;
    return end + 1;
  }

  private passBlockComment(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf('*/', at, 'latin1');
    if (end !== -1) {
      this.mode = this.outer;
      return end + 2;
    }
    // An asterisk at the end may be the first half.
    const stop = bytes.length - (bytes.at(-1) === STAR ? 1 : 0);
    return stop > at ? stop : undefined;
  }

  private passCode(bytes: Buffer, from: number, last: boolean): number | undefined {
    let at = from;
    while (at < bytes.length) {
      if (!last && bytes.length - at < TOKEN_BYTES) return at > from ? at : undefined;
      const byte = bytes[at] ?? 0;
      if (byte <= SPACE) {
        at += 1;
        continue;
      }
      if (this.mode === 'start') {
        if (!last && bytes.length - at < HEAD_BYTES && !isComment(bytes, at)) return at > from ? at : undefined;
        const behind = this.begin(bytes, at);
        if (behind !== undefined) return behind;
      }
      const opened = this.openComment(bytes, at);
      if (opened !== undefined) return opened;
      if (bytes.subarray(at, at + this.delimiter.length).equals(this.delimiter)) {
        this.endStatement();
        return at + this.delimiter.length;
      }
      if (byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK) {
        this.enterQuote(byte, false);
        return at + 1;
      }
      if (byte === DOLLAR && this.afterAs) {
        const opening = matchAt(DOLLAR_QUOTE, bytes, at, TOKEN_BYTES)?.[0];
        if (opening !== undefined) {
          this.dollarQuote = Buffer.from(opening, 'latin1');
          return at + opening.length;
        }
      }
      this.afterAs = false;
      if (byte === OPEN) this.depth += 1;
      else if (byte === CLOSE) this.depth -= 1;
      else if (this.mode === 'skip' && (byte | 0x20) === LETTER_A) {
        // A whole word, as what is before it has been passed as one.
        const found = matchAt(WORD, bytes, at, TOKEN_BYTES)?.[0] ?? '';
        if (/^AS$/i.test(found)) {
          this.afterAs = true;
          at += found.length;
          continue;
        }
      }
      const word = this.mode === 'values' && this.depth === 0 ? matchAt(WORD, bytes, at, TOKEN_BYTES) : undefined;
      at += word === undefined ? 1 : word[0].length;
      if (word !== undefined && this.leadsToRows(word[0])) return at;
    }
    return at;
  }

  /** At the first byte of a statement, unless it is a comment. Returns where to go on when that is not here. */
  private begin(bytes: Buffer, at: number): number | undefined {
    if (isComment(bytes, at) || bytes[at] === SEMICOLON) return undefined;
    const command = matchAt(DELIMITER, bytes, at);
    if (command?.[1] !== undefined) {
      this.delimiter = Buffer.from(command[1], 'latin1');
      return at + command[0].length;
    }
    this.mode = 'skip';
    this.depth = 0;
    this.afterAs = false;
    const set = matchAt(SET, bytes, at);
    if (set !== undefined) this.quoting.see(set[0]);
    // Within another delimiter there are bodies of routines.
    if (this.delimiter.length !== 1 || this.delimiter[0] !== SEMICOLON) return undefined;
    const insert = matchAt(INSERT, bytes, at);
    if (insert?.[2] !== undefined) {
      this.mode = 'values';
      this.table = nameOf(insert[2]);
      return at + insert[0].length;
    }
    // In an executable comment it is the place holder of a view.
    const create = this.inExecutable ? undefined : matchAt(CREATE, bytes, at);
    if (create?.[2] !== undefined) this.rows.set(nameOf(create[2]), this.rows.get(nameOf(create[2])) ?? 0);
    return create === undefined ? undefined : at + create[0].length;
  }

  /** The content of an executable comment is read like any other code. */
  private openComment(bytes: Buffer, at: number): number | undefined {
    const byte = bytes[at];
    if (byte === HASH || isDashes(bytes, at, this.mode === 'start')) return this.enterComment('line comment', at + 1);
    if (byte === STAR && bytes[at + 1] === SLASH && this.inExecutable) {
      this.inExecutable = false;
      return at + 2;
    }
    if (byte !== SLASH || bytes[at + 1] !== STAR) return undefined;
    const sandbox = matchAt(SANDBOX, bytes, at, TOKEN_BYTES);
    if (sandbox !== undefined) return at + sandbox[0].length;
    const executable = matchAt(EXECUTABLE, bytes, at, TOKEN_BYTES);
    if (executable === undefined) return this.enterComment('block comment', at + 2);
    this.inExecutable = true;
    return at + executable[0].length;
  }

  private enterComment(mode: 'line comment' | 'block comment', next: number): number {
    this.outer = this.mode;
    this.mode = mode;
    return next;
  }

  private leadsToRows(word: string): boolean {
    if (/^(SET|SELECT|WITH|TABLE)$/i.test(word)) throw this.uncountable();
    if (!/^VALUES?$/i.test(word)) return false;
    this.mode = 'rows';
    this.count = 0;
    return true;
  }

  private endStatement(): void {
    if (this.mode === 'values') throw this.uncountable();
    this.mode = 'start';
    this.inExecutable = false;
  }

  private uncountable(): DomainError {
    return new DomainError(
      'UNSUPPORTED',
      `The rows of ${this.table} cannot be counted in the dump, which has an INSERT without VALUES.`,
      { hint: 'Make the dump with mariadb-dump or mysqldump.' },
    );
  }
}

/** Where the closing quote is; the length when it is not there, and one more when a backslash was the last byte. */
function endOfString(bytes: Buffer, from: number): number {
  const { length } = bytes;
  let at = from;
  for (; at < length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}

function isComment(bytes: Buffer, at: number): boolean {
  return bytes[at] === HASH || isDashes(bytes, at, true) || (bytes[at] === SLASH && bytes[at + 1] === STAR);
}

/** Before a statement the clients take any `--` for a comment, elsewhere only with white space behind it. */
function isDashes(bytes: Buffer, at: number, any: boolean): boolean {
  if (bytes[at] !== DASH || bytes[at + 1] !== DASH) return false;
  return any || (bytes[at + 2] ?? SPACE) <= SPACE;
}

/** Matches the bytes as Latin-1, in which bytes are characters. */
function matchAt(pattern: RegExp, bytes: Buffer, at: number, limit = HEAD_BYTES): RegExpExecArray | undefined {
  pattern.lastIndex = 0;
  return pattern.exec(bytes.toString('latin1', at, at + limit)) ?? undefined;
}

function nameOf(token: string): string {
  const name = token.startsWith('`') ? token.slice(1, -1).replaceAll('``', '`') : token;
  return Buffer.from(name, 'latin1').toString('utf8');
}
