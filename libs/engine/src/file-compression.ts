import { Readable, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { DomainError, messageOf } from '@app/domain';
import type { FileCompression } from '@app/domain';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const AGE_MAGIC = Buffer.from('age-encryption.org/v1');
/** Of output. What is on its way when garbage is collected moves to old memory, where it costs the most to find. */
const CHUNK_BYTES = 128 * 1024;
/** More than an empty frame has. */
const EMPTY_FRAME_BYTES = 32;

/** By content, never by name: a file may be called anything. UNSUPPORTED for an encrypted one. */
export function compressionOf(head: Buffer): FileCompression {
  if (startsWith(head, ZSTD_MAGIC)) return 'zstd';
  if (startsWith(head, GZIP_MAGIC)) return 'gzip';
  if (startsWith(head, AGE_MAGIC)) {
    throw new DomainError('UNSUPPORTED', 'The file is encrypted with age.', {
      hint: 'Decrypt it first: age -d -i key.txt -o backup.sql backup.sql.age',
    });
  }
  return 'none';
}

/** The file's content without its compression. Damage in the compressed data breaks the stream with BACKUP_DAMAGED. */
export function decompressed(source: Readable, compression: FileCompression): Readable {
  if (compression === 'none') return source;
  return Readable.from(decode(source, compression), { objectMode: false, highWaterMark: CHUNK_BYTES });
}

async function* decode(source: Readable, compression: 'zstd' | 'gzip'): AsyncGenerator<Buffer> {
  const options = { chunkSize: CHUNK_BYTES };
  const decoder = compression === 'zstd' ? createZstdDecompress(options) : createGunzip(options);
  let fed = 0;
  let last = Buffer.alloc(0);
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      fed += chunk.length;
      last = Buffer.concat([last, chunk.subarray(-EMPTY_FRAME_BYTES)]).subarray(-EMPTY_FRAME_BYTES);
      yield chunk;
    }
  }
  // An error of either side comes out of the decoder below; a reader that stops early stops the file too.
  pipeline(counted, decoder, () => source.destroy());
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof DomainError ? error : damaged(messageOf(error), error);
  }
  // Node's decoder stops after the first zstd frame and says nothing; what follows must not be lost in silence.
  const unread = fed - decoder.bytesWritten;
  if (compression === 'zstd' && unread > 0 && !isEmptyFrame(last, unread)) {
    throw damaged('data follows the first zstd frame; decompress it with the zstd program first');
  }
}

/** Node's own encoder, among others, may end a file with a frame that holds nothing: 9 bytes, 13 with a checksum. */
function isEmptyFrame(last: Buffer, length: number): boolean {
  if (length > last.length) return false;
  try {
    return zstdDecompressSync(last.subarray(-length)).length === 0;
  } catch {
    return false; // something else that follows
  }
}

/** The first bytes of the content. */
export async function decompressedHead(
  source: Readable,
  compression: FileCompression,
  length: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const content = decompressed(source, compression);
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= length) break;
    }
  } finally {
    content.destroy();
  }
  return Buffer.concat(chunks).subarray(0, length);
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}

function damaged(why: string, cause?: unknown): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The file cannot be decompressed: ${why}.`, {
    hint: 'It is cut off or altered. Fetch it again from where it came.',
    cause,
  });
}
