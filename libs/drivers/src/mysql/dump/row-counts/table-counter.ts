import { ChunkSearch } from '../../../chunk-search.js';

/** Both families write it before the rows of each table. Within a row a line end is written as `\n`, so no row has it. */
const HEADING = Buffer.from('\n-- Dumping data for table ');

/** Counts the tables whose rows have begun in a dump. */
export class TableCounter {
  tables = 0;
  private readonly search = new ChunkSearch();
  private from = -1;

  update(chunk: Buffer): void {
    this.search.enter(chunk);
    for (;;) {
      const at = this.search.find(HEADING, this.from);
      if (at === undefined) break;
      this.tables += 1;
      this.from = at + HEADING.length;
    }
    this.from = this.search.leave(HEADING, this.from);
  }
}
