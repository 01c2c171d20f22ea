import type { DumpSource } from './db-driver.js';

const HEAD_BYTES = 16 * 1024;

/** The first bytes of a dump, fewer where it cannot be read any more. */
export async function headOf(source: DumpSource): Promise<Buffer> {
  const stream = source.open();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= HEAD_BYTES) break;
    }
  } catch {
    // The bytes that were read are all that there is to say.
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
