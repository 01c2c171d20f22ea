import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { MysqlSession } from '../login/mysql-session.js';
import { LongInsert } from './long-insert.js';
import { ValueTooLong } from './value-too-long.js';
import { NEWLINE, SPACE, SEMICOLON } from './lexer/lexical-rules.js';

const BEGINS = Buffer.from('INSERT INTO `');
const MARK = Buffer.from('\nINSERT INTO `');
const ENDS = Buffer.from(';\n');
/** Tools end statements at 1 MB: a longer one has a long row. */
const LONG_STATEMENT = 4 * 1024 * 1024;
/** More bytes than a packet holds in addition to the statement. */
export const PACKET_HEAD = 64;

/** The longest statement and the longest value that the server takes, for sessions that begin now. */
export async function packetLimit(session: MysqlSession): Promise<number> {
  const { bytes } = await session.row<{ bytes: number | string }>('SELECT @@GLOBAL.max_allowed_packet AS bytes');
  return Number(bytes);
}

/** Returns the longest INSERT that is handed on as it is. */
export function longestStatement(packetBytes: number): number {
  return Math.min(LONG_STATEMENT, packetBytes - PACKET_HEAD);
}

/**
 * Stands before the client that loads a dump of ours, and takes those INSERTs apart that its server may not take in one packet;
 * see {@link LongInsert}. In such a dump no line ends within a string: a statement ends with the first `;` at the end of a line. All lines stay on
 * their lines.
 */
export class PacketFitter extends Transform {
  /** The beginning of a line that may become an INSERT, or an INSERT that has not ended. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private mode: 'pass' | 'insert' | 'long' | 'whole' = 'pass';
  private atLineStart = true;
  private insert: LongInsert | undefined;

  constructor(private readonly packetBytes: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.fit(this.mode === 'pass' && this.heldBytes > 0 ? Buffer.concat([this.taken(), chunk]) : chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    // A statement without an end: the client shall say what it thinks of it.
    for (const piece of this.held) this.push(piece);
    done();
  }

  private fit(data: Buffer): void {
    let at = 0;
    while (at < data.length) {
      if (this.mode === 'pass') at = this.passOn(data, at);
      else if (this.mode === 'insert') at = this.holdInsert(data, at);
      else if (this.mode === 'long') at = this.takeApart(data, at);
      else at = this.passWhole(data, at);
    }
  }

  /** To the next INSERT. */
  private passOn(data: Buffer, at: number): number {
    if (this.atLineStart && data.subarray(at, at + BEGINS.length).equals(BEGINS)) {
      this.mode = 'insert';
      return at;
    }
    const found = data.indexOf(MARK, at);
    if (found !== -1) {
      this.push(data.subarray(at, found + 1));
      this.atLineStart = true;
      return found + 1;
    }
    const newline = data.lastIndexOf(NEWLINE);
    const line = newline >= at ? newline + 1 : at;
    this.atLineStart = newline >= at || this.atLineStart;
    const rest = data.subarray(line);
    // A whole line is never held back: whoever has sent it may wait for what the client says to it.
    const mayBegin = this.atLineStart && rest.length > 0 && rest.length < BEGINS.length && BEGINS.indexOf(rest) === 0;
    this.pushIfAny(data.subarray(at, mayBegin ? line : data.length));
    if (mayBegin) this.hold(rest);
    else if (rest.length > 0) this.atLineStart = false;
    return data.length;
  }

  private holdInsert(data: Buffer, at: number): number {
    const end = endOfStatement(data, at, this.held.at(-1)?.at(-1) === SEMICOLON);
    if (this.heldBytes === 0 && end !== -1 && end - at <= longestStatement(this.packetBytes)) {
      this.push(data.subarray(at, end));
      this.endInsert();
      return end;
    }
    this.hold(data.subarray(at, end === -1 ? data.length : end));
    if (this.heldBytes > longestStatement(this.packetBytes)) {
      this.begin();
    } else if (end !== -1) {
      for (const piece of this.held) this.push(piece);
      this.taken();
      this.endInsert();
    }
    return end === -1 ? data.length : end;
  }

  private begin(): void {
    const start = this.taken();
    const begun = LongInsert.begin(start, {
      packetBytes: this.packetBytes,
      emit: (bytes, ends) => {
        this.pushIfAny(bytes);
        if (ends) this.push(Buffer.from('; '));
      },
    });
    this.insert = begun?.insert;
    this.mode = begun === undefined ? 'whole' : 'long';
    if (begun === undefined) this.push(start);
    else this.fit(start.subarray(begun.headBytes));
  }

  private takeApart(data: Buffer, at: number): number {
    const end = this.insert?.push(data.subarray(at)) ?? -1;
    if (end === -1) return data.length;
    this.endInsert();
    return at + end;
  }

  private passWhole(data: Buffer, at: number): number {
    const end = endOfStatement(data, at, false);
    this.push(data.subarray(at, end === -1 ? data.length : end));
    if (end !== -1) this.endInsert();
    return end === -1 ? data.length : end;
  }

  /** Ends the INSERT. The end of its line follows. */
  private endInsert(): void {
    this.mode = 'pass';
    this.atLineStart = false;
    this.insert = undefined;
  }

  private hold(bytes: Buffer): void {
    this.held.push(Buffer.from(bytes));
    this.heldBytes += bytes.length;
  }

  private taken(): Buffer {
    const bytes = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    return bytes;
  }

  private pushIfAny(bytes: Buffer): void {
    if (bytes.length > 0) this.push(bytes);
  }
}

/** Behind the delimiter; -1 where it is not there. `delimited`: it was the last byte before these. */
function endOfStatement(data: Buffer, at: number, delimited: boolean): number {
  if (delimited && data[at] === NEWLINE) return at;
  const found = data.indexOf(ENDS, at);
  return found === -1 ? -1 : found + 1;
}

/** One statement as several that do the same. Undefined where it is no INSERT of rows alone. */
export function fittingStatements(statement: Buffer, packetBytes: number): Buffer[] | undefined {
  const statements: Buffer[] = [];
  let pieces: Buffer[] = [];
  const begun = LongInsert.begin(statement, {
    packetBytes,
    emit: (bytes, ends) => {
      pieces.push(bytes);
      if (!ends) return;
      statements.push(Buffer.concat(pieces));
      pieces = [];
    },
  });
  if (begun === undefined) return undefined;
  try {
    const rows = statement.subarray(begun.headBytes);
    const end = begun.insert.push(rows);
    // Another statement: the delimiter is not the usual one. The server shall say what it thinks of that.
    if (end !== -1 && rows.subarray(end).some((byte) => byte > SPACE)) return undefined;
    begun.insert.finish();
    return statements;
  } catch (error) {
    if (error instanceof ValueTooLong) throw error;
    return undefined;
  }
}
