/**
 * Follows whether we are in the body of `CREATE [OR REPLACE] FUNCTION|PROCEDURE … BEGIN ATOMIC …; …; END`, where a
 * semicolon does not end the command. psql does the same, but is fooled by a function that is called `begin`.
 */
export class FunctionBodyTracker {
  /** How many `END` are still to come. */
  depth = 0;
  private firstWords: string[] = [];
  private isRoutine: boolean | undefined;
  private afterBegin = false;

  /** A new command begins. */
  reset(): void {
    this.depth = 0;
    this.firstWords = [];
    this.isRoutine = undefined;
    this.afterBegin = false;
  }

  /** Any token that is not a bare word. */
  other(): void {
    this.afterBegin = false;
  }

  /** A bare word, at bytes `from` to `to` of `buffer`, inside of `parens` parentheses. */
  word(buffer: Buffer, from: number, to: number, parens: number): void {
    if (this.isRoutine === false) return;
    const word = to - from > MAX_LENGTH ? '' : buffer.toString('latin1', from, to).toLowerCase();
    if (this.isRoutine === undefined) {
      this.firstWords.push(word);
      this.isRoutine = beginsRoutine(this.firstWords);
      return;
    }
    if (parens > 0) return;
    if (this.depth > 0) {
      if (word === 'case') this.depth += 1;
      else if (word === 'end') this.depth -= 1;
    } else if (this.afterBegin && word === 'atomic') {
      this.depth = 1;
    }
    this.afterBegin = word === 'begin';
  }
}

/** The length of the longest word that matters, `procedure`. */
const MAX_LENGTH = 9;

/** Undefined while it can still become one. */
function beginsRoutine(words: readonly string[]): boolean | undefined {
  const last = words.at(-1);
  if (words.length === 1) return last === 'create' ? undefined : false;
  if (last === 'function' || last === 'procedure') return words.length === 2 || words.length === 4;
  const expected = ['create', 'or', 'replace'][words.length - 1];
  return last === expected ? undefined : false;
}
