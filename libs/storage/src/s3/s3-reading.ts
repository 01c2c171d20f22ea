import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import { DomainError, retry } from '@app/domain';
import type { HeadObject, S3Bucket } from './s3-bucket.js';
import { silence } from './s3-connection.js';
import { S3Error } from './s3-error.js';

/** The size of the pieces that are passed on, as the local storage has them. */
const STREAM_BYTES = 64 * 1024;

/** Which bytes of which object are read, the end not included. */
export interface Reading {
  readonly key: string;
  readonly object: Pick<HeadObject, 'etag' | 'versionId'>;
  readonly start: number;
  readonly end: number;
}

/**
 * Streams bytes of an object. Where a connection breaks off or falls silent, it goes on at the same byte, as long as the object is the
 * same; only so many failures in a row without a byte in between end it. Destroying the stream ends the request at once.
 */
export function streamObject(bucket: S3Bucket, reading: Reading, onRead?: (bytes: number) => void): Readable {
  const ended = new AbortController();
  const bytes = bytesOf(bucket, reading, ended.signal);
  let count = 0;
  return new Readable({
    highWaterMark: STREAM_BYTES,
    read() {
      bytes.next().then(
        ({ done, value }) => {
          if (done === true) {
            this.push(null);
            return;
          }
          count += value.length;
          onRead?.(count);
          this.push(value);
        },
        (error: unknown) => this.destroy(error as Error),
      );
    },
    destroy(error, done) {
      ended.abort();
      // It resolves soon, as its waiting was just ended.
      callbackify(() => bytes.return(undefined))(() => done(error));
    },
  });
}

async function* bytesOf(bucket: S3Bucket, reading: Reading, signal: AbortSignal): AsyncGenerator<Buffer, undefined> {
  const { key } = reading;
  let position = reading.start;
  const step = 'read the backup';
  let body: Readable | undefined;
  let chunks: AsyncIterator<Buffer> | undefined;
  const open = async (): Promise<AsyncIterator<Buffer>> => {
    body = await begin(bucket, { ...reading, start: position }, signal);
    return body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  };
  const next = async (): Promise<Buffer> => {
    try {
      chunks ??= await open();
      const { done, value } = await within<IteratorResult<Buffer, unknown>>(
        bucket.settings.silenceMs,
        chunks.next(),
        signal,
      );
      if (done === true) throw Object.assign(new Error('the connection broke off'), { code: 'ECONNRESET' });
      return value;
    } catch (raw) {
      body?.destroy();
      chunks = undefined;
      signal.throwIfAborted();
      throw raw instanceof DomainError ? raw : new S3Error(raw, { step, bucket: bucket.name, key }, []);
    }
  };
  try {
    while (position < reading.end) {
      const chunk = await retry(next, {
        attempts: bucket.tuning.attempts,
        isTransient: (error) => error instanceof S3Error && error.transient,
        pauseMs: bucket.tuning.pauseMs,
        signal,
      });
      const wanted = chunk.subarray(0, reading.end - position);
      position += wanted.length;
      yield wanted;
    }
  } finally {
    body?.destroy();
  }
  return undefined;
}

async function begin(bucket: S3Bucket, { key, object, start, end }: Reading, signal: AbortSignal): Promise<Readable> {
  const step = 'read the backup';
  let answer;
  try {
    const { etag, versionId } = object;
    answer = await bucket.get(step, key, { etag, versionId, start, end: end - 1, signal });
  } catch (error) {
    if (error instanceof S3Error && (error.isConflict || error.isMissing)) throw changed(key, error);
    throw error;
  }
  const body = answer.Body as Readable | undefined;
  if (body === undefined) throw bucket.halfAnswer(step, key);
  // An error between two reads must not be one that nobody listens to.
  body.on('error', () => undefined);
  // Some servers know no conditions, or no ranges.
  const isSame = object.etag === '' || answer.ETag === undefined || answer.ETag === object.etag;
  const isPart = answer.ContentLength === end - start;
  if (isSame && isPart && rangeStart(answer.ContentRange, start) === start) return body;
  body.destroy();
  throw isSame ? bucket.halfAnswer(step, key) : changed(key);
}

function rangeStart(range: string | undefined, fallback: number): number {
  const [, start] = /^bytes (\d+)-/.exec(range ?? '') ?? [];
  return start === undefined ? fallback : Number(start);
}

/** Passes a result on, or rejects when it takes too long or the signal is aborted. */
async function within<T>(limitMs: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(silence(limitMs)), limitMs);
        abort = () => reject(silence(limitMs));
        signal.addEventListener('abort', abort, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

function changed(key: string, cause?: S3Error): DomainError {
  return new DomainError('STORAGE_FAILED', `The backup "${key}" was changed or removed while it was read.`, {
    hint: 'Look for others that write into the bucket.',
    cause,
  });
}
