/** Comments that the dump tools write before a table, and before its rows. */
const MARKS = ['\nCREATE TABLE `', '\nINSERT INTO `'] as const;
const LONGEST_NAME = 400;

/** How far somebody has read in a dump: for whom it stands still, and wants to know where. */
export class DumpPosition {
  bytes = 0;
  /** The last table that was seen. */
  table: string | undefined;

  see(chunk: Buffer): void {
    this.bytes += chunk.length;
    const at = Math.max(...MARKS.map((mark) => chunk.lastIndexOf(mark, undefined, 'latin1')));
    if (at === -1) return;
    const name = /`((?:[^`]|``)+)`/.exec(chunk.toString('utf8', at, at + LONGEST_NAME))?.[1];
    if (name !== undefined) this.table = name.replaceAll('``', '`');
  }

  /** Nothing where none was seen; ` at the table "orders"`. */
  get atTable(): string {
    return this.table === undefined ? '' : ` at the table "${this.table}"`;
  }
}
