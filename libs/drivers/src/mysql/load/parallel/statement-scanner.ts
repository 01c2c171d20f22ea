import { NEWLINE, SEMICOLON } from '../../script/lexer/lexical-rules.js';
import { ScriptLexer } from '../../script/lexer/script-lexer.js';

/** Finds the line ends behind the statements of a script, a chunk at a time, in constant memory; see {@link ScriptLexer}. */
export class StatementScanner {
  /** Whether something other than white space stood between the statement and the end of its line. */
  crowded = false;
  private readonly lexer = new ScriptLexer();
  /** Behind the delimiter, before the end of its line. */
  private hasEnded = false;

  /** The line of the next byte, from 1. */
  get line(): number {
    return this.lexer.line;
  }

  setDelimiter(delimiter: string): void {
    this.lexer.setDelimiter(Buffer.from(delimiter, 'latin1'));
  }

  get usesSemicolon(): boolean {
    const { delimiter } = this.lexer;
    return delimiter.length === 1 && delimiter[0] === SEMICOLON;
  }

  /**
   * From where a statement begins, or goes on. Returns where the line after the statement begins, or -1 when the statement goes on behind
   * these bytes.
   */
  scan(bytes: Buffer, from: number): number {
    const { lexer } = this;
    // What it has kept of the bytes before stands before these.
    const first = from - lexer.bytes.length - lexer.offset;
    lexer.push(bytes.subarray(from));
    if (!this.hasEnded) {
      if (!lexer.passStatement()) return -1;
      this.hasEnded = true;
      this.crowded = false;
    }
    const { ended, crowded } = lexer.passRestOfLine();
    this.crowded ||= crowded;
    if (!ended) return -1;
    this.hasEnded = false;
    lexer.forget();
    return first + lexer.offset;
  }

  /** Lines that are no statement, between two of them. Returns where the next one begins, or -1. */
  scanLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(NEWLINE, from);
    if (end === -1) return -1;
    this.lexer.line += 1;
    return end + 1;
  }
}
