import { Readable, pipeline } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type { FileCompression } from '@app/domain';
import { unpackedBy } from './unpacking-program.js';
import { unzipped } from './zip-file.js';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const BZIP2_MAGIC = Buffer.from('BZh');
const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const ZIP_MAGIC = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
const AGE_MAGIC = Buffer.from('age-encryption.org/v1');
/** The size of a piece of output. Buffers that are in use when garbage is collected move to old memory, which is expensive to clear. */
const CHUNK_BYTES = 128 * 1024;
/** More bytes than an empty frame has. */
const EMPTY_FRAME_BYTES = 32;

/** Recognises the compression by the content, as a file can have any name. Throws UNSUPPORTED for an encrypted file. */
export function compressionOf(head: Buffer): FileCompression {
  if (startsWith(head, ZSTD_MAGIC)) return 'zstd';
  if (startsWith(head, GZIP_MAGIC)) return 'gzip';
  if (startsWith(head, BZIP2_MAGIC)) return 'bzip2';
  if (startsWith(head, XZ_MAGIC)) return 'xz';
  if (startsWith(head, ZIP_MAGIC)) return 'zip';
  if (startsWith(head, AGE_MAGIC)) {
    throw new DomainError('UNSUPPORTED', 'The file is encrypted with age.', {
      hint: 'Decrypt it first: age -d -i key.txt -o backup.sql backup.sql.age',
    });
  }
  return 'none';
}

/** The limit of the unpacked size. A small file can unpack to any size (a decompression bomb). */
export interface ContentLimit {
  bytes: number;
}

/** Text of the most repetitive tables becomes some hundred times smaller. */
const MAX_RATIO = 1_000;
const ALWAYS_ALLOWED_BYTES = 256 * 1024 * 1024;
/** The memory that a zstd frame may demand: as much as `zstd --ultra` and `--long` need. */
const MAX_WINDOW_LOG = 27;

/** Returns the limit for a foreign file of this size. `ratio` is the ratio of content to file. */
export function limitFor(fileBytes: number, ratio = MAX_RATIO): ContentLimit {
  return { bytes: Math.max(ALWAYS_ALLOWED_BYTES, fileBytes * ratio) };
}

/**
 * Returns the file's content without its compression. The stream fails with BACKUP_DAMAGED for damage in the compressed data,
 * and with BACKUP_UNSAFE for more content than the limit.
 */
export function decompressed(source: Readable, compression: FileCompression, limit?: ContentLimit): Readable {
  if (compression === 'none') return source;
  const content = limited(decode(source, compression), limit);
  return Readable.from(content, { objectMode: false, highWaterMark: CHUNK_BYTES });
}

async function* limited(content: AsyncGenerator<Buffer>, limit: ContentLimit | undefined): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (limit !== undefined && bytes > limit.bytes) throw tooLarge(limit);
    yield chunk;
  }
}

function decode(source: Readable, compression: Exclude<FileCompression, 'none'>): AsyncGenerator<Buffer> {
  switch (compression) {
    case 'bzip2':
      return unpackedBy(source, { command: 'bzip2', args: ['-dc'], packageName: 'bzip2' });
    case 'xz':
      return unpackedBy(source, {
        command: 'xz',
        args: ['-dc', '--memlimit-decompress=256MiB'],
        packageName: 'xz-utils',
      });
    case 'zip':
      return unzipped(source);
    default:
      return inflated(source, compression);
  }
}

async function* inflated(source: Readable, compression: 'zstd' | 'gzip'): AsyncGenerator<Buffer> {
  const decoder =
    compression === 'zstd'
      ? createZstdDecompress({
          chunkSize: CHUNK_BYTES,
          params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
        })
      : createGunzip({ chunkSize: CHUNK_BYTES });
  let fed = 0;
  let last = Buffer.alloc(0);
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (fed === 0 && compression === 'zstd') requireSmallWindow(chunk);
      fed += chunk.length;
      last = Buffer.concat([last, chunk.subarray(-EMPTY_FRAME_BYTES)]).subarray(-EMPTY_FRAME_BYTES);
      yield chunk;
    }
  }
  // An error of either side appears in the decoder below; a reader that stops early also stops the file.
  pipeline(counted, decoder, () => source.destroy());
  try {
    yield* decoder as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof DomainError ? error : damaged(messageOf(error), error);
  }
  // Node's decoder stops silently after the first zstd frame, so the data that follows must not be lost.
  const unread = fed - decoder.bytesWritten;
  if (compression === 'zstd' && unread > 0 && !isEmptyFrame(last, unread)) {
    throw damaged('data follows the first zstd frame; decompress it with the zstd program first');
  }
}

/** The header of the frame says how much of the content its decoder must keep in memory (RFC 8878, 3.1.1.1). */
function requireSmallWindow(head: Buffer): void {
  const descriptor = head[4] ?? 0;
  const window = head[5] ?? 0;
  // In a single segment, the whole content is the window.
  if ((descriptor & 0x20) !== 0) return;
  const windowLog = 10 + (window >> 3);
  if (windowLog < MAX_WINDOW_LOG || (windowLog === MAX_WINDOW_LOG && (window & 7) === 0)) return;
  throw new DomainError(
    'UNSUPPORTED',
    `The file was compressed by zstd with a window of ${formatBytes(2 ** windowLog)}, which takes as much memory to read; ${formatBytes(2 ** MAX_WINDOW_LOG)} are allowed.`,
    { hint: `Decompress it first: zstd -d --long=${Math.min(31, windowLog + 1)} FILE.` },
  );
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

/** Node's own encoder, among others, may end a file with a frame that holds nothing: 9 bytes, 13 with a checksum. */
function isEmptyFrame(last: Buffer, length: number): boolean {
  if (length > last.length) return false;
  try {
    return zstdDecompressSync(last.subarray(-length)).length === 0;
  } catch {
    return false; // other data follows
  }
}

/** Returns the first bytes of the content. */
export async function decompressedHead(
  source: Readable,
  compression: FileCompression,
  length: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const content = decompressed(source, compression, { bytes: ALWAYS_ALLOWED_BYTES });
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
