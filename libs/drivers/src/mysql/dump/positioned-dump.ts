import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { DumpPosition } from '../dump-position.js';
import type { Movement } from '../stall-watch.js';
import { LongValues } from './long-values.js';

/** Passes on what a dump tool writes, and knows how far it is. */
export class PositionedDump extends Transform implements Movement {
  readonly position = new DumpPosition();
  readonly longValues = new LongValues();

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.position.see(chunk);
    this.longValues.see(chunk, this.position.table);
    done(null, chunk);
  }

  progress(): number {
    return this.position.bytes;
  }

  /** Bytes that are not fetched yet are for the reader to fetch. */
  waitsForOthers(): boolean {
    return this.readableLength > 0 || this.writableLength > 0;
  }
}
