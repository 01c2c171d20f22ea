import type { TableDefinition } from './table-definition.js';
import { replaced, rowHeadOf } from './row-statement.js';

export type HeldPiece = { bytes: Buffer; kind: 'text' | 'around rows' } | { bytes: Buffer; kind: 'rows'; line: number };

export const ODD_ROWS = 'it has rows in another form, or of another table, among those of a table';

/** So many statements tell how long they are. */
const ENOUGH_STATEMENTS = 64;
/** Shorter statements spend most of their time between us and the server. */
const WORTHWHILE_STATEMENT = 4 * 1024;
/** More than any table has before its rows. */
const HELD_LIMIT = 16 * 1024 * 1024;

/** A table of which so little has been seen that it is not known yet whether it is large. */
export class HeldTable {
  readonly pieces: HeldPiece[] = [];
  rowBytes = 0;
  /** How its statements with rows begin. */
  rowHead: string | undefined;
  /** A statement with rows that is not like the others, or not for this table. */
  private odd = false;
  private rowStatements = 0;
  private bytes = 0;

  constructor(
    readonly table: TableDefinition,
    readonly create: Buffer,
    /** Where it begins in the dump. */
    readonly line: number,
    /** For when it stays small: what is made without some foreign keys, which come later. */
    readonly foreignKeys: { create: string; foreignKeys: string } | undefined,
  ) {}

  get isFull(): boolean {
    return this.bytes > HELD_LIMIT;
  }

  add(bytes: Buffer, kind: 'text' | 'around rows' = 'text'): void {
    this.pieces.push({ bytes, kind });
    this.bytes += bytes.length;
  }

  addRows(bytes: Buffer, line: number): void {
    const head = rowHeadOf(bytes);
    this.rowHead ??= head;
    if (head === undefined || head !== this.rowHead || !head.startsWith(`INSERT INTO ${this.table.name} `))
      this.odd = true;
    this.pieces.push({ bytes, kind: 'rows', line });
    this.bytes += bytes.length;
    this.rowBytes += bytes.length;
    this.rowStatements += 1;
  }

  /** Why its rows cannot take turns; a sentence part. */
  objection(): string | undefined {
    if (this.odd) return ODD_ROWS;
    const few = this.rowStatements >= ENOUGH_STATEMENTS && this.rowBytes / this.rowStatements < WORTHWHILE_STATEMENT;
    return few ? 'its INSERT statements hold few rows each' : undefined;
  }

  /** All of it, for the client alone. */
  asItIs(): Buffer[] {
    const create = this.foreignKeys === undefined ? this.create : replaced(this.create, this.foreignKeys.create);
    return [create, ...this.pieces.map(({ bytes }) => bytes)];
  }
}
