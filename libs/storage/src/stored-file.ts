import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCodeOf } from '@app/domain';
import type { StoredFile } from './artifact-storage.js';
import { storageError } from './storage-error.js';

/** Undefined when the file has gone meanwhile. */
export async function statStored(path: string, hasManifest: boolean): Promise<StoredFile | undefined> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, 'read the folder');
  }
  return {
    path,
    filename: basename(path),
    size: stats.size,
    modifiedAt: stats.mtime,
    hasManifest,
  };
}
