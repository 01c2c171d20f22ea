import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, ObjectLockRetentionMode } from '@aws-sdk/client-s3';
import { DomainError } from '@app/domain';
import { S3Connection } from './s3-connection.js';
import type { S3RequestOptions } from './s3-connection.js';
import { S3Error } from './s3-error.js';
import type { S3Settings } from './s3-settings.js';
import type { S3Tuning } from './s3-tuning.js';

/** An object as a list of the bucket shows it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** To the second, as other answers of servers say no more. */
  readonly modifiedAt: Date;
}

/** An object as the server describes it alone. */
export interface HeadObject extends Omit<ListedObject, 'key'> {
  readonly versionId: string | undefined;
  readonly storageClass: string | undefined;
  readonly restore: string | undefined;
}

/** Where an object is put: `never` over another, or over the one that had this ETag. */
export type PutCondition = 'never' | { readonly etag: string } | undefined;

/** The requests of ours that store or read one whole small object are limited by this. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** The requests to a bucket. Keys are those of the server, with the prefix of the storage. */
export class S3Bucket {
  readonly connection: S3Connection;
  /** Whether the server knows conditions for writing; until it has refused one as unknown. */
  private knowsConditions = true;

  constructor(
    readonly settings: S3Settings,
    readonly tuning: S3Tuning,
  ) {
    this.connection = new S3Connection(settings, tuning);
  }

  get name(): string {
    return this.settings.bucket;
  }

  /** Fails unless the bucket is there and can be listed. */
  async probe(options: Pick<S3RequestOptions, 'attempts' | 'limitMs'> = {}): Promise<void> {
    await this.page('look at the storage', { ...options, prefix: this.settings.prefix, maxKeys: 1 });
  }

