import type { DumpContents } from '../../db-driver.js';
import { skeleton } from './skeleton.js';

/** Enough for the names that a statement begins with. */
const HEAD_BYTES = 1_000;
const PART = String.raw`(?:"(?:[^"]|"")+"|[^\s".(;]+)`;
const TABLE = String.raw`(${PART}(?:\.${PART})?)`;
const MAKES = new RegExp(String.raw`^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?${TABLE}`);
const FILLS = new RegExp(String.raw`^COPY (?:ONLY )?${TABLE}`);
/** Indexes and keys, and what belongs to tables that are there: what pg_dump writes behind the rows. */
const BEHIND_ROWS = /^(CREATE (UNIQUE )?INDEX|CREATE (CONSTRAINT )?TRIGGER|ALTER TABLE\b.* ADD CONSTRAINT)\b/;

/** Collects what a script makes and fills, statement by statement. */
export class ScriptContents {
  /** Tables that it makes, and whether they are partitioned. */
  private readonly made = new Map<string, boolean>();
  private readonly filled = new Set<string>();
  private inserts = false;
  private extensions = false;
  private behindRows = false;

  /** `words`: the {@link skeleton} of the statement. */
  note(words: string, text: Buffer, standardStrings: boolean): void {
    if (words.startsWith('CREATE EXTENSION')) this.extensions = true;
    else if (BEHIND_ROWS.test(words)) this.behindRows = true;
    else if (/^CREATE (UNLOGGED )?TABLE /.test(words)) {
      const name = nameIn(MAKES, text, standardStrings);
      if (name !== undefined) this.made.set(name, /\) PARTITION BY /.test(words));
      if (/\b(PRIMARY KEY|UNIQUE|REFERENCES)\b/.test(words)) this.behindRows = true;
    } else if (words.startsWith('INSERT INTO ')) this.inserts = true;
    else if (words.startsWith('COPY ')) {
      const name = nameIn(FILLS, text, standardStrings);
      if (name !== undefined) this.filled.add(name);
    }
  }

  get result(): DumpContents {
    const rows = this.inserts || this.filled.size > 0;
    const tables = this.made.size;
    const others = this.extensions || tables > 0;
    return {
      tables,
      rows,
      withoutRows: this.withoutRows(),
      indexes: this.behindRows,
      only: others ? undefined : rows ? 'rows' : this.behindRows ? 'indexes' : undefined,
    };
  }

  /** An empty table has no INSERT, but a COPY. The rows of a partition may be inserted through its root. */
  private withoutRows(): string[] {
    if (this.inserts || this.filled.size === 0) return [];
    const entries = [...this.made];
    if (entries.some(([name, partitioned]) => partitioned && this.filled.has(name))) return [];
    return entries.filter(([name, partitioned]) => !partitioned && !this.filled.has(name)).map(([name]) => plain(name));
  }
}

function nameIn(pattern: RegExp, text: Buffer, standardStrings: boolean): string | undefined {
  return pattern.exec(skeleton(text.subarray(0, HEAD_BYTES), { standardStrings, keepQuoted: true }))?.[1];
}

/** Returns a name as people write it: in lower case if it was not quoted. */
function plain(name: string): string {
  const shown = name.replace(/"(?:[^"]|"")+"|[^".]+/g, (part) => (part.startsWith('"') ? part : part.toLowerCase()));
  return Buffer.from(shown, 'latin1').toString('utf8');
}
