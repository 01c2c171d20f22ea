import { Transform, pipeline } from 'node:stream';
import type { Readable, TransformCallback } from 'node:stream';
import { DomainError } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { delimiterSetBy } from '../script/lexer/lexical-rules.js';

const LF = 0x0a;
/** A longer line is none of those that matter: rows. */
const LINE_LIMIT = 16 * 1024;

const NAME = '`((?:[^`]|``)+)`';
/** The headings of mysqldump and mariadb-dump, of phpMyAdmin, and of sakila, which has names without quotes, too. */
const TABLE_SECTION = new RegExp(
  `^-- (?:Table structure for table|Dumping data for table|(?:Indexes|AUTO_INCREMENT|Constraints) for table|Triggers(?= \`)) (?:${NAME}|([\\w$]+)\\s*$)`,
);
/** The beginning of a part that is about no table. */
const OTHER_SECTION =
  /^-- (Temporary (table|view) structure|Final view structure|Sequence structure|Dumping (events|routines)|Current Database|Insufficient privileges|Stand-in structure|Structure for view|View structure|(Procedures|Functions|Events|Metadata)\s*$|(Procedure|Function) structure|(Indexes|AUTO_INCREMENT|Constraints) for dumped|Triggers for )/;
/** Statements of a table, which stand in its part. */
const OF_TABLE = new RegExp(
  `^(?:CREATE TABLE(?: IF NOT EXISTS)?|ALTER TABLE|(?:INSERT|REPLACE)(?: IGNORE)?(?: INTO)?) (?:${NAME}|([\\w$]+))`,
  'i',
);
const OF_TABLE_LENGTH = 300;
const STARTS_OF_TABLE: ReadonlySet<number> = new Set(Buffer.from('CAIRcair'));
const FOREIGN_KEY = new RegExp(`^ +CONSTRAINT ${NAME} FOREIGN KEY .*? REFERENCES (?:${NAME}\\.)?${NAME}`);

export interface DumpedForeignKey {
  name: string;
  table: string;
  /** Undefined: in the same database. */
  targetSchema: string | undefined;
  target: string;
}

/**
 * Cuts a dump by the comments that the tools write before each part, and lets pass what is about the wanted tables: their
 * structure, rows and triggers, and the settings at the beginning. What is left out leaves its line ends, so that an error
 * names the line of the dump. A part ends where the next begins; what looks like a beginning within a routine is none.
 */
export class SectionFilter extends Transform {
  /** In the order of the dump. */
  readonly tables = new Set<string>();
  readonly foreignKeys: DumpedForeignKey[] = [];
  private held: Buffer[] = [];
  private atLineStart = true;
  private inBody = false;
  private table: string | undefined;
  private passing = true;
  /** Settings follow behind what does not pass now. */
  private resumes = false;
  /** A table of which something stands in the part of another, so that the comments do not tell what belongs to it. */
  misplaced: string | undefined;
  /** Tables of which something stands in parts about no table; stand-ins for views, mostly. */
  private readonly elsewhere = new Set<string>();

