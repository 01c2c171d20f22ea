import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { OpenArtifact } from '@app/storage';

/** The size of a block, which is held back until it is compared with the first reading. */
const BLOCK_BYTES = 1024 * 1024;
/** How many bytes of the hash are kept for a block: enough that nobody can find other bytes for it. */
const MARK_BYTES = 16;

/**
 * The bytes of an artifact as they were at the first complete reading. Every later reading gets the same bytes or an error:
 * a file that is overwritten in place between the check and the load, with the same length and times, looks unchanged from
 * outside (FAILURES 7).
 */
export class CheckedBytes {
  /** The marks of all blocks; undefined until the first complete reading. */
  private known: Buffer | undefined;
  /** Whether a stream has found other bytes. */
  altered = false;

  constructor(private readonly artifact: OpenArtifact) {}

  /** Reads all bytes, and returns their SHA-256 in hexadecimal. Later readings are compared with this one. */
  async read(visit: (bytes: number) => void): Promise<string> {
    const hash = new BlockHash();
    const marks = new Marks();
    await this.artifact.scan((chunk) => {
      for (const piece of hash.pieces(chunk)) if (hash.update(piece)) marks.add(hash.mark());
      visit(hash.bytes);
    });
    this.known = marks.end(hash.mark());
    return hash.sha256();
  }

  /**
   * Streams from the first byte to the last. After a complete reading, it fails with BACKUP_DAMAGED before the first block that
   * differs. Without one, the first stream that is read to its end is the complete reading.
   */
  stream(onRead?: (bytes: number) => void): Readable {
    const input = this.artifact.stream(onRead);
    const onAltered = (): void => void (this.altered = true);
    const chunks = this.known === undefined ? this.noted(input) : sameAs(this.known, input, onAltered);
    return Readable.from(chunks, { objectMode: false });
  }

  private async *noted(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const hash = new BlockHash();
    const marks = new Marks();
    for await (const chunk of input) {
      for (const piece of hash.pieces(chunk)) if (hash.update(piece)) marks.add(hash.mark());
      yield chunk;
    }
    this.known ??= marks.end(hash.mark());
  }
}

/** Releases a block only after all of it was compared. */
async function* sameAs(known: Buffer, input: AsyncIterable<Buffer>, onAltered: () => void): AsyncGenerator<Buffer> {
  const hash = new BlockHash();
  const requireSame = (isSoFar = true): void => {
    const at = Math.ceil(hash.bytes / BLOCK_BYTES - 1) * MARK_BYTES;
    if (isSoFar && hash.mark().equals(known.subarray(at, at + MARK_BYTES))) return;
    onAltered();
    throw alteredError();
  };
  let held: Buffer[] = [];
  for await (const chunk of input) {
    for (const piece of hash.pieces(chunk)) {
      held.push(piece);
      if (!hash.update(piece)) continue;
      requireSame();
      yield* held;
      held = [];
    }
  }
  requireSame(Math.ceil(hash.bytes / BLOCK_BYTES) * MARK_BYTES === known.length);
  yield* held;
}

/** Computes the SHA-256 of all bytes so far, and of all bytes up to the end of each block. */
class BlockHash {
  bytes = 0;
  private readonly hash = createHash('sha256');

  /** Cuts the bytes at the ends of blocks. */
  pieces(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let end = BLOCK_BYTES - (this.bytes % BLOCK_BYTES);
    for (let start = 0; start < chunk.length; end += BLOCK_BYTES) {
      pieces.push(chunk.subarray(start, end));
      start = end;
    }
    return pieces;
  }

  /** Whether a block ends with the piece. */
  update(piece: Buffer): boolean {
    this.hash.update(piece);
    this.bytes += piece.length;
    return this.bytes % BLOCK_BYTES === 0;
  }

  /** Returns a part of the hash of all bytes so far. */
  mark(): Buffer {
    return this.hash.copy().digest().subarray(0, MARK_BYTES);
  }

  sha256(): string {
    return this.hash.copy().digest('hex');
  }
}

/** Keeps all marks in one buffer, as there is a mark for each MiB of a file of any size. */
class Marks {
  private buffer = Buffer.alloc(MARK_BYTES * 64);
  private length = 0;

  add(mark: Buffer): void {
    if (this.length === this.buffer.length) this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.length)]);
    this.length += mark.copy(this.buffer, this.length);
  }

  /** Returns all marks. `last` is the mark of a last block that is not full; without one it repeats the last mark. */
  end(last: Buffer): Buffer {
    const isFull = this.length > 0 && last.equals(this.buffer.subarray(this.length - MARK_BYTES, this.length));
    if (!isFull) this.add(last);
    return this.buffer.subarray(0, this.length);
  }
}

function alteredError(): DomainError {
  return new DomainError('BACKUP_DAMAGED', 'The backup file was altered while it was being restored.', {
    hint: 'Nothing was changed. Restore again when nothing else writes to the file.',
  });
}
