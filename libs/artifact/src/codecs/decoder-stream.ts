import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { DomainError, messageOf } from '@app/domain';

export interface DecodingHooks {
  /** Receives each chunk before it is decoded. */
  onChunk?(chunk: Buffer): void;
  /** Called when the decoder has ended. It throws for data that the decoder has not read. */
  atEnd?(): void;
}

/** Returns what a decoder of Node makes of the source. */
export async function* decodedBy(
  decoder: Transform,
  source: Readable,
  hooks: DecodingHooks = {},
): AsyncGenerator<Buffer> {
  async function* observed(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hooks.onChunk?.(chunk);
      yield chunk;
    }
  }
  // An error of either side appears in the decoder below; a reader that stops early also stops the file.
  pipeline(observed, decoder, () => source.destroy());
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof DomainError ? error : damaged(messageOf(error), error);
  }
  hooks.atEnd?.();
}

export function damaged(why: string, cause?: unknown): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The file cannot be decompressed: ${why}.`, {
    hint: 'It is cut off or altered. Fetch it again from where it came.',
    cause,
  });
}
