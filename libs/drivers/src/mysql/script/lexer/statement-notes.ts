import { DomainError } from '@app/domain';
import { BLANK, isBlank } from './lexical-rules.js';

/** Within these the first word of a statement is known. */
const FIRST_WORD = 8;
const LEADING_BLANKS = new RegExp(`^${BLANK}+`);
const SETS = new RegExp(`^SET${BLANK}`, 'i');
const ROWS = /^(?:INSERT|REPLACE)\b/i;
const AFTER_AS = /(?:^|[^\w$\x80-\xff])AS $/i;
/** AS, the byte before it, and a blank behind it. */
const TAIL_LENGTH = 4;

/** The longest statement that is not of rows (FAILURES 60). */
const STATEMENT_LENGTH = 64 * 1024 * 1024;

export function requireLength(length: number, line: number): void {
  if (length <= STATEMENT_LENGTH) return;
  throw new DomainError('BACKUP_UNSAFE', `The dump holds a statement of more than 64 MB on line ${line}.`, {
    hint: 'Only statements of rows may be that long. Nothing was loaded.',
  });
}

/** Keeps of the open statement what tells how the script goes on. Memory is constant but for SET. */
export class StatementNotes {
  /** By its first word; undefined while that is not known. */
  kind: 'set' | 'rows' | 'other' | undefined;
  /** The text, as long as the kind is not known, and all of it where it is SET. */
  text = '';
  private line = 1;
  /** The end of the code, with one blank for any number of them. */
  private tail = '';

  begin(line: number): void {
    this.kind = undefined;
    this.text = '';
    this.tail = '';
    this.line = line;
  }

  /** No more of the statement comes. */
  end(): void {
    this.kind ??= kindOf(this.text);
  }

  get isEmpty(): boolean {
    return this.kind === undefined && /^[\0- \x7f]*$/.test(this.text);
  }

  get isBehindAs(): boolean {
    return AFTER_AS.test(this.tail);
  }

  addCode(bytes: Buffer, from: number, to: number): void {
    this.addText(bytes, from, to);
    let end = to;
    while (end > from && isBlank(bytes[end - 1])) end -= 1;
    if (end > from) {
      const isWhole = end - from < TAIL_LENGTH - 1;
      this.tail = (isWhole ? this.tail : '') + bytes.toString('latin1', Math.max(from, end - TAIL_LENGTH + 1), end);
    }
    if (end < to) this.addTailBlank();
    this.tail = this.tail.slice(-TAIL_LENGTH);
  }

  addQuoted(bytes: Buffer, from: number, to: number): void {
    this.addText(bytes, from, to);
    this.tail = `'`;
  }

  /** A comment parts words. */
  addBlank(): void {
    if (this.text !== '') this.text += ' ';
    this.addTailBlank();
  }

  private addText(bytes: Buffer, from: number, to: number): void {
    if (this.kind === 'rows' || this.kind === 'other') return;
    const part = bytes.toString('latin1', from, to);
    this.text += this.text === '' ? part.replace(LEADING_BLANKS, '') : part;
    if (this.kind === undefined && this.text.length >= FIRST_WORD) this.kind = kindOf(this.text);
    if (this.kind === 'set') requireLength(this.text.length, this.line);
    else if (this.kind !== undefined) this.text = '';
  }

  private addTailBlank(): void {
    if (!this.tail.endsWith(' ')) this.tail = `${this.tail} `.slice(-TAIL_LENGTH);
  }
}

function kindOf(text: string): 'set' | 'rows' | 'other' {
  if (SETS.test(text)) return 'set';
  return ROWS.test(text) ? 'rows' : 'other';
}