  /**
   * Lists the objects whose keys begin with `prefix`, in the order of their keys; with a delimiter those without one in the rest of
   * the key. Fails for every answer that is not a whole page: a half one must not look as if there were nothing.
   */
  async *list(step: string, prefix: string, delimiter?: string): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await this.page(step, { prefix, delimiter, token });
      yield* this.objectsOf(page, step, prefix);
      const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      if (page.IsTruncated === true && (next === undefined || next === '' || next === token)) {
        throw this.halfAnswer(step, prefix);
      }
      token = next;
    } while (token !== undefined);
  }

  /** Lists the first objects whose keys begin with `prefix`, and says whether these are all. */
  async first(step: string, prefix: string, maxKeys = 1000): Promise<{ objects: ListedObject[]; all: boolean }> {
    const page = await this.page(step, { prefix, maxKeys });
    return { objects: this.objectsOf(page, step, prefix), all: page.IsTruncated !== true };
  }

  /** Undefined when there is no such object; a bucket that is not there looks the same. */
  async head(step: string, key: string, signal?: AbortSignal): Promise<HeadObject | undefined> {
    try {
      const head = await this.connection.request({ step, key, signal }, (sdk, client, options) =>
        client.send(new sdk.HeadObjectCommand({ Bucket: this.name, Key: key }), options),
      );
      if (head.ContentLength === undefined) throw this.halfAnswer(step, key);
      return {
        size: head.ContentLength,
        etag: head.ETag ?? '',
        modifiedAt: toSecond(head.LastModified),
        versionId: head.VersionId,
        storageClass: head.StorageClass,
        restore: head.Restore,
      };
    } catch (error) {
      if (error instanceof S3Error && error.isMissing) return undefined;
      throw error;
    }
  }

  /**
   * Begins to read an object, or the bytes from `start` to `end`, the last one included, in one attempt. Its body is to be read or
   * destroyed.
   */
  get(
    step: string,
    key: string,
    part: { etag?: string; versionId?: string | undefined; start?: number; end?: number; signal?: AbortSignal } = {},
  ): Promise<GetObjectCommandOutput> {
    const { etag, versionId, start, end, signal } = part;
    const range = start === undefined || end === undefined ? {} : { Range: `bytes=${start}-${end}` };
    const limitMs = this.settings.silenceMs;
    return this.connection.request({ step, key, attempts: 1, limitMs, signal }, (sdk, client, options) =>
      client.send(
        new sdk.GetObjectCommand({
          ...{ Bucket: this.name, Key: key, ...range },
          ...(etag === undefined || etag === '' ? {} : { IfMatch: etag }),
          ...(versionId === undefined ? {} : { VersionId: versionId }),
        }),
        options,
      ),
    );
  }

  /** Stores a small object. Rejects with a conflict when the condition does not hold, where the server knows conditions. */
  async put(step: string, key: string, text: string, options: PutOptions = {}): Promise<string> {
    const body = Buffer.from(text);
    const { condition, isBackup = false, attempts } = options;
    const put = (conditions: object): Promise<string> =>
      this.connection.request(
        { step, key, ...(attempts === undefined ? {} : { attempts }) },
        async (sdk, client, request, uncertain) => {
          const input = {
            ...{ Bucket: this.name, Key: key, Body: body, ContentLength: body.length },
            ...{ ChecksumCRC32: checksumOf(body) },
            ...{ ContentType: key.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8' },
            ...this.encryption(),
            ...(isBackup ? this.retention() : {}),
            ...conditions,
          };
          try {
            return (await client.send(new sdk.PutObjectCommand(input), request)).ETag ?? '';
          } catch (error) {
            // An earlier attempt may have stored it, although its answer was lost.
            const stored = uncertain ? await this.readText(step, key).catch(() => undefined) : undefined;
            if (stored?.text === text) return stored.etag;
            throw error;
          }
        },
      );
    return this.withCondition(condition, put);
  }

  /** Returns the text of an object; undefined when there is none. A longer text than any of ours is an error. */
  async readText(step: string, key: string): Promise<{ text: string; etag: string } | undefined> {
    try {
      return await this.connection.request(
        { step, key, limitMs: this.settings.silenceMs },
        async (sdk, client, options) => {
          const { Body, ContentLength, ETag } = await client.send(
            new sdk.GetObjectCommand({ Bucket: this.name, Key: key }),
            options,
          );
          const body = Body as Readable | undefined;
          if (body === undefined || ContentLength === undefined) throw this.halfAnswer(step, key);
          if (ContentLength > MAX_TEXT_BYTES) {
            body.destroy();
            throw new DomainError(
              'STORAGE_FAILED',
              `Could not ${step}: the object "${key}" has ${ContentLength} bytes.`,
            );
          }
          const bytes = await buffer(body);
          if (bytes.length !== ContentLength) throw this.halfAnswer(step, key);
          return { text: bytes.toString('utf8'), etag: ETag ?? '' };
        },
      );
    } catch (error) {
      if (error instanceof S3Error && error.reason === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async delete(step: string, key: string, attempts?: number): Promise<void> {
    await this.connection.request(
      { step, key, ...(attempts === undefined ? {} : { attempts }) },
      (sdk, client, options) => client.send(new sdk.DeleteObjectCommand({ Bucket: this.name, Key: key }), options),
    );
  }

  /** Does a request with a condition, or without it where the server says that it knows none. */
  async withCondition<T>(condition: PutCondition, work: (conditions: object) => Promise<T>): Promise<T> {
    if (condition === undefined || !this.knowsConditions) return work({});
    try {
      return await work(
        condition === 'never' ? { IfNoneMatch: '*' } : condition.etag === '' ? {} : { IfMatch: condition.etag },
      );
    } catch (error) {
      if (!(error instanceof S3Error) || !error.isUnknownToServer) throw error;
      this.knowsConditions = false;
      return work({});
    }
  }

  /** The fields of a request that stores an object. */
  encryption(): object {
    const { encryption } = this.settings;
    if (encryption === undefined) return {};
    const { algorithm, keyId } = encryption;
    return { ServerSideEncryption: algorithm, ...(keyId === undefined ? {} : { SSEKMSKeyId: keyId }) };
  }

  /** The fields of a request that stores a part of a backup, which nobody may be able to delete for a while. */
  retention(): { ObjectLockMode?: ObjectLockRetentionMode; ObjectLockRetainUntilDate?: Date } {
    const { objectLock } = this.settings;
    if (objectLock === undefined) return {};
    const until = new Date(Date.now() + objectLock.days * DAY_MS);
    return { ObjectLockMode: objectLock.mode, ObjectLockRetainUntilDate: until };
  }

  halfAnswer(step: string, what: string): DomainError {
    return new DomainError(
      'STORAGE_FAILED',
      `Could not ${step} (bucket "${this.name}", "${what}"): the answer of the server is not whole.`,
      { hint: 'Check that the endpoint is an S3 server, and that no proxy changes its answers.' },
    );
  }

  private page(step: string, wanted: PageOptions): Promise<ListObjectsV2CommandOutput> {
    const { prefix, delimiter, token, maxKeys, attempts, limitMs } = wanted;
    const input = {
      ...{ Bucket: this.name, Prefix: prefix },
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(maxKeys === undefined ? {} : { MaxKeys: maxKeys }),
    };
    const request = {
      step,
      ...(attempts === undefined ? {} : { attempts }),
      ...(limitMs === undefined ? {} : { limitMs }),
    };
    return this.connection.request(request, async (sdk, client, options) => {
      const page = await client.send(new sdk.ListObjectsV2Command(input), options);
      // An empty answer, a page of a proxy or half a list has no such element, as a whole one must.
      if (page.IsTruncated === undefined || page.Name === undefined) throw this.halfAnswer(step, prefix);
      const shown = (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0);
      if (page.KeyCount !== undefined && page.KeyCount !== shown) throw this.halfAnswer(step, prefix);
      return page;
    });
  }

  private objectsOf(page: ListObjectsV2CommandOutput, step: string, prefix: string): ListedObject[] {
    return (page.Contents ?? []).map(({ Key, Size, ETag, LastModified }) => {
      if (Key === undefined || Size === undefined || LastModified === undefined || !Key.startsWith(prefix)) {
        throw this.halfAnswer(step, prefix);
      }
      return { key: Key, size: Size, etag: ETag ?? '', modifiedAt: toSecond(LastModified) };
    });
  }
}

export interface PutOptions {
  readonly condition?: PutCondition;
  /** Whether it belongs to a backup, so that the retention of the storage holds for it. */
  readonly isBackup?: boolean;
  readonly attempts?: number | undefined;
}

interface PageOptions {
  readonly prefix: string;
  readonly delimiter?: string | undefined;
  readonly token?: string | undefined;
  readonly maxKeys?: number;
  readonly attempts?: number;
  readonly limitMs?: number;
}

/** The CRC-32 of bytes as S3 writes it, which a server compares with what has arrived. */
export function checksumOf(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

function toSecond(time: Date | undefined): Date {
  return new Date(Math.floor((time?.getTime() ?? 0) / 1000) * 1000);
}
