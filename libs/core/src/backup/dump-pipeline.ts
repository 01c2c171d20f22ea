import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import type { Compression } from '@app/domain';
import type { CompletenessCheck } from '@app/drivers';
import type { ArtifactWriter } from '@app/storage';

/** zstd runs at half speed when it is fed with the 64 KiB that a pipe delivers. */
const BATCH_BYTES = 1024 * 1024;
const COMPRESSED_CHUNK_BYTES = 128 * 1024;
/** The fastest level: its output is smaller than that of gzip's default, and it is hardly slower than no compression. */
const ZSTD_LEVEL = 1;

export interface StreamedArtifact {
  /** Bytes as stored. */
  size: number;
  sha256: string;
  /** Bytes that the dump tool wrote. */
  dumpSize: number;
}

export interface DumpStages {
  dump: Readable;
  check: CompletenessCheck;
  compression: Compression;
  writer: Pick<ArtifactWriter, 'write'>;
  /** Receives after each chunk how many bytes the dump tool has written so far. */
  onBytes?: (bytes: number) => void;
  signal: AbortSignal;
}

/**
 * Runs `dump → [1 MiB batches, one ahead → zstd] → SHA-256 and byte count → writer` in one pass with constant memory and
 * backpressure from the disk to the server. Rejects with the error of the first stage that fails, after it has stopped every stage.
 */
export async function streamDump(stages: DumpStages): Promise<StreamedArtifact> {
  const { dump, check, compression, writer, onBytes, signal } = stages;
  const hash = createHash('sha256');
  let dumpSize = 0;
  let size = 0;

  function observe(chunk: Buffer): void {
    check.update(chunk);
    dumpSize += chunk.length;
    onBytes?.(dumpSize);
  }

  async function* observed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      observe(chunk);
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
      chunkSize: COMPRESSED_CHUNK_BYTES,
      // The checksum lets `zstd -t` find damage without this service.
      params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    await pipeline(dump, (source: AsyncIterable<Buffer>) => inBatches(source, observe), oneAhead, zstd, store, {
      signal,
    });
  } else {
    await pipeline(dump, observed, store, { signal });
  }
  return { size, sha256: hash.digest('hex'), dumpSize };
}

/**
 * Uses two buffers: one is filled while the compressor reads the other. The pipeline asks for the next batch only when it has
 * read the other one, as its own buffer is smaller than a batch. New buffers for each batch would be garbage outside the heap.
 */
async function* inBatches(source: AsyncIterable<Buffer>, observe: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let other = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    observe(chunk);
    for (let from = 0; from < chunk.length;) {
      const copied = chunk.copy(batch, filled, from);
      filled += copied;
      from += copied;
      if (filled < BATCH_BYTES) continue;
      yield batch;
      [batch, other] = [other, batch];
      filled = 0;
    }
  }
  if (filled > 0) yield batch.subarray(0, filled);
}

/** Makes the next batch while the consumer works on the one before. */
async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const items = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const answer = items.next();
    // A consumer that stops early never reads the last batch.
    answer.catch(() => undefined);
    return answer;
  };
  try {
    let next = ask();
    for (;;) {
      const item = await next;
      if (item.done === true) return;
      next = ask();
      yield item.value;
    }
  } finally {
    await items.return?.();
  }
}
