import { randomUUID } from 'node:crypto';
import type { StorageWriter } from '../artifact-storage.js';
import type { StorageFactory } from '../storage-kinds.js';
import { readS3Settings, withoutS3Secrets } from './s3-settings.js';
import { S3Storage } from './s3-storage.js';
import type { S3Tuning } from './s3-tuning.js';

export interface S3StoragesOptions {
  /** Default: one without known earlier runs. */
  writer?: StorageWriter;
  /** Tests give other times. */
  tuning?: Partial<S3Tuning>;
}

/** Makes the storages of kind `s3`. Nothing of the SDK is loaded until one of them is used. */
export function s3StorageFactory({ writer, tuning = {} }: S3StoragesOptions = {}): StorageFactory {
  const writing = { tokens: new Set<string>(), names: new Set<string>() };
  const ours = writer ?? { run: randomUUID(), pastRuns: new Set() };
  return {
    kind: 's3',
    withoutSecrets: withoutS3Secrets,
    // The secret key makes signatures and is never sent; a session token is.
    secretsGoTo: ['endpoint'],
    create: ({ id, name, settings }) =>
      new S3Storage({ id, name, settings: readS3Settings(name, settings), writer: ours, writing, tuning }),
  };
}
