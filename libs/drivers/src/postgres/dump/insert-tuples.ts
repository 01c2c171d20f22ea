import { isWordAt } from '../script/lexer.js';
import type { WordListener } from '../script/script-reader.js';

const OPEN = 0x28;
const CLOSE = 0x29;
const [INSERT, VALUES, DEFAULT] = ['insert', 'values', 'default'].map((word) => Buffer.from(word)) as [
  Buffer,
  Buffer,
  Buffer,
];
const QUERIES = ['select', 'table', 'with'].map((word) => Buffer.from(word));

/** Counts the rows of INSERT commands while their words stream by. */
export class InsertTuples implements WordListener {
  private words = 0;
  private depth = 0;
  private tuples: number | undefined;
  /** The rest of the command, as ON CONFLICT DO NOTHING, which pg_dump can add, has no rows; and it holds none that only the server could count. */
  private over = false;
  isInsert = false;

  /** How many rows the command puts in; undefined where only the server could tell. */
  get count(): number | undefined {
    return this.tuples;
  }

  reset(): void {
    this.words = 0;
    this.depth = 0;
    this.tuples = undefined;
    this.over = false;
    this.isInsert = false;
  }

  symbol(byte: number): void {
    if (byte === OPEN) {
      if (this.depth === 0 && this.tuples !== undefined && !this.over) this.tuples += 1;
      this.depth += 1;
    } else if (byte === CLOSE) {
      this.depth -= 1;
    }
  }

  word(buffer: Buffer, from: number, to: number): void {
    if (this.over || this.depth > 0) return;
    this.words += 1;
    // VALUES begins the rows, and what comes behind them is no row.
    if (this.tuples !== undefined) {
      this.over = true;
      return;
    }
    if (this.words === 1) {
      this.isInsert = isWordAt(buffer, from, to, INSERT);
      this.over = !this.isInsert;
    } else if (isWordAt(buffer, from, to, VALUES)) {
      this.tuples = 0;
    } else if (isWordAt(buffer, from, to, DEFAULT)) {
      this.tuples = 1;
      this.over = true;
    } else if (QUERIES.some((word) => isWordAt(buffer, from, to, word))) {
      this.over = true;
    }
  }
}
