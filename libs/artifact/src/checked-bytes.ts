import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { OpenArtifact } from '@app/storage';
import { MarkedHash, sameBytes } from './marked-hash.js';

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

  constructor(private readonly artifact: Pick<OpenArtifact, 'scan' | 'stream'>) {}

  /** Reads all bytes, and returns their SHA-256 in hexadecimal. Later readings are compared with this one. */
  async read(visit: (bytes: number) => void): Promise<string> {
    const hash = new MarkedHash();
    await this.artifact.scan((chunk) => {
      hash.update(chunk);
      visit(hash.bytes);
    });
    this.known = hash.marks();
    return hash.sha256();
  }

  /**
   * Streams from the first byte to the last. After a complete reading, it fails with BACKUP_DAMAGED before the first block that
   * differs. Without one, the first stream that is read to its end is the complete reading.
   */
  stream(onRead?: (bytes: number) => void): Readable {
    const input = this.artifact.stream(onRead);
    const chunks = this.known === undefined ? this.noted(input) : sameBytes(this.known, input, () => this.refuse());
    return Readable.from(chunks, { objectMode: false });
  }

  private async *noted(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const hash = new MarkedHash();
    for await (const chunk of input) {
      hash.update(chunk);
      yield chunk;
    }
    this.known ??= hash.marks();
  }

  private refuse(): DomainError {
    this.altered = true;
    return new DomainError('BACKUP_DAMAGED', 'The backup file was altered while it was being restored.', {
      hint: 'Nothing was changed. Restore again when nothing else writes to the file.',
    });
  }
}
