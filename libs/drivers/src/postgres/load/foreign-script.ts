import { Readable } from 'node:stream';
import type { DumpSource, TidiedDump } from '../../db-driver.js';
import { ForeignStatements } from './foreign-statements.js';
import type { Tidying } from './foreign-statements.js';
import { skeleton } from './skeleton.js';
import { SqlScriptScanner } from './sql-script-scanner.js';
import type { ScriptPart } from './sql-script-scanner.js';
import { commandForPsql, standardStringsSetting } from './statement-policy.js';

const TAIL_BYTES = 4_096;
const SEMICOLON = 0x3b;
const NEWLINE = 0x0a;
const SPACE = 0x20;
/** The end mark, and what some services write behind it. */
const END =
  /(?:^|\n)--\r?\n-- PostgreSQL database dump complete\r?\n--\s*(?:(?:RESET ALL|SET [^;\n]{1,200});\s*|--[^\n]*\n\s*|\\unrestrict \w+\s*)*$/;
const END_MARK = Buffer.from('\n--\n-- PostgreSQL database dump complete\n--\n\n');

interface Edit {
  from: number;
  to: number;
  by: Buffer | undefined;
}

/**
 * A foreign script as it can be loaded: without what {@link ForeignStatements} takes out, each line still on its line, and
 * with the end mark as its last lines, where it had one at all or the caller does without.
 */
export function tidyForeignScript(source: DumpSource, acceptIncomplete: boolean): TidiedDump {
  const outcome = { notes: new Set<string>(), ended: false, rowsOnly: false };
  async function* tidied(): AsyncGenerator<Buffer> {
    const script = new Tidier(outcome.notes);
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
    outcome.rowsOnly = script.statements.rowsFound && script.statements.tablesMade === 0;
    if (script.ended || acceptIncomplete) yield END_MARK;
  }
  return { open: () => Readable.from(tidied(), { objectMode: false }), outcome };
}

class Tidier {
  readonly statements = new ForeignStatements();
  private readonly scanner = new SqlScriptScanner();
  /** Of the script, from `base` on: not handed on yet. */
  private held: Buffer = Buffer.alloc(0);
  private base = 0;
  private edits: Edit[] = [];
  private tail = '';
  /** Of psql, inside a statement: the loader refuses it. */
  private command: string | undefined;

  constructor(private readonly notes: Set<string>) {}

  get ended(): boolean {
    return END.test(this.tail);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.tail = (this.tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES))).slice(-TAIL_BYTES);
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    for (const part of this.scanner.push(chunk)) this.take(part);
    yield* this.handOn(this.scanner.settledOffset);
  }

  *end(): Generator<Buffer> {
    try {
      for (const part of this.scanner.end()) this.take(part);
    } catch (error) {
      // psql would have ended a query at its own command: that, and not the missing semicolon, is what is wrong.
      throw this.command === undefined ? error : commandForPsql(this.command);
    }
    yield* this.handOn(this.base + this.held.length);
  }

  private take(part: ScriptPart): void {
    if (part.kind === 'copy-data' || part.kind === 'copy-end') return;
    const tidying = this.statements.judge(part, this.scanner.standardStrings);
    this.note(tidying);
    if (part.kind === 'meta') {
      if (tidying.do === 'drop') this.edits.push({ from: part.offset, to: this.endOfLine(part.offset), by: undefined });
      else if (part.insideStatement) this.command ??= part.command;
      return;
    }
    const { text, offset } = part;
    if (tidying.do === 'keep') {
      this.scanner.standardStrings = standardStringsSetting(text) ?? this.scanner.standardStrings;
      const isCopy = /^copy\b/i.test(text.toString('latin1', 0, 5));
      if (isCopy && / FROM STDIN\b/.test(skeleton(text, { standardStrings: this.scanner.standardStrings }))) {
        this.scanner.beginCopyData();
      }
      return;
    }
    const end = offset + text.length;
    if (tidying.do === 'replace') this.edits.push({ from: offset, to: end, by: Buffer.from(tidying.text) });
    else this.edits.push({ from: offset, to: this.byteAt(end) === SEMICOLON ? end + 1 : end, by: undefined });
  }

  private note(tidying: Tidying): void {
    if (tidying.do !== 'keep' && tidying.note !== undefined) this.notes.add(tidying.note);
  }

  private byteAt(offset: number): number | undefined {
    return this.held[offset - this.base];
  }

  private endOfLine(offset: number): number {
    const newline = this.held.indexOf(NEWLINE, offset - this.base);
    return newline === -1 ? this.base + this.held.length : this.base + newline;
  }

  private *handOn(to: number): Generator<Buffer> {
    let at = this.base;
    for (const { from, to: end, by } of this.edits.splice(0)) {
      if (from > at) yield this.held.subarray(at - this.base, from - this.base);
      // Line breaks stay, so that an error names the line of the file.
      yield by ?? blank(this.held.subarray(from - this.base, end - this.base));
      at = end;
    }
    const settled = Math.max(to, at);
    if (settled > at) yield this.held.subarray(at - this.base, settled - this.base);
    this.held = Buffer.from(this.held.subarray(settled - this.base));
    this.base = settled;
  }
}

function blank(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === NEWLINE ? NEWLINE : SPACE)));
}
