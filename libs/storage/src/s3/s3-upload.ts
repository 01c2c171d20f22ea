import { createHash } from 'node:crypto';
import { DomainError } from '@app/domain';
import type { HeadObject, S3Bucket } from './s3-bucket.js';
import { checksumOf } from './s3-bucket.js';
import { S3Error } from './s3-error.js';
import { grownPartBytes, partBytesOf } from './part-size.js';

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumCRC32?: string;
}

const MD5_ETAG = /^"?([0-9a-f]{32})"?$/;
/** How often the end of an upload that failed is tried: what is left is found by a sweep. */
const CLEANUP_ATTEMPTS = 2;

/**
 * Uploads an artifact in parts. Each part is kept in memory until the server has it, so that it can be sent again; there are
 * `parallelParts + 1` buffers at most. The object appears when the upload is completed, and never before.
 */
export class S3Upload {
  private readonly ended = new AbortController();
  private readonly sending = new Set<Promise<void>>();
  private readonly free: Buffer[] = [];
  private readonly parts: SentPart[] = [];
  private readonly partBytes: number;
  private part: Buffer | undefined;
  private filled = 0;
  private begun = 0;
  private bytes = 0;
  private failure: { readonly cause: unknown } | undefined;
  private completion: Promise<HeadObject> | undefined;
  private completing = false;
  private completed = false;

