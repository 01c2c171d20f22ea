import { isWordAt } from './lexer.js';

const [CREATE, OR, REPLACE] = ['create', 'or', 'replace'].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer];
const [FUNCTION, PROCEDURE] = ['function', 'procedure'].map((word) => Buffer.from(word)) as [Buffer, Buffer];
const [BEGIN, ATOMIC, CASE, END] = ['begin', 'atomic', 'case', 'end'].map((word) => Buffer.from(word)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];

/**
 * Follows whether we are in the body of `CREATE [OR REPLACE] FUNCTION|PROCEDURE … BEGIN ATOMIC …; …; END`, where a
 * semicolon does not end the command. psql does the same, but is fooled by a function that is called `begin`.
 */
export class FunctionBodyTracker {
  /** How many `END` are still to come. */
  depth = 0;
  /** The words by which the command has begun so far: none yet, `CREATE`, `CREATE OR`, `CREATE OR REPLACE`; or it is known. */
  private begun: 'none' | 'create' | 'or' | 'replace' | 'routine' | 'other' = 'none';
  private afterBegin = false;

  /** No word of the command has come yet. */
  get isFirst(): boolean {
    return this.begun === 'none';
  }

  /** A new command begins. */
  reset(): void {
    this.depth = 0;
    this.begun = 'none';
    this.afterBegin = false;
  }

  /** Any token that is not a bare word. */
  other(): void {
    this.afterBegin = false;
  }

  /** A bare word, at bytes `from` to `to` of `buffer`, inside of `parens` parentheses. */
  word(buffer: Buffer, from: number, to: number, parens: number): void {
    if (this.begun === 'other') return;
    if (this.begun !== 'routine') {
      this.begun = this.next(buffer, from, to);
      return;
    }
    if (parens > 0) return;
    if (this.depth > 0) {
      if (isWordAt(buffer, from, to, CASE)) this.depth += 1;
      else if (isWordAt(buffer, from, to, END)) this.depth -= 1;
    } else if (this.afterBegin && isWordAt(buffer, from, to, ATOMIC)) {
      this.depth = 1;
    }
    this.afterBegin = isWordAt(buffer, from, to, BEGIN);
  }

  private next(buffer: Buffer, from: number, to: number): typeof this.begun {
    const is = (word: Buffer): boolean => isWordAt(buffer, from, to, word);
    if (this.begun === 'none') return is(CREATE) ? 'create' : 'other';
    if (this.begun === 'or') return is(REPLACE) ? 'replace' : 'other';
    if (is(FUNCTION) || is(PROCEDURE)) return 'routine';
    return this.begun === 'create' && is(OR) ? 'or' : 'other';
  }
}
