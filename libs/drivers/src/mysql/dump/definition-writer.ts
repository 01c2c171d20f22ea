import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ExactDefinitions, ExactLine } from './exact-definitions.js';

const LF = 0x0a;
/** Longer lines are of rows. */
const LINE_LIMIT = 16 * 1024 * 1024;
const CREATE = /^CREATE TABLE `((?:[^`]|``)+)` \($/;
/** Older tools make tables under a character set that has no characters beyond the BMP. */
const NARROW = /^(\/\*!\d+ SET character_set_client = utf8)(?:mb3)?( \*\/;)$/;

/** Passes on what a dump tool writes, with each definition as it is; see `readExactDefinitions`. */
export class DefinitionWriter extends Transform {
  private line: Buffer[] = [];
  private length = 0;
  /** Whether the line that is being read may have to be another one; undefined at its beginning. */
  private matters: boolean | undefined;
  /** The table in whose definition we are, and the number of the line. */
  private within: { table: string; lines: ReadonlyMap<number, ExactLine>; number: number } | undefined;
  private readonly missing: Set<string>;

  constructor(private readonly definitions: ExactDefinitions) {
    super();
    this.missing = new Set(definitions.keys());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.pass(chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    if (this.length > 0) this.push(Buffer.concat(this.line));
    // Where the tool has failed, it says more than this.
    done();
  }

  /** Tables that the dump does not hold in the form that was expected. To be asked when all of it has passed. */
  get unwritten(): readonly string[] {
    return [...this.missing];
  }

  private pass(chunk: Buffer): void {
    let passedTo = 0;
    let at = 0;
    while (at < chunk.length) {
      const found = chunk.indexOf(LF, at);
      const end = found === -1 ? chunk.length : found + 1;
      this.matters ??= this.within !== undefined || chunk[at] === 0x43 || chunk[at] === 0x2f;
      if (this.matters) {
        if (at > passedTo) this.push(chunk.subarray(passedTo, at));
        passedTo = end;
        this.line.push(Buffer.from(chunk.subarray(at, end)));
        this.length += end - at;
        if (found !== -1) this.endLine();
        else if (this.length > LINE_LIMIT) this.giveUpLine();
      }
      if (found !== -1) this.matters = undefined;
      at = end;
    }
    if (chunk.length > passedTo) this.push(chunk.subarray(passedTo));
  }

  private endLine(): void {
    const bytes = Buffer.concat(this.line);
    this.line = [];
    this.length = 0;
    const line = bytes.toString('latin1', 0, bytes.length - 1);
    const exact = this.exactLine(line);
    this.push(exact === line ? bytes : Buffer.from(`${exact}\n`, 'latin1'));
  }

  private giveUpLine(): void {
    this.push(Buffer.concat(this.line));
    this.line = [];
    this.length = 0;
    this.matters = false;
    this.within = undefined;
  }

  private exactLine(line: string): string {
    if (this.within === undefined) {
      const quoted = CREATE.exec(line)?.[1];
      const table =
        quoted === undefined ? undefined : Buffer.from(quoted.replaceAll('``', '`'), 'latin1').toString('utf8');
      const lines = table === undefined ? undefined : this.definitions.get(table);
      // Behind its definition, such a line is one of the body of a routine.
      if (table !== undefined && lines !== undefined && this.missing.has(table))
        this.within = { table, lines, number: 0 };
      return line.replace(NARROW, '$1mb4$2');
    }
    const { within } = this;
    within.number += 1;
    const isLast = line.endsWith(';');
    const text = isLast ? line.slice(0, -1) : line;
    const known = within.lines.get(within.number);
    if (known !== undefined && known.written !== text) throw changed(within.table);
    if (within.number >= Math.max(...within.lines.keys())) this.missing.delete(within.table);
    if (isLast) this.within = undefined;
    return known === undefined ? line : `${known.exact}${isLast ? ';' : ''}`;
  }
}

export function changed(table: string): DomainError {
  return new DomainError(
    'DUMP_FAILED',
    `The dump program has written the definition of the table "${table}" otherwise than the server shows it, so that characters beyond U+FFFF in it would be lost.`,
    { hint: 'Back up again; if that does not help, set mysqldump_path to the dump program of this very server.' },
  );
}
