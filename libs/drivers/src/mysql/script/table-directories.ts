import { delimiterSetBy } from './lexer/lexical-rules.js';
import { unquoted } from './statement-tokens.js';

const CLAUSE = /(DATA|INDEX) DIRECTORY ?= ?'((?:[^'\\]|\\.|'')*)'(?: |(?=;|,|\)|\r?$))/g;
/** A text within quotes is no clause. */
const PARTS = new RegExp(`'(?:[^'\\\\]|\\\\.|'')*'|\`(?:[^\`]|\`\`)*\`|"(?:[^"\\\\]|\\\\.|"")*"`, 'g');

/**
 * Takes DATA DIRECTORY and INDEX DIRECTORY out of the tables of a dump, line by line. Tables of two databases would share files there (MyISAM,
 * Aria), a verification would write where the source keeps its data, and servers refuse folders that they do not know.
 */
export class TableDirectories {
  /** The folders that were left out, by table. */
  readonly found = new Map<string, Set<string>>();
  private table: string | undefined;
  private inBody = false;

  /** Whether the lines of a CREATE TABLE are read. */
  get inTable(): boolean {
    return this.table !== undefined;
  }

  /** A line of the dump, as Latin-1 text, without its end. */
  withoutDirectories(line: string): string {
    const delimiter = line.startsWith('D') ? delimiterSetBy(line) : undefined;
    if (delimiter !== undefined) this.inBody = delimiter !== ';';
    if (this.inBody) return line;
    const [, name] = /^CREATE TABLE (?:IF NOT EXISTS )?(`(?:[^`]|``)+`) \(\r?$/.exec(line) ?? [];
    if (name !== undefined) {
      this.table = Buffer.from(unquoted(name), 'latin1').toString('utf8');
      return line;
    }
    const { table } = this;
    if (table === undefined) return line;
    if (/;\r?$/.test(line)) this.table = undefined;
    // A column, or a key.
    if (line.startsWith('  `') || !line.includes(' DIRECTORY')) return line;
    return this.strip(line, table);
  }

  private strip(line: string, table: string): string {
    let result = '';
    let at = 0;
    for (;;) {
      CLAUSE.lastIndex = at;
      PARTS.lastIndex = at;
      const clause = CLAUSE.exec(line);
      const part = PARTS.exec(line);
      if (clause === null) break;
      if (part !== null && part.index < clause.index) {
        const end = part.index + part[0].length;
        result += line.slice(at, end);
        at = end;
        continue;
      }
      const folders = this.found.get(table) ?? new Set();
      folders.add(Buffer.from(clause[2] ?? '', 'latin1').toString('utf8'));
      this.found.set(table, folders);
      result += line.slice(at, clause.index);
      at = clause.index + clause[0].length;
    }
    return result + line.slice(at);
  }
}

/** Returns the warnings about the folders. */
export function directoryWarnings(found: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  if (found.size === 0) return [];
  const tables = [...found].map(([table, folders]) => `${table} (${[...folders].join(', ')})`).join(', ');
  return [
    `Tables have directories of their own in the backup (DATA DIRECTORY, INDEX DIRECTORY), and were made in the data folder of the server instead: ${tables}.`,
  ];
}
