import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { BLANK, QUOTED_NAME } from '../../script/lexer/lexical-rules.js';
import { ScriptLexer } from '../../script/lexer/script-lexer.js';
import type { Span } from '../../script/lexer/script-lexer.js';

/** Within these a statement says what it is: its words up to the name, with blanks. */
const HEAD_LENGTH = 16 * 1024;

const NAME = `(${QUOTED_NAME}|(?!(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|INTO)${BLANK})[\\w$\\x80-\\xff]+)`;
const TARGET = `(?:${NAME}${BLANK}*\\.${BLANK}*)?${NAME}`;
/** The name has ended where something else follows. */
const ENDED = `(?=${BLANK}*[^\\t-\\r .\`\\w$\\x80-\\xff]|${BLANK}+[^\\t-\\r .])`;
const INSERT = new RegExp(
  `^(?:INSERT|REPLACE)${BLANK}+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)${BLANK}+)*(?:INTO${BLANK}+)?${TARGET}${ENDED}`,
  'i',
);
const ROWS = /^(?:INSERT|REPLACE)\b/i;
const CREATE = new RegExp(`^CREATE${BLANK}+TABLE${BLANK}+(?:IF${BLANK}+NOT${BLANK}+EXISTS${BLANK}+)?${TARGET}`, 'i');
/** What leads from the name of a table to its rows. */
const WORD_OR_BRACKET = /[A-Za-z_$\x80-\xff][\w$\x80-\xff]*|[()]/g;
const ROWS_WORD = /^VALUES?$/i;
const OTHER_ROWS_WORD = /^(?:SET|SELECT|WITH|TABLE)$/i;

type Mode =
  /** In a statement whose beginning is not known yet. */
  | 'head'
  /** In a statement, on the way to its end. */
  | 'skip'
  /** In an INSERT, on the way to its rows. */
  | 'values'
  /** In the rows of an INSERT. */
  | 'rows';

/**
 * Counts the rows of each table in a dump of either family, as its INSERT statements hold them, by the spans of a {@link ScriptLexer}.
 * Rows pass byte by byte and nothing is kept of them.
 */
export class InsertRowCounter {
  private readonly rows = new Map<string, number>();
  private readonly lexer = new ScriptLexer();
  private mode: Mode = 'head';
  /** The beginning of the statement, without comments. */
  private head = '';
  /** Whether it begins in an executable comment. */
  private inExecutable = false;
  private depth = 0;
  private table = '';

  /** Whether it has come to the first table. */
  get sawTable(): boolean {
    return this.rows.size > 0;
  }

  update(chunk: Buffer): void {
    this.lexer.push(chunk);
    this.read();
  }

  /** Tables that the dump makes are in it, with 0 when it has no rows of theirs. BACKUP_DAMAGED when it is cut off. */
  finish(): RowCounts {
    this.lexer.end();
    this.read();
    if (this.lexer.isOpen) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump ends in the middle of a statement.', {
        hint: 'The file is cut off or altered: use another backup.',
      });
    }
    return Object.fromEntries(this.rows);
  }

  private read(): void {
    for (;;) {
      if (this.mode === 'skip') {
        if (!this.lexer.passStatement()) return;
        this.endStatement();
      } else if (this.mode === 'rows') {
        if (this.lexer.passRows() === undefined) return;
        // Its end, or ON DUPLICATE KEY UPDATE and the like, which is no row.
        this.rows.set(this.table, (this.rows.get(this.table) ?? 0) + this.lexer.rowCount);
        this.mode = 'skip';
      } else {
        const span = this.lexer.next();
        if (span === undefined) return;
        this.take(span);
      }
    }
  }

  private take(span: Span): void {
    switch (span) {
      case 'code':
      case 'quoted':
        if (this.mode === 'head') this.readHead(span);
        else if (span === 'code') this.readWords(this.lexer.from);
        return;
      case 'end':
        return this.endStatement();
      default:
        // Comments part words.
        if (this.head !== '') this.head += ' ';
    }
  }

  private readHead(span: 'code' | 'quoted'): void {
    const { bytes, from, to, inExecutable } = this.lexer;
    const partEnd = Math.min(to, from + HEAD_LENGTH);
    const part = bytes.toString('latin1', from, partEnd);
    if (this.head === '') this.inExecutable = inExecutable;
    this.head += this.head === '' ? part.replace(/^[\t-\r ]+/, '') : part;
    const isFull = this.head.length >= HEAD_LENGTH;
    if (this.head.length < 'REPLACE '.length) return;
    if (!ROWS.test(this.head)) {
      if (isFull) this.leaveHead();
      return;
    }
    const insert = INSERT.exec(this.head);
    if (insert?.[2] !== undefined) {
      this.mode = 'values';
      this.depth = 0;
      this.table = nameOf(insert[2]);
      // The name ended before or within this span.
      if (span === 'code') this.readWords(Math.max(from, partEnd - (this.head.length - insert[0].length)));
    } else if (isFull) {
      this.leaveHead();
    }
  }

  private leaveHead(): void {
    // In an executable comment it is the place holder of a view.
    const created = this.inExecutable ? undefined : CREATE.exec(this.head)?.[2];
    if (created !== undefined) this.rows.set(nameOf(created), this.rows.get(nameOf(created)) ?? 0);
    this.mode = 'skip';
  }

  /** Reads the code from this place to the end of the span. */
  private readWords(from: number): void {
    const { bytes, to } = this.lexer;
    for (const { 0: word, index } of bytes.toString('latin1', from, to).matchAll(WORD_OR_BRACKET)) {
      if (word === '(') this.depth += 1;
      else if (word === ')') this.depth -= 1;
      else if (this.depth === 0 && OTHER_ROWS_WORD.test(word)) throw this.uncountable();
      else if (this.depth === 0 && ROWS_WORD.test(word)) {
        this.lexer.returnTo(from + index + word.length);
        this.lexer.rowCount = 0;
        this.mode = 'rows';
        return;
      }
    }
  }

  private endStatement(): void {
    if (this.mode === 'values') throw this.uncountable();
    if (this.mode === 'head') {
      const named = INSERT.exec(`${this.head};`)?.[2];
      if (named !== undefined) {
        this.table = nameOf(named);
        throw this.uncountable();
      }
      this.leaveHead();
    }
    this.mode = 'head';
    this.head = '';
  }

  private uncountable(): DomainError {
    return new DomainError(
      'UNSUPPORTED',
      `The rows of ${this.table} cannot be counted in the dump, which has an INSERT without VALUES.`,
      { hint: 'Make the dump with mariadb-dump or mysqldump.' },
    );
  }
}

function nameOf(token: string): string {
  const name = token.startsWith('`') ? token.slice(1, -1).replaceAll('``', '`') : token;
  return Buffer.from(name, 'latin1').toString('utf8');
}