  private constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    readonly id: string,
    expectedBytes: number,
    /** Whether the server may have begun another upload whose id nobody knows. */
    private readonly mayHaveOthers: boolean,
  ) {
    this.partBytes = partBytesOf(bucket.settings.partBytes, expectedBytes);
  }

  /** `expectedBytes` decides how large the parts are. */
  static async begin(bucket: S3Bucket, key: string, expectedBytes: number): Promise<S3Upload> {
    let mayHaveOthers = false;
    const step = 'begin an upload';
    try {
      const { UploadId } = await bucket.connection.request({ step, key }, (sdk, client, options, uncertain) => {
        mayHaveOthers = uncertain;
        const { storageClass } = bucket.settings;
        return client.send(
          new sdk.CreateMultipartUploadCommand({
            ...{ Bucket: bucket.name, Key: key, ContentType: 'application/octet-stream', ChecksumAlgorithm: 'CRC32' },
            ...bucket.encryption(),
            ...bucket.retention(),
            ...(storageClass === undefined ? {} : { StorageClass: storageClass as 'STANDARD' }),
          }),
          options,
        );
      });
      if (UploadId === undefined || UploadId === '') throw bucket.halfAnswer(step, key);
      return new S3Upload(bucket, key, UploadId, expectedBytes, mayHaveOthers);
    } catch (error) {
      if (error instanceof S3Error && (error.uncertain || mayHaveOthers)) await abortUploads(bucket, key);
      throw error;
    }
  }

  /** The bytes that were written. */
  get size(): number {
    return this.bytes;
  }

  /** Whether the object has appeared; `perhaps` where its completion failed, which the server may still be doing. */
  get isComplete(): boolean | 'perhaps' {
    return this.completed || (this.completing && 'perhaps');
  }

  /** Resolves when the bytes are in a buffer. It waits while all buffers are on their way. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length;) {
      this.refuseIfEnded();
      this.part ??= await this.emptyBuffer();
      const piece = chunk.subarray(offset, offset + this.part.length - this.filled);
      this.part.set(piece, this.filled);
      this.filled += piece.length;
      this.bytes += piece.length;
      offset += piece.length;
      if (this.filled === this.part.length) await this.send();
    }
    this.refuseIfEnded();
  }

  /** Sends what is left, waits until the server has all parts, and returns how many bytes these are. */
  async flush(): Promise<number> {
    if (this.filled > 0 || this.begun === 0) {
      this.part ??= Buffer.alloc(0);
      await this.send();
    }
    await Promise.all(this.sending);
    this.refuseIfEnded();
    return this.bytes;
  }

  /** Makes the object of the parts, once, and never over another one. Describes it as the server has it. */
  complete(): Promise<HeadObject> {
    this.completion ??= this.completeNow();
    return this.completion;
  }

  /** Ends what is under way and removes the parts. Safe to call at any time. Returns whether it could; it never rejects. */
  async abort(): Promise<boolean> {
    this.ended.abort();
    await Promise.all(this.sending);
    await this.completion?.catch(() => undefined);
    const isGone = this.completed || (await abortUpload(this.bucket, this.key, this.id));
    return (!this.mayHaveOthers || (await abortUploads(this.bucket, this.key))) && isGone;
  }

  private async emptyBuffer(): Promise<Buffer> {
    while (this.sending.size >= this.bucket.settings.parallelParts) await Promise.race(this.sending);
    this.refuseIfEnded();
    const length = grownPartBytes(this.partBytes, this.begun + 1);
    const buffer = this.free.pop();
    return buffer?.length === length ? buffer : Buffer.allocUnsafeSlow(length);
  }

  private async send(): Promise<void> {
    const { part } = this;
    if (part === undefined) return;
    while (this.sending.size >= this.bucket.settings.parallelParts) await Promise.race(this.sending);
    this.refuseIfEnded();
    const body = part.subarray(0, this.filled);
    this.begun += 1;
    this.part = undefined;
    this.filled = 0;
    const sending = this.sendPart(this.begun, body)
      .then(
        () => void this.free.push(part),
        (cause: unknown) => {
          this.failure ??= { cause };
          this.ended.abort();
        },
      )
      .finally(() => this.sending.delete(sending));
    this.sending.add(sending);
  }

  private async sendPart(number: number, body: Buffer): Promise<void> {
    const sum = checksumOf(body);
    const { bucket, key, id } = this;
    const step = `send part ${number}`;
    const answer = await bucket.connection.request({ step, key, signal: this.ended.signal }, (sdk, client, options) =>
      client.send(
        new sdk.UploadPartCommand({
          ...{ Bucket: bucket.name, Key: key, UploadId: id, PartNumber: number },
          ...{ Body: body, ContentLength: body.length, ChecksumCRC32: sum },
        }),
        options,
      ),
    );
    const { ETag, ChecksumCRC32 } = answer;
    if (ETag === undefined) throw bucket.halfAnswer(step, key);
    if ((ChecksumCRC32 ?? sum) !== sum || (this.tagsAreSums && !isTagOf(ETag, body))) {
      throw new DomainError('STORAGE_FAILED', `Could not ${step} of "${key}": the server has stored other bytes.`, {
        hint: 'Nothing was published. Look at the network, at proxies, and at the disks of the server.',
      });
    }
    this.parts.push({ PartNumber: number, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
  }

  /** AWS compares the checksum; others have been seen to return it unseen. With keys of a KMS, an ETag that looks like an MD5 is none. */
  private get tagsAreSums(): boolean {
    const { endpoint, encryption } = this.bucket.settings;
    return endpoint !== undefined && encryption?.algorithm.startsWith('aws:kms') !== true;
  }

  private async completeNow(): Promise<HeadObject> {
    await this.flush();
    const { bucket, key, id } = this;
    const step = 'complete the upload';
    const Parts = this.parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
    const { signal } = this.ended;
    this.completing = true;
    let mayHaveDone = false;
    const complete = (conditions: object): Promise<string> =>
      bucket.connection.request({ step, key, signal }, async (sdk, client, options, uncertain) => {
        mayHaveDone = uncertain;
        try {
          const answer = await client.send(
            new sdk.CompleteMultipartUploadCommand({
              ...{ Bucket: bucket.name, Key: key, UploadId: id, MultipartUpload: { Parts } },
              ...conditions,
            }),
            options,
          );
          return answer.ETag ?? '';
        } catch (error) {
          // An earlier attempt may have done it, although its answer was lost.
          const found = uncertain ? await bucket.head(step, key).catch(() => undefined) : undefined;
          if (found?.size === this.bytes) return found.etag;
          throw error;
        }
      });
    const etag = await bucket.withCondition('never', complete).catch((error: unknown) => {
      this.completing = mayHaveDone || !(error instanceof S3Error) || error.uncertain;
      throw error;
    });
    const stored = await bucket.head(step, key);
    if (stored?.size === this.bytes && (etag === '' || stored.etag === etag)) {
      this.completed = true;
      if (this.mayHaveOthers) await abortUploads(bucket, key);
      return stored;
    }
    throw new DomainError(
      'STORAGE_FAILED',
      `Could not ${step} (bucket "${bucket.name}", key "${key}"): ${this.bytes} bytes were sent, and the server has ${stored?.size ?? 'none'}.`,
      { hint: 'Nothing was published. Look at the server, and at others that write into the bucket.' },
    );
  }

  private refuseIfEnded(): void {
    if (this.failure !== undefined) throw this.failure.cause;
    this.ended.signal.throwIfAborted();
  }
}

/** Removes the parts of one upload, if it is there. Returns whether it is gone; never rejects. */
export async function abortUpload(bucket: S3Bucket, key: string, id: string): Promise<boolean> {
  try {
    await bucket.connection.request(
      { step: 'abort an upload', key, attempts: CLEANUP_ATTEMPTS },
      (sdk, client, options) =>
        client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: id }), options),
    );
    return true;
  } catch (error) {
    return error instanceof S3Error && error.isMissing;
  }
}

/** Removes the parts of all uploads of a key. Returns whether they are gone, as far as the server can list them; never rejects. */
export async function abortUploads(bucket: S3Bucket, key: string): Promise<boolean> {
  try {
    const { Uploads = [] } = await bucket.connection.request(
      { step: 'list the uploads', key, attempts: CLEANUP_ATTEMPTS },
      (sdk, client, options) =>
        client.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: key }), options),
    );
    let areGone = true;
    for (const { Key, UploadId } of Uploads) {
      if (Key === key && UploadId !== undefined) areGone = (await abortUpload(bucket, key, UploadId)) && areGone;
    }
    return areGone;
  } catch (error) {
    return error instanceof S3Error && error.isUnknownToServer;
  }
}

/** The ETag of a part mostly is its MD5; some servers return a text that says nothing. */
function isTagOf(etag: string, body: Buffer): boolean {
  const [, sum] = MD5_ETAG.exec(etag) ?? [];
  return sum === undefined || sum === createHash('md5').update(body).digest('hex');
}
