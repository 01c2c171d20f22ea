import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { decompressed } from '@app/artifact';
import type { ArtifactWriter } from '@app/storage';
import { streamDump } from './dump-pipeline.js';

/** Delays chunks at random, so that every stage is ahead of every other at some time. */
async function* unevenly(data: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length;) {
    const size = 1 + Math.floor(Math.random() * 400_000);
    yield data.subarray(at, at + size);
    at += size;
    if (Math.random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the pipeline of a dump', () => {
  const data = Buffer.concat([randomBytes(9_000_000), Buffer.alloc(5_000_000, 'row\n'), randomBytes(3_000_001)]);

  it.each(['none', 'zstd'] as const)(
    'stores exactly the bytes of the dump, and their hash (%s)',
    async (compression) => {
      const stored: Buffer[] = [];
      let seen = 0;
      const writer = {
        write: async (chunk: Uint8Array) => {
          stored.push(Buffer.from(chunk));
          if (Math.random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
        },
      } as ArtifactWriter;
      const check = {
        tables: undefined,
        update: (chunk: Buffer) => void (seen += chunk.length),
        finish: () => undefined,
      };
      let told = 0;
      const result = await streamDump({
        dump: Readable.from(unevenly(data)),
        check,
        compression,
        writer,
        onBytes: (bytes) => (told = bytes),
        signal: new AbortController().signal,
      });
      const file = Buffer.concat(stored);
      const content = await buffer(decompressed(Readable.from([file], { objectMode: false }), compression));
      expect(content.equals(data)).toBe(true);
      expect(result).toEqual({
        size: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
        dumpSize: data.length,
      });
      expect(seen).toBe(data.length);
      expect(told).toBe(data.length);
    },
  );
});
