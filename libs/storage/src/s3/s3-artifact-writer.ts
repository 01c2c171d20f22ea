import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ArtifactWriter, StoredFile } from '../artifact-storage.js';
import type { HeadObject, S3Bucket } from './s3-bucket.js';
import { globalsKey, manifestKey } from './s3-keys.js';
import { stateOfName } from './s3-lease.js';
import type { NameState, S3Lease } from './s3-lease.js';
import { streamObject } from './s3-reading.js';
import type { S3Upload } from './s3-upload.js';

export interface S3ArtifactWriterParts {
  bucket: S3Bucket;
  /** The key in the bucket. */
  key: string;
  filename: string;
  lease: S3Lease;
  upload: S3Upload;
  /** Describes the published artifact. */
  describe(state: NameState): StoredFile | undefined;
  /** Called after the end of the writing: the artifact is published, or what could be removed is. */
  ended(): void;
}

/** How often a clean-up is tried: a sweep finds what is left, by the claim of the lease. */
const CLEANUP_ATTEMPTS = 2;

/** Uploads one artifact, which nobody lists until its manifest is there, see `ArtifactWriter`. */
export class S3ArtifactWriter implements ArtifactWriter {
  readonly filename: string;
  /** What may be stored besides the artifact itself. */
  private readonly stored: string[] = [];
  private completion: Promise<HeadObject> | undefined;

  constructor(private readonly parts: S3ArtifactWriterParts) {
    this.filename = parts.filename;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.parts.lease.refuseIfLost();
    await this.parts.upload.write(chunk);
  }

  readBack(): Readable {
    return Readable.from(this.bytes(), { objectMode: false });
  }

  async publish(manifestText: string, globals?: string): Promise<StoredFile> {
    const { bucket, key, lease } = this.parts;
    const object = await this.complete();
    // After a freeze of this process, what is under our name may belong to another one.
    await lease.assertHeld();
    const before = await stateOfName(bucket, key);
    const isFree = before.manifest === undefined && before.globals === undefined;
    if (!isFree || !lease.isAlone(before) || before.artifact?.etag !== object.etag) throw this.lost();
    if (globals !== undefined) await this.put('store the roles', globalsKey(key), globals);
    await this.put('store the manifest', manifestKey(key), manifestText);
    // A sweep that took the lease over meanwhile has looked for the manifest after it had left its sign: one of both sees the other.
    const after = await stateOfName(bucket, key);
    const stored = this.parts.describe(after);
    if (!lease.isAlone(after) || after.artifact?.etag !== object.etag || stored?.hasManifest !== true)
      throw this.lost();
    await lease.release();
    this.parts.ended();
    return stored;
  }

  async discard(): Promise<void> {
    const { lease, upload } = this.parts;
    let isGone = await upload.abort();
    // A sweep that took the lease over removes everything, and the names may be in use again.
    isGone = !lease.isLost && (await this.removeAll()) && isGone;
    if (isGone) await lease.release();
    else lease.abandon();
    this.parts.ended();
  }

  /** Makes the object, once, when all bytes were written. */
  private complete(): Promise<HeadObject> {
    this.completion ??= this.completeNow();
    return this.completion;
  }

  private async completeNow(): Promise<HeadObject> {
    const { bucket, key, lease, upload } = this.parts;
    lease.refuseIfLost();
    const size = await upload.flush();
    // A server that knows no conditions would put it over the object of somebody else.
    const before = await stateOfName(bucket, key);
    if (!lease.isAlone(before) || before.artifact !== undefined) throw this.lost();
    // A sweep can tell it from that of somebody else by its size.
    await lease.note({ size });
    return upload.complete();
  }

  private async *bytes(): AsyncGenerator<Buffer> {
    const { bucket, key } = this.parts;
    const object = await this.complete();
    yield* streamObject(bucket, { key, object, start: 0, end: object.size });
  }

  private async put(step: string, key: string, text: string): Promise<void> {
    this.stored.push(key);
    try {
      await this.parts.bucket.put(step, key, text, { condition: 'never', isBackup: true });
    } catch (error) {
      if (isConflict(error)) this.stored.pop();
      throw error;
    }
  }

  /** The manifest goes first: without it, nothing is a backup. Returns whether all is gone; the first error is the one to tell. */
  private async removeAll(): Promise<boolean> {
    const { bucket, key, upload } = this.parts;
    const step = 'remove an unfinished backup';
    try {
      for (const each of this.stored.toReversed()) await bucket.delete(step, each, CLEANUP_ATTEMPTS);
      if (upload.isComplete !== false && (await bucket.head(step, key))?.size === upload.size) {
        await bucket.delete(step, key, CLEANUP_ATTEMPTS);
      }
      return upload.isComplete !== 'perhaps';
    } catch {
      return false;
    }
  }

  private lost(): DomainError {
    const { key, bucket } = this.parts;
    return new DomainError(
      'STORAGE_FAILED',
      `Could not publish ${this.filename} (bucket "${bucket.name}", key "${key}"): another service has written under its name, or has taken this one for dead.`,
      { hint: 'Nothing was published. Try again.' },
    );
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof DomainError && 'isConflict' in error && error.isConflict === true;
}
