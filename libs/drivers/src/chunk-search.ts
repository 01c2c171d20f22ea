/** More than the longest text that is looked for. */
const BORDER_BYTES = 32;
const NOTHING = Buffer.alloc(0);

/**
 * Looks for short texts in a stream that comes in chunks, also where one is torn by the border between two, without
 * copying any chunk. Positions count from the start of the chunk that was entered; down to -32 they lie before it.
 */
export class ChunkSearch {
  /** The last bytes before the chunk. A stream begins as if a line had just ended. */
  private before = Buffer.from('\n');
  private chunk: Buffer = NOTHING;

  enter(chunk: Buffer): void {
    this.chunk = chunk;
  }

  /** Where `text` begins for the first time, at `from` or later; undefined when not all of it is there yet. */
  find(text: Buffer, from: number): number | undefined {
    for (let at = Math.max(from, -this.before.length); at < 0; at++) if (this.isAt(text, at)) return at;
    const found = this.chunk.indexOf(text, Math.max(0, from));
    return found === -1 ? undefined : found;
  }

  isAt(text: Buffer, at: number): boolean {
    for (let index = 0; index < text.length; index++) if (this.byteAt(at + index) !== text[index]) return false;
    return true;
  }

  byteAt(at: number): number | undefined {
    return at < 0 ? this.before[this.before.length + at] : this.chunk[at];
  }

  /**
   * Done with this chunk, whose memory may be used again now. Returns from where to look for `text` in the next one: what
   * has begun here may end there.
   */
  leave(text: Buffer, from: number): number {
    const next = Math.max(from - this.chunk.length, 1 - text.length);
    const tail = this.chunk.subarray(-BORDER_BYTES);
    this.before =
      tail.length === BORDER_BYTES ? Buffer.from(tail) : Buffer.concat([this.before, tail]).subarray(-BORDER_BYTES);
    this.chunk = NOTHING;
    return next;
  }
}
