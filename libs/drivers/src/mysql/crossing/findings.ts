/** Everything that the survey of a dump has found which its target has otherwise, or not at all. */
export class Findings {
  /** In whole sentences. */
  readonly warnings = new Set<string>();
  /** The objects that cannot be loaded, in words for a list: `sequence s`. */
  readonly refused = new Set<string>();
  /** Names that the target does not know, and where they stand. */
  readonly collations = new Map<string, Set<string>>();
  /** Columns that could be made invisible, by their table. */
  readonly madeInvisible = new Map<string, Set<string>>();
  /** Tables of whose rows some are written without the names of the columns. */
  readonly unnamedRows = new Set<string>();
  /** Columns that are computed of others, by their table. */
  readonly generated = new Map<string, Set<string>>();
  /** CHECKs have names of a whole database in MySQL, and of their table in MariaDB. */
  readonly checkNames = new Set<string>();

  noteCollation(name: string, place: string): void {
    const places = this.collations.get(name) ?? new Set();
    this.collations.set(name, places.add(place));
  }
}

/** A part of a statement and what stands there instead, both as Latin-1. */
export interface Edit {
  from: number;
  to: number;
  by: string;
}

/** Scripts are read as Latin-1. */
export function readable(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}
