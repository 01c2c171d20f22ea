import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@app/domain';
import type { ArtifactFolder, Manifest } from '@app/domain';
import type { ArtifactStorage, ArtifactWriter as StorageSink, BackupLocation, StoredFile } from '@app/storage';
import type { CodecRegistry } from './codecs/codec-registry.js';
import type { CodecStack } from './codecs/codec-stack.js';
import { standardCodecs } from './codecs/standard-codecs.js';
import { codecFields } from './manifest/manifest-codecs.js';
import type { CodecFields } from './manifest/manifest-codecs.js';
import type { ManifestSigner } from './manifest/manifest-signer.js';
import { MarkedHash, sameBytes } from './marked-hash.js';

export interface NewArtifactRequest {
  location: BackupLocation;
  /** The file name without its extension. */
  stem: string;
  /** The extension of the dump; those of the codecs follow it. */
  extension: string;
  codecs: readonly string[];
  /** How many bytes will probably be stored, where that is known. */
  expectedBytes?: number;
}

/** The facts about the stored file in the manifest. */
export type ArtifactFacts = CodecFields & Pick<Manifest, 'artifact' | 'size' | 'sha256' | 'dump_size'>;

/** Begins artifacts in the storages. */
export class ArtifactWriter {
  constructor(
    private readonly storages: { of(folder: ArtifactFolder): Pick<ArtifactStorage, 'create'> },
    private readonly signer: ManifestSigner,
    private readonly codecs: CodecRegistry = standardCodecs,
  ) {}

  /** Fails as `ArtifactStorage.create`. */
  async create({ location, stem, extension, codecs, expectedBytes }: NewArtifactRequest): Promise<NewArtifact> {
    const stack = this.codecs.writingStack(codecs);
    const options = expectedBytes === undefined ? {} : { expectedBytes };
    const sink = await this.storages.of(location).create(location.folder, stem, extension + stack.suffix, options);
    return new NewArtifact(sink, stack, this.signer);
  }
}

/** An artifact that is no backup until it is published. */
export class NewArtifact {
  private readonly hash = new MarkedHash();
  private dumpSize = 0;
  /** Why the storage did not take bytes. */
  refusal: { readonly cause: unknown } | undefined;

  constructor(
    private readonly sink: StorageSink,
    private readonly stack: CodecStack,
    private readonly signer: ManifestSigner,
  ) {}

  get filename(): string {
    return this.sink.filename;
  }

  /** The facts of what was stored so far. */
  get facts(): ArtifactFacts {
    return {
      ...codecFields(this.stack.names),
      artifact: this.filename,
      size: this.hash.bytes,
      sha256: this.hash.sha256(),
      dump_size: this.dumpSize,
    };
  }

  /**
   * Runs `dump → codecs → SHA-256 and byte count → storage` in one pass with constant memory and backpressure from the storage to
   * the server. Rejects with the error of the first stage that fails, after it has stopped every stage. `onChunk` receives each
   * chunk of the dump, and how many bytes there are with it.
   */
  async store(dump: Readable, onChunk: (chunk: Buffer, bytes: number) => void, signal: AbortSignal): Promise<void> {
    const observe = (chunk: Buffer): void => {
      this.dumpSize += chunk.length;
      onChunk(chunk, this.dumpSize);
    };
    const stages = this.stack.encode(observe);
    // Without a codec, the dump is observed where it is stored: another stage would only cost time.
    const atEnd = stages.length === 0 ? observe : undefined;
    const end = async (source: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of source) {
        atEnd?.(chunk);
        this.hash.update(chunk);
        await this.write(chunk);
      }
    };
    // The types of Node know a list of streams only, but a pipeline takes functions among them as well.
    await pipeline([dump, ...stages, end] as unknown as Duplex[], { signal });
  }

  /** Streams the dump that was stored so far. It fails with STORAGE_FAILED where the storage returns other bytes than it took. */
  readBack(): Readable {
    const chunks = sameBytes(this.hash.marks(), this.sink.readBack(), () => unlikeWritten(this.filename));
    return this.stack.decode(Readable.from(chunks, { objectMode: false }), { bytes: this.dumpSize });
  }

  /**
   * Signs the manifest, and makes artifact, `globals` and manifest durable and visible, in that order. The artifact cannot be
   * used afterwards. `globals` is its role script.
   */
  async publish(
    manifest: Omit<Manifest, 'signature'>,
    globals?: string,
  ): Promise<{ manifest: Manifest; file: StoredFile }> {
    const signed = this.signer.signed(manifest);
    return { manifest: signed, file: await this.sink.publish(this.signer.textOf(signed), globals) };
  }

  /** Removes every trace. Safe to call at any time, also after a failed `publish`. */
  discard(): Promise<void> {
    return this.sink.discard();
  }

  private async write(chunk: Buffer): Promise<void> {
    try {
      await this.sink.write(chunk);
    } catch (cause) {
      this.refusal = { cause };
      throw cause;
    }
  }
}

function unlikeWritten(filename: string): DomainError {
  return new DomainError('STORAGE_FAILED', `${filename} does not read back as it was written.`, {
    hint: 'Nothing was stored. Look at the disk, and at other programs that write into the backup folder.',
  });
}
