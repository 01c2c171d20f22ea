import { PassThrough, pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DomainError } from '@app/domain';
import type { FileCompression } from '@app/domain';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const AGE_MAGIC = Buffer.from('age-encryption.org/v1');
const CHUNK_BYTES = 1024 * 1024;

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
  const decoder =
    compression === 'zstd'
      ? createZstdDecompress({ chunkSize: CHUNK_BYTES })
      : createGunzip({ chunkSize: CHUNK_BYTES });
  const output = new PassThrough({ highWaterMark: CHUNK_BYTES });
  pipeline(source, decoder, (error) => {
    if (error) output.destroy(error instanceof DomainError ? error : damaged(error));
  });
  decoder.pipe(output);
  // A reader that stops early must stop the file too.
  output.once('close', () => {
    decoder.destroy();
    source.destroy();
  });
  return output;
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

function damaged(error: Error): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The file cannot be decompressed: ${error.message}.`, {
    hint: 'It is cut off or altered. Fetch it again from where it came.',
    cause: error,
  });
}
