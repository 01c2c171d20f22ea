import type { Readable } from 'node:stream';
import type { ArtifactAddress, FileCompression, Manifest } from '@app/domain';
import type { ArtifactStorage, BytePart, OpenArtifact } from '@app/storage';
import { CheckedBytes } from './checked-bytes.js';
import type { CodecRegistry } from './codecs/codec-registry.js';
import { ALWAYS_ALLOWED_BYTES, limitFor } from './codecs/content-limit.js';
import type { ContentLimit } from './codecs/content-limit.js';
import { standardCodecs } from './codecs/standard-codecs.js';
import { filesInZip } from './codecs/zip-files.js';
import type { ZippedFiles } from './codecs/zip-files.js';
import { codecsOf } from './manifest/manifest-codecs.js';

/** Opens stored artifacts. Nothing else turns stored bytes into the content of a dump. */
export class ArtifactReader {
  constructor(
    private readonly storages: { of(address: ArtifactAddress): Pick<ArtifactStorage, 'open'> },
    private readonly codecs: CodecRegistry = standardCodecs,
  ) {}

  /** Throws BACKUP_NOT_FOUND when there is no file, or STORAGE_FAILED. */
  async open(address: ArtifactAddress): Promise<CheckedArtifact> {
    return new CheckedArtifact(await this.storages.of(address).open(address.key), this.codecs);
  }
}

export interface ForeignContent {
  compression: FileCompression;
  onRead?: ((bytes: number) => void) | undefined;
  /** The permitted ratio of the content to the file. */
  maxRatio?: number | undefined;
}

/** An open artifact. Every reading of all its bytes is compared with the first complete one, see {@link CheckedBytes}. */
export class CheckedArtifact implements AsyncDisposable {
  private readonly bytes: CheckedBytes;

  constructor(
    private readonly file: OpenArtifact,
    private readonly codecs: CodecRegistry,
  ) {
    this.bytes = new CheckedBytes(file);
  }

  /** Bytes as stored. */
  get size(): number {
    return this.file.size;
  }

  get modifiedAt(): Date {
    return this.file.modifiedAt;
  }

  /** Whether a reading has found other bytes than the first one. */
  get altered(): boolean {
    return this.bytes.altered;
  }

  /** Reads all stored bytes, and returns their SHA-256 in hexadecimal. `visit` receives how many were read so far. */
  sha256(visit: (bytes: number) => void = () => undefined): Promise<string> {
    return this.bytes.read(visit);
  }

  /** Streams the stored bytes. */
  stored(onRead?: (bytes: number) => void): Readable {
    return this.bytes.stream(onRead);
  }

  /** Streams a part of the stored bytes. No hash covers a part, so it is not compared with anything. */
  part(part: BytePart): Readable {
    return this.file.stream(undefined, part);
  }

  /**
   * Returns a function that streams the dump of a backup of ours, any number of times. Throws UNSUPPORTED for a codec that this
   * version does not know. The stream fails with BACKUP_UNSAFE for more content than the limit.
   */
  dumpOf(manifest: Manifest): (onRead?: (bytes: number) => void, limit?: ContentLimit) => Readable {
    const stack = this.codecs.stack(codecsOf(manifest), manifest.artifact);
    return (onRead, limit) => stack.decode(this.bytes.stream(onRead), limit);
  }

  /** Recognises the compression of a foreign file by its first bytes. Throws UNSUPPORTED for an encrypted file. */
  async compression(): Promise<FileCompression> {
    const codec = this.codecs.recognise(await this.file.head(64));
    return (codec?.name ?? 'none') as FileCompression;
  }

  /** Streams the content of a foreign file. It fails with BACKUP_UNSAFE for far more content than a dump of its size has. */
  foreignContent({ compression, onRead, maxRatio }: ForeignContent): Readable {
    return this.foreignStack(compression).decode(this.bytes.stream(onRead), limitFor(this.size, maxRatio));
  }

  /** Returns the first bytes of the content of a foreign file, to tell what it is. */
  async foreignHead(compression: FileCompression, length: number): Promise<Buffer> {
    const content = this.foreignStack(compression).decode(this.file.stream(), { bytes: ALWAYS_ALLOWED_BYTES });
    return firstBytes(content, length);
  }

  /** Lists the files of a zip archive; undefined when it is no zip archive, or when its directory cannot be read. */
  async filesInZip(): Promise<ZippedFiles | undefined> {
    return (await this.compression()) === 'zip' ? filesInZip(this.file) : undefined;
  }

  /** Whether the file is still the one that was opened, by its length, its time of change and its name. */
  unchanged(): Promise<boolean> {
    return this.file.unchanged();
  }

  close(): Promise<void> {
    return this.file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private foreignStack(compression: FileCompression) {
    return this.codecs.stack(compression === 'none' ? [] : [compression], 'The file');
  }
}

/** Reads no more than it needs, and destroys the stream. */
export async function firstBytes(content: Readable, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
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
