import { Readable } from 'node:stream';
import type { Codec, EncodingStage } from './codec.js';
import { limited } from './content-limit.js';
import type { ContentLimit } from './content-limit.js';

/** The size of a piece of output. Buffers that are in use when garbage is collected move to old memory, which is expensive to clear. */
export const CHUNK_BYTES = 128 * 1024;

/** The codecs of an artifact, from the dump to the stored bytes: the last one was applied last. */
export class CodecStack {
  constructor(private readonly codecs: readonly Codec[]) {}

  get names(): string[] {
    return this.codecs.map(({ name }) => name);
  }

  /** The end of the file's name. */
  get suffix(): string {
    return this.codecs.map(({ suffix }) => suffix).join('');
  }

  /** Returns the stages of a pipeline that encode a dump. `onChunk` receives each chunk of the dump when there is a stage. */
  encode(onChunk: (chunk: Buffer) => void): EncodingStage[] {
    return this.codecs.flatMap((codec, index) => codec.encode?.(index === 0 ? onChunk : () => undefined) ?? []);
  }

  /**
   * Returns the content of stored bytes. The stream fails with BACKUP_DAMAGED for damage in the encoded data, and with
   * BACKUP_UNSAFE for more content than the limit.
   */
  decode(source: Readable, limit?: ContentLimit): Readable {
    let content = source;
    for (const codec of this.codecs.toReversed()) {
      const decoded = codec.decode(content);
      // Only the dump is limited: what lies between two codecs is streamed, too, and never kept.
      const chunks = codec === this.codecs[0] ? limited(decoded, limit) : decoded;
      content = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK_BYTES });
    }
    return content;
  }
}
