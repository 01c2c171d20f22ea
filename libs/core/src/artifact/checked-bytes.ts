import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { OpenArtifact } from '@app/storage';

/** So much is held back until it is known to be what was read before. */
const BLOCK_BYTES = 1024 * 1024;
/** Of the hash up to the end of a block: enough that nobody finds other bytes for it. */
const MARK_BYTES = 16;

/**
 * The bytes of an artifact, as they were when they were first read through. Whatever reads them again gets these or an error:
 * a file that is overwritten in place between the check and the load, with its length and times set back, is still the same
 * file to everybody who looks at it from outside (FAILURES 7).
 */
export class CheckedBytes {
  /** The marks of all blocks; undefined until all was read once. */
  private known: Buffer | undefined;
  /** Whether a stream has met other bytes than those. */
  altered = false;

  constructor(private readonly artifact: OpenArtifact) {}

  /** Reads all, and returns its SHA-256 in hexadecimal. From then on it is known what the bytes are. */
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
   * From the first byte to the last. Once it is known what they are, it breaks with BACKUP_DAMAGED before the first block that
   * is another one; the first stream that is read to its end without that makes it known.
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

/** Nothing of a block comes out before all of it was compared. */
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

/** SHA-256 of all bytes so far, and where each block ends. */
class BlockHash {
  bytes = 0;
  private readonly hash = createHash('sha256');

  /** Cut at the ends of blocks. */
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

  /** A part of the hash of everything up to here. */
  mark(): Buffer {
    return this.hash.copy().digest().subarray(0, MARK_BYTES);
  }

  sha256(): string {
    return this.hash.copy().digest('hex');
  }
}

/** In one buffer: there is one for each MiB of a file of any size. */
class Marks {
  private buffer = Buffer.alloc(MARK_BYTES * 64);
  private length = 0;

  add(mark: Buffer): void {
    if (this.length === this.buffer.length) this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.length)]);
    this.length += mark.copy(this.buffer, this.length);
  }

  /** All of them. `last`: of the block that was not full; it is the last one's once more when there is none. */
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
