import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { DomainError, filenameOf } from '@app/domain';
import type { OpenArtifact } from '../artifact-storage.js';
import type { S3Bucket } from './s3-bucket.js';
import { streamObject } from './s3-reading.js';

/**
 * Reads an object as it was when it was opened: the same version where the bucket keeps versions, else the same ETag, so that a reading
 * fails when it was exchanged.
 */
export async function openS3Artifact(bucket: S3Bucket, key: string): Promise<OpenArtifact> {
  const opened = await bucket.head('open the backup', key);
  if (opened === undefined) {
    // A bucket that is gone looks the same.
    await bucket.probe();
    throw new DomainError('BACKUP_NOT_FOUND', `There is no backup file ${filenameOf(key)} any more.`, {
      hint: 'GET /api/backups lists the files that there are.',
    });
  }
  const { size, etag, modifiedAt } = opened;
  const read = (start: number, end: number): ReturnType<typeof streamObject> =>
    streamObject(bucket, { key, object: opened, start, end });
  const close = (): Promise<void> => Promise.resolve();
  return {
    size,
    modifiedAt,
    head: (length) => buffer(read(0, Math.min(length, size))),
    async scan(visit) {
      const sink = new Writable({
        write(chunk: Buffer, _, done) {
          visit(chunk);
          done();
        },
      });
      await pipeline(read(0, size), sink);
    },
    stream(onRead, { start, end } = { start: 0, end: size }) {
      if (start <= end && end <= size) return streamObject(bucket, { key, object: opened, start, end }, onRead);
      const failed = streamObject(bucket, { key, object: opened, start: 0, end: 0 });
      return failed.destroy(
        new DomainError('STORAGE_FAILED', 'The backup file is shorter than the part of it that was asked for.'),
      );
    },
    async unchanged() {
      const now = await bucket.head('look at the backup', key);
      // A file that is gone by now was the same: every reading has compared it.
      return now === undefined || (now.size === size && now.etag === etag);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
