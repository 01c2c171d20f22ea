import { Readable } from 'node:stream';
import type { DumpContents, DumpSource, TidiedDump, TidyOptions } from '../../db-driver.js';
import { EditedText } from '../../edited-text.js';
import { databaseIn, ForeignStatements } from './foreign-statements.js';
import type { Tidying } from './foreign-statements.js';
import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { commandForPsql } from './statement-policy.js';

const TAIL_BYTES = 4_096;
const SEMICOLON = 0x3b;
/** The end mark, and what some services write behind it. */
const END =
  /(?:^|\n)--\r?\n-- PostgreSQL database dump complete\r?\n--\s*(?:(?:RESET ALL|SET [^;\n]{1,200}|ANALYZE|VACUUM[ A-Z,()]{0,60}|COMMIT|END);\s*|--[^\n]*\n\s*|\\(?:unrestrict \w+|q|echo[^\n]*)\s*)*$/i;
/** The end mark of pg_dumpall. */
const CLUSTER_END = /(?:^|\n)--\r?\n-- PostgreSQL database cluster dump complete\r?\n--\s*(?:\\unrestrict \w+\s*)*$/;
const QUIT = String.raw`\q`;
const END_MARK = Buffer.from('\n--\n-- PostgreSQL database dump complete\n--\n\n');

/**
 * A foreign script as it can be loaded: without what {@link ForeignStatements} takes out, each line still on its line, and
 * with the end mark as its last lines, where it had one at all or the caller does without.
 */
export function tidyForeignScript(source: DumpSource, { acceptIncomplete, sourceDatabase }: TidyOptions): TidiedDump {
  const contents: DumpContents = { tables: 0, rows: false, withoutRows: [] };
  const outcome = { notes: new Set<string>(), ended: false, contents, databases: new Set<string>() };
  async function* tidied(): AsyncGenerator<Buffer> {
    const script = new Tidier(outcome, sourceDatabase);
    const input = source.open();
    try {
      for await (const chunk of input as AsyncIterable<Buffer>) yield* script.push(chunk);
      try {
        yield* script.end();
      } catch (error) {
        // Without its end mark it is cut off, wherever it stops.
        if (script.ended || acceptIncomplete) throw error;
        return;
      }
    } finally {
      input.destroy();
    }
    outcome.ended = script.ended;
    outcome.contents = script.statements.contents.result;
    if (script.ended || acceptIncomplete) yield END_MARK;
  }
  return { open: () => Readable.from(tidied(), { objectMode: false }), outcome };
}

class Tidier {
  readonly statements = new ForeignStatements();
  private readonly reader = new ScriptReader();
  private readonly text = new EditedText();
  private tail = '';
  /** The first command of psql that stands inside a statement. The loader refuses it. */
  private command: string | undefined;
  /** psql would run nothing that follows. */
  private quit = false;

  /** The beginning of what is left out now, because it is about another database or about the server. */
  private leftOutFrom: number | undefined;

  constructor(
    private readonly outcome: { notes: Set<string>; databases: Set<string> },
    private readonly wanted: string | undefined,
  ) {
    if (wanted === undefined) return;
    this.statements.enter(wanted);
    this.leftOutFrom = 0;
  }

  get ended(): boolean {
    return END.test(this.tail) || (this.wanted !== undefined && CLUSTER_END.test(this.tail));
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.tail = (this.tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES))).slice(-TAIL_BYTES);
    this.text.push(chunk);
    for (const part of this.reader.push(chunk)) this.take(part);
    yield* this.handOn(this.reader.finishedOffset);
  }

  *end(): Generator<Buffer> {
    try {
      for (const part of this.reader.end()) this.take(part);
    } catch (error) {
      // psql would have ended a query at its own command: that, and not the missing semicolon, is what is wrong.
      throw this.command === undefined ? error : commandForPsql(this.command);
    }
    yield* this.handOn(this.text.end);
  }

  private take(part: ScriptPart): void {
    if (part.kind === 'copy-data' || part.kind === 'copy-end') return;
    if (this.quit) throw commandForPsql(QUIT);
    const database = databaseIn(part);
    if (part.kind === 'meta' && database !== undefined) this.outcome.databases.add(database);
    if (this.wanted !== undefined && this.leavesOut(part, database)) return;
    const tidying = this.statements.judge(part);
    this.note(tidying);
    if (part.kind === 'meta') {
      const end = this.text.endOfLine(part.offset);
      this.quit = part.command === QUIT && !part.insideStatement;
      if (tidying.do === 'drop' || this.quit) this.text.replace(part.offset, end);
      else if (tidying.do === 'replace') this.text.replace(part.offset, end, tidying.text);
      else if (part.insideStatement) this.command ??= part.command;
      return;
    }
    const { text, offset } = part;
    if (tidying.do === 'keep') return this.keepUp(part);
    const end = offset + text.length;
    if (tidying.do === 'replace') this.text.replace(offset, end, tidying.text);
    else this.text.replace(offset, this.text.byteAt(end) === SEMICOLON ? end + 1 : end);
  }

  /** Leaves out everything from where another database is entered or made to where the wanted one is entered. */
  private leavesOut(
    part: Exclude<ScriptPart, { kind: 'copy-data' | 'copy-end' }>,
    database: string | undefined,
  ): boolean {
    if (part.kind === 'meta' && database === this.wanted) {
      this.text.replace(this.leftOutFrom ?? part.offset, this.text.endOfLine(part.offset));
      this.leftOutFrom = undefined;
      return true;
    }
    if (database !== undefined && database !== this.wanted) this.leftOutFrom ??= part.offset;
    if (this.leftOutFrom === undefined) return false;
    if (part.kind === 'statement') this.keepUp(part);
    return true;
  }

  private keepUp({ copiesRows }: ScriptStatement): void {
    if (copiesRows) this.reader.beginCopyData();
  }

  private note(tidying: Tidying): void {
    if (tidying.do !== 'keep' && tidying.note !== undefined) this.outcome.notes.add(tidying.note);
  }

  private *handOn(to: number): Generator<Buffer> {
    if (this.leftOutFrom !== undefined && to > this.leftOutFrom) {
      this.text.replace(this.leftOutFrom, to);
      this.leftOutFrom = to;
    }
    yield* this.text.handOn(to);
  }
}
