import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCodeOf } from '@app/domain';
import { MANIFEST_SUFFIX } from './artifact-storage.js';
import type { StoredFile } from './artifact-storage.js';
import { storageError } from './storage-error.js';

/** Describes a file; undefined when it is gone meanwhile. */
export async function statStored(path: string): Promise<StoredFile | undefined> {
  const [stats, manifest] = await Promise.all([statOf(path), statOf(path + MANIFEST_SUFFIX)]);
  if (stats?.isFile() !== true) return undefined;
  const hasManifest = manifest?.isFile() === true;
  return {
    path,
    filename: basename(path),
    size: stats.size,
    modifiedAt: stats.mtime,
    hasManifest,
    manifestModifiedAt: hasManifest ? manifest.mtime : undefined,
  };
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCodeOf(error) ?? '')) return undefined;
    throw storageError(error, 'read the folder');
  }
}
