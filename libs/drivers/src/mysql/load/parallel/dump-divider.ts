import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { callbackify } from 'node:util';
import type { ClientMarks } from './client-marks.js';
import { DASH, DELIMITER_LINE, HASH, NEWLINE, delimiterSetBy } from '../../script/lexer/lexical-rules.js';
import { ClientScript } from './client-script.js';
import { StatementBuffer } from './statement-buffer.js';
import { StatementScanner } from './statement-scanner.js';
import { ParallelLoad } from './parallel-load.js';
import type { ParallelLoadParts } from './parallel-load.js';

/** Enough to tell a DELIMITER line from a statement. */
const LOOKAHEAD = 16;
export interface DividerParts extends Pick<ParallelLoadParts, 'openWorkers' | 'largeTableBytes'> {
  /** A longer statement is not taken into memory. Tools end statements at 1 MB, but a single row may be longer. */
  statementLimit: number;
}

/**
 * Stands between a dump and the client that loads it, and cuts it into statements. Those that fill large tables
 * are taken out and go to other sessions; see {@link ParallelLoad}. Everything else passes, and as soon as something is
 * met that dump tools do not write, all of the rest.
 */
export class DumpDivider extends Transform {
  readonly client: ClientScript;
  readonly load: ParallelLoad;
  private readonly scanner = new StatementScanner();
  private rest: Buffer = Buffer.alloc(0);
  private readonly held = new StatementBuffer();
  private startLine = 1;
  private mode: 'between' | 'line' | 'statement' | 'overlong' = 'between';

  constructor(
    marks: ClientMarks,
    private readonly parts: DividerParts,
  ) {
    super();
    this.client = new ClientScript(marks, (bytes) => this.push(bytes));
    this.load = new ParallelLoad({
      ...parts,
      client: this.client,
      done: (statement) => this.held.reuse(statement),
      onFailure: (error) => this.destroy(error),
    });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    callbackify(() => this.cut(chunk, false))(done);
  }

  override _flush(done: TransformCallback): void {
    callbackify(async () => {
      await this.cut(Buffer.alloc(0), true);
      await this.load.finish();
    })(done);
  }

  private async cut(chunk: Buffer, last: boolean): Promise<void> {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = Buffer.alloc(0);
    let at = 0;
    while (at < data.length && !this.load.plain) {
      if (this.mode === 'between') {
        if (!last && data.length - at < LOOKAHEAD && !data.includes(NEWLINE, at)) {
          this.rest = Buffer.from(data.subarray(at));
          return;
        }
        this.mode = isLine(data, at) ? 'line' : 'statement';
        this.startLine = this.scanner.line;
      }
      const found = this.mode === 'line' ? this.scanner.scanLine(data, at) : this.scanner.scan(data, at);
      const end = found === -1 ? data.length : found;
      await this.piece(data.subarray(at, end), found !== -1 || (last && this.mode === 'line'));
      at = end;
    }
    if (this.load.plain) {
      // These bytes were held for a statement that turned out not to matter.
      if (this.held.length > 0) this.push(this.held.take());
      if (at < data.length) this.push(at === 0 ? data : data.subarray(at));
    } else if (last && this.held.length > 0) {
      // No end mark behind it: the client shall say what it thinks of that.
      await this.load.giveUp('its last statement has no end', this.startLine);
      this.push(this.held.take());
    }
  }

  private async piece(bytes: Buffer, complete: boolean): Promise<void> {
    if (this.mode === 'overlong') {
      this.push(bytes);
      if (complete) this.mode = 'between';
      return;
    }
    this.held.append(bytes);
    if (!complete) {
      if (this.held.length > this.parts.statementLimit) await this.overlong();
      return;
    }
    const mode = this.mode;
    this.mode = 'between';
    if (mode === 'line') return this.line(this.held.take());
    if (this.scanner.crowded) await this.load.giveUp('it has two statements on a line', this.startLine);
    else await this.load.statement(this.held.take(), this.startLine, this.scanner.usesSemicolon);
  }

  private async line(bytes: Buffer): Promise<void> {
    const text = bytes.toString('latin1', 0, DELIMITER_LINE);
    const delimiter = delimiterSetBy(text);
    if (delimiter !== undefined) this.scanner.setDelimiter(delimiter);
    await this.load.line(bytes, text, this.startLine);
  }

  /** The client can take it in pieces. */
  private async overlong(): Promise<void> {
    await this.load.overlong(this.held.head(1024), this.startLine);
    if (this.load.plain) return;
    this.push(this.held.take());
    this.mode = 'overlong';
  }
}

/** An empty line, a comment of one line, or a DELIMITER. */
function isLine(data: Buffer, at: number): boolean {
  const first = data[at];
  if (first === HASH || first === NEWLINE || first === 0x0d) return true;
  if (first === DASH) return data[at + 1] === DASH;
  if (first === 0x20 || first === 0x09) return /^[ \t]*\r?\n/.test(data.toString('latin1', at, at + LOOKAHEAD));
  return (first === 0x44 || first === 0x64) && /^delimiter[ \t]/i.test(data.toString('latin1', at, at + LOOKAHEAD));
}
