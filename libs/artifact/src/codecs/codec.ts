import type { Duplex, Readable } from 'node:stream';

/** A stage of a pipeline. */
export type EncodingStage = Duplex | ((source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>);

/** A step between the content of a dump and its stored bytes that can be reversed. */
export interface Codec {
  /** The name in manifests, which is stored and never changes. */
  readonly name: string;
  /** The end of the name of a file that was encoded last by this codec. */
  readonly suffix: string;
  /** The first bytes of everything that it encodes. */
  readonly magic: Buffer;
  /**
   * Returns the stages that encode. `onChunk` receives each chunk before it is encoded: a stage of its own for that would cost
   * time. Absent for a codec that only files of other programs have.
   */
  encode?(onChunk: (chunk: Buffer) => void): readonly EncodingStage[];
  /** Returns what was encoded. Fails with BACKUP_DAMAGED for data that cannot be decoded. Destroys the source at its end. */
  decode(source: Readable): AsyncGenerator<Buffer>;
}
