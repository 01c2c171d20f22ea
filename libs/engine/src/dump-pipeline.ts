import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import type { Compression } from '@app/domain';
import type { CompletenessCheck } from '@app/drivers';
import type { ArtifactWriter } from '@app/storage';

/** zstd runs at half speed when it is fed with the 64 KiB that a pipe delivers. */
const BATCH_BYTES = 1024 * 1024;
/** The fastest level: smaller than gzip's default already, and hardly slower than no compression. */
const ZSTD_LEVEL = 1;

export interface StreamedArtifact {
  /** Bytes as stored. */
  size: number;
  sha256: string;
  /** Bytes that the dump tool wrote. */
  dumpSize: number;
}

/**
 * `dump → [1 MiB batches → zstd] → SHA-256 and byte count → writer`: one pass, constant memory, backpressure from the
 * disk to the server. Rejects with the first stage's error; every stage is torn down then.
 */
export async function streamDump(
  dump: Readable,
  check: CompletenessCheck,
  compression: Compression,
  writer: ArtifactWriter,
  signal: AbortSignal,
): Promise<StreamedArtifact> {
  const hash = createHash('sha256');
  let dumpSize = 0;
  let size = 0;

  async function* observed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      check.update(chunk);
      dumpSize += chunk.length;
      yield chunk;
    }
  }

  async function store(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      await writer.write(chunk);
    }
  }

  if (compression === 'zstd') {
    const zstd = createZstdCompress({
      chunkSize: BATCH_BYTES,
      // The checksum lets `zstd -t` find damage without us.
      params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    await pipeline(dump, observed, inBatches, zstd, store, { signal });
  } else {
    await pipeline(dump, observed, store, { signal });
  }
  return { size, sha256: hash.digest('hex'), dumpSize };
}

async function* inBatches(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let batched = 0;
  for await (const chunk of source) {
    batch.push(chunk);
    batched += chunk.length;
    if (batched < BATCH_BYTES) continue;
    yield Buffer.concat(batch, batched);
    batch = [];
    batched = 0;
  }
  if (batched > 0) yield Buffer.concat(batch, batched);
}
