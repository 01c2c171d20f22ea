import type { Readable } from 'node:stream';
import { constants, createZstdCompress, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { DomainError, formatBytes } from '@app/domain';
import type { Codec } from './codec.js';
import { CHUNK_BYTES } from './codec-stack.js';
import { damaged, decodedBy } from './decoder-stream.js';
import { inBatches, oneAhead } from './batches.js';

/** The fastest level: its output is smaller than that of gzip's default, and it is hardly slower than no compression. */
const LEVEL = 1;
/** The memory that a zstd frame may demand: as much as `zstd --ultra` and `--long` need. */
const MAX_WINDOW_LOG = 27;
/** More bytes than an empty frame has. */
const EMPTY_FRAME_BYTES = 32;

export const zstdCodec: Codec = {
  name: 'zstd',
  suffix: '.zst',
  magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
  encode: (onChunk) => [
    (source) => inBatches(source, onChunk),
    oneAhead,
    createZstdCompress({
      chunkSize: CHUNK_BYTES,
      // The checksum lets `zstd -t` find damage without this service.
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  ],
  decode,
};

function decode(source: Readable): AsyncGenerator<Buffer> {
  const decoder = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
  });
  let fed = 0;
  let last = Buffer.alloc(0);
  return decodedBy(decoder, source, {
    onChunk(chunk) {
      if (fed === 0) requireSmallWindow(chunk);
      fed += chunk.length;
      last = Buffer.concat([last, chunk.subarray(-EMPTY_FRAME_BYTES)]).subarray(-EMPTY_FRAME_BYTES);
    },
    atEnd() {
      // Node's decoder stops silently after the first frame, so the data that follows must not be lost.
      const unread = fed - decoder.bytesWritten;
      if (unread > 0 && !isEmptyFrame(last, unread)) {
        throw damaged('data follows the first zstd frame; decompress it with the zstd program first');
      }
    },
  });
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

/** Node's own encoder, among others, may end a file with a frame that holds nothing: 9 bytes, 13 with a checksum. */
function isEmptyFrame(last: Buffer, length: number): boolean {
  if (length > last.length) return false;
  try {
    return zstdDecompressSync(last.subarray(-length)).length === 0;
  } catch {
    return false; // other data follows
  }
}
