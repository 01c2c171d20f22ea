import { ChunkSearch } from '../../chunk-search.js';

const CARRIAGE_RETURN = 13;
const FROM_STDIN = Buffer.from(' FROM stdin;');

/** The bytes that end each state. Finding them costs a few nanoseconds a line, which is less than the server needs for a row. */
const NEXT = {
  commands: Buffer.from('\nCOPY '),
  copy: Buffer.from('\n'),
  // A backslash in data is written twice, so a line that begins like this is not a row.
  data: Buffer.from('\n\\.'),
} as const;

/**
 * Counts the tables whose rows have begun in a plain dump: lines `COPY … FROM stdin;`, and none that is itself a row. For
 * progress, so a function's body with such a line may be counted too.
 */
export class CopyCounter {
  tables = 0;
  private readonly search = new ChunkSearch();
  private state: keyof typeof NEXT = 'commands';
  private from = -1;

  update(chunk: Buffer): void {
    this.search.enter(chunk);
    for (;;) {
      const at = this.search.find(NEXT[this.state], this.from);
      if (at === undefined) break;
      this.from = this.pass(at);
    }
    this.from = this.search.leave(NEXT[this.state], this.from);
  }

  /** At the text that ends the state. Returns from where the next one is looked for. */
  private pass(at: number): number {
    if (this.state === 'copy') {
      const end = this.search.byteAt(at - 1) === CARRIAGE_RETURN ? at - 1 : at;
      const begins = this.search.isAt(FROM_STDIN, end - FROM_STDIN.length);
      if (begins) this.tables += 1;
      this.state = begins ? 'data' : 'commands';
      // The end of this line may begin what is looked for next.
      return at;
    }
    this.state = this.state === 'commands' ? 'copy' : 'commands';
    return at + 1;
  }
}
