import { createHash } from 'node:crypto';

/** The size of a block, which is held back until it is compared with the first reading. */
const BLOCK_BYTES = 1024 * 1024;
/** How many bytes of the hash are kept for a block: enough that nobody can find other bytes for it. */
const MARK_BYTES = 16;

/** Computes the SHA-256 of all bytes so far, and keeps a mark of it at the end of each block, by which later readings are compared. */
export class MarkedHash {
  bytes = 0;
  private readonly hash = createHash('sha256');
  /** One buffer for all marks, as there is a mark for each MiB of a file of any size. */
  private kept = Buffer.alloc(MARK_BYTES * 64);
  private keptBytes = 0;

  update(chunk: Buffer): void {
    for (const piece of piecesOf(chunk, this.bytes)) {
      this.hash.update(piece);
      this.bytes += piece.length;
      if (this.bytes % BLOCK_BYTES === 0) this.keep(markOf(this.hash));
    }
  }

  sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /** Returns the marks of all bytes so far, for {@link sameBytes}. */
  marks(): Buffer {
    const last = this.bytes > 0 && this.bytes % BLOCK_BYTES === 0 ? [] : [markOf(this.hash)];
    return Buffer.concat([this.kept.subarray(0, this.keptBytes), ...last]);
  }

  private keep(mark: Buffer): void {
    if (this.keptBytes === this.kept.length) this.kept = Buffer.concat([this.kept, Buffer.alloc(this.keptBytes)]);
    this.keptBytes += mark.copy(this.kept, this.keptBytes);
  }
}

/** Releases a block only after all of it was compared with the marks. `refuse` makes the error for other bytes. */
export async function* sameBytes(
  marks: Buffer,
  input: AsyncIterable<Buffer>,
  refuse: () => Error,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  const requireSame = (isSoFar = true): void => {
    const at = Math.ceil(bytes / BLOCK_BYTES - 1) * MARK_BYTES;
    if (!isSoFar || !markOf(hash).equals(marks.subarray(at, at + MARK_BYTES))) throw refuse();
  };
  let held: Buffer[] = [];
  for await (const chunk of input) {
    for (const piece of piecesOf(chunk, bytes)) {
      held.push(piece);
      hash.update(piece);
      bytes += piece.length;
      if (bytes % BLOCK_BYTES !== 0) continue;
      requireSame();
      yield* held;
      held = [];
    }
  }
  requireSame(Math.ceil(bytes / BLOCK_BYTES) * MARK_BYTES === marks.length);
  yield* held;
}

/** Cuts a chunk at the ends of blocks. `position` counts the bytes before it. */
function piecesOf(chunk: Buffer, position: number): Buffer[] {
  const pieces: Buffer[] = [];
  let end = BLOCK_BYTES - (position % BLOCK_BYTES);
  for (let start = 0; start < chunk.length; end += BLOCK_BYTES) {
    pieces.push(chunk.subarray(start, end));
    start = end;
  }
  return pieces;
}

/** Returns a part of the hash of all bytes so far. */
function markOf(hash: ReturnType<typeof createHash>): Buffer {
  return hash.copy().digest().subarray(0, MARK_BYTES);
}
