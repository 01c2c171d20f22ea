import { DomainError, formatBytes } from '@app/domain';

/** The limit of the unpacked size. A small file can unpack to any size (a decompression bomb). */
export interface ContentLimit {
  bytes: number;
}

/** Text of the most repetitive tables becomes some hundred times smaller. */
const MAX_RATIO = 1_000;
export const ALWAYS_ALLOWED_BYTES = 256 * 1024 * 1024;

/** Returns the limit for a foreign file of this size. `ratio` is the ratio of content to file. */
export function limitFor(fileBytes: number, ratio = MAX_RATIO): ContentLimit {
  return { bytes: Math.max(ALWAYS_ALLOWED_BYTES, fileBytes * ratio) };
}

/** Fails with BACKUP_UNSAFE for more content than the limit. */
export async function* limited(
  content: AsyncGenerator<Buffer>,
  limit: ContentLimit | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (limit !== undefined && bytes > limit.bytes) throw tooLarge(limit);
    yield chunk;
  }
}

function tooLarge({ bytes }: ContentLimit): DomainError {
  return new DomainError(
    'BACKUP_UNSAFE',
    `The file unpacks to more than ${formatBytes(bytes)}, which is far more than a dump of its size does.`,
    {
      hint: 'It may be made to exhaust this machine. If you know what it is, unpack it yourself and restore the result.',
    },
  );
}
