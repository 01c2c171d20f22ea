/** zstd runs at half speed when it is fed with the 64 KiB that a pipe delivers. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Collects batches for a compressor; `onChunk` receives each chunk before. Uses two buffers: one is filled while the compressor
 * reads the other. The pipeline asks for the next batch only when it has read the other one, as its own buffer is smaller than a
 * batch. New buffers for each batch would be garbage outside the heap.
 */
export async function* inBatches(
  source: AsyncIterable<Buffer>,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  let batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let other = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    onChunk(chunk);
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
export async function* oneAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
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