  constructor(private readonly wanted: (table: string) => boolean) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const data = this.held.length === 0 ? chunk : Buffer.concat([...this.held, chunk]);
    this.held = [];
    this.sift(data, false);
    done();
  }

  override _flush(done: TransformCallback): void {
    this.sift(Buffer.concat(this.held), true);
    this.misplaced ??= [...this.elsewhere].find((name) => this.tables.has(name));
    done();
  }

  private sift(data: Buffer, last: boolean): void {
    const out: Buffer[] = [];
    let passFrom = this.passing ? 0 : -1;
    let skippedLines = 0;
    const stopPassing = (at: number): void => {
      if (passFrom !== -1 && at > passFrom) out.push(data.subarray(passFrom, at));
      passFrom = -1;
    };
    const startPassing = (at: number): void => {
      if (passFrom !== -1) return;
      if (skippedLines > 0) out.push(Buffer.alloc(skippedLines, LF));
      skippedLines = 0;
      passFrom = at;
    };
    let at = 0;
    while (at < data.length) {
      const newline = data.indexOf(LF, at);
      const end = newline === -1 ? data.length : newline;
      if (this.atLineStart) {
        if (newline === -1 && !last && data.length - at < LINE_LIMIT) break;
        if (end - at < LINE_LIMIT) this.look(data, at, end);
        this.place(data, at, Math.min(end, at + OF_TABLE_LENGTH));
        if (this.passing) startPassing(at);
        else stopPassing(at);
      }
      if (newline !== -1 && !this.passing) skippedLines += 1;
      this.atLineStart = newline !== -1;
      at = newline === -1 ? data.length : newline + 1;
    }
    stopPassing(at);
    if (skippedLines > 0) out.push(Buffer.alloc(skippedLines, LF));
    if (at < data.length) {
      this.held.push(data.subarray(at));
    }
    if (out.length > 0) this.push(Buffer.concat(out));
  }

  /** A whole line, without its end. */
  private look(data: Buffer, from: number, to: number): void {
    const first = data[from];
    if (first === 0x2d) this.comment(data.toString('latin1', from, to));
    else if (first === 0x44 || first === 0x64) this.delimiter(data.toString('latin1', from, to));
    else if (first === 0x20 && this.table !== undefined && !this.inBody) this.key(data.toString('latin1', from, to));
  }

  private place(data: Buffer, from: number, to: number): void {
    if (this.inBody || this.misplaced !== undefined || !STARTS_OF_TABLE.has(data[from] ?? 0)) return;
    const [, quoted, bare] = OF_TABLE.exec(data.toString('latin1', from, to)) ?? [];
    const name = quoted ?? bare;
    if (name === undefined || unquoted(name) === this.table) return;
    if (this.table === undefined) this.elsewhere.add(unquoted(name));
    else this.misplaced = unquoted(name);
  }

  private comment(line: string): void {
    if (this.inBody) return;
    const [, quoted, bare] = TABLE_SECTION.exec(line) ?? [];
    const name = quoted ?? bare;
    if (name !== undefined) {
      this.table = unquoted(name);
      this.tables.add(this.table);
      this.passing = this.wanted(this.table);
    } else if (OTHER_SECTION.test(line)) {
      this.table = undefined;
      this.passing = false;
    } else if (line.startsWith('-- Dump completed')) {
      this.passing = true;
    }
  }

  private delimiter(line: string): void {
    const found = delimiterSetBy(line);
    if (found === undefined) return;
    this.inBody = found !== ';';
    // Routines among the settings at the beginning, as phpMyAdmin writes them, are about no table.
    if (this.inBody && this.passing && this.table === undefined) {
      this.passing = false;
      this.resumes = true;
    } else if (!this.inBody && this.resumes) {
      this.passing = true;
      this.resumes = false;
    }
  }

  private key(line: string): void {
    const [, name, schema, target] = FOREIGN_KEY.exec(line) ?? [];
    if (name === undefined || target === undefined || this.table === undefined) return;
    const targetSchema = schema === undefined ? undefined : unquoted(schema);
    this.foreignKeys.push({ name: unquoted(name), table: this.table, targetSchema, target: unquoted(target) });
  }
}

export interface DumpContents {
  tables: readonly string[];
  foreignKeys: readonly DumpedForeignKey[];
}

/** Reads the dump to its end. UNSUPPORTED for one without the comments that say what each part is about. */
export async function contentsOf(source: DumpSource, signal: AbortSignal): Promise<DumpContents> {
  const filter = new SectionFilter(() => false);
  const script = through(source, filter);
  for await (const chunk of script) {
    void chunk;
    signal.throwIfAborted();
  }
  const misplaced = source.own ? undefined : filter.misplaced;
  if (filter.tables.size > 0 && misplaced === undefined)
    return { tables: [...filter.tables], foreignKeys: filter.foreignKeys };
  const where = misplaced === undefined ? '' : ` Something of "${misplaced}" stands where its comments name another.`;
  throw new DomainError('UNSUPPORTED', `The dump does not say which of its parts is about which table.${where}`, {
    hint: 'Restore all of it into another database, and take the tables from there. Dumps of mysqldump and mariadb-dump with comments (not --skip-comments or --compact) say it.',
  });
}

/** The dump as if it held only these tables. */
export function onlyTables(source: DumpSource, tables: ReadonlySet<string>): DumpSource {
  return { ...source, open: () => through(source, new SectionFilter((table) => tables.has(table))) };
}

function through(source: DumpSource, filter: SectionFilter): Readable {
  // An error of the source becomes one of the filter, which the reader sees.
  return pipeline(source.open(), filter, () => undefined);
}

function unquoted(name: string): string {
  return Buffer.from(name.replaceAll('``', '`'), 'latin1').toString('utf8');
}
