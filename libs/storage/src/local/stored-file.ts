import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { errorCodeOf, filenameOf } from '@app/domain';
import { MANIFEST_SUFFIX } from '../artifact-storage.js';
import type { StoredFile } from '../artifact-storage.js';
import { storageError } from '../storage-error.js';

/** Describes the file at `path`; undefined when it is gone meanwhile. `realPath` is its path without links. */
export async function statStored(path: string, key: string, realPath: string): Promise<StoredFile | undefined> {
  const [stats, manifest] = await Promise.all([statOf(path), statOf(path + MANIFEST_SUFFIX)]);
  if (stats?.isFile() !== true) return undefined;
  const hasManifest = manifest?.isFile() === true;
  return {
    key,
    filename: filenameOf(key),
    size: stats.size,
    modifiedAt: stats.mtime,
    hasManifest,
    manifestModifiedAt: hasManifest ? manifest.mtime : undefined,
    // Earlier versions made it of the path as well, and pins and clients know it.
    foreignId: `file-${createHash('sha256').update(realPath).digest('hex').slice(0, 32)}`,
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
