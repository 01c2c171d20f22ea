import { stat } from 'node:fs/promises';
import { errorCodeOf } from '@app/domain';
import { storageError } from './storage-error.js';

/** Coarser than the time stamps of any file system (FAT counts in two seconds). */
const RECENT_MS = 2500;

/** See `ArtifactStorage.folderState`: the folder's own time of change, once it is so old that the next must differ. */
export async function folderState(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino, mtimeNs, mtimeMs } = await stat(folder, { bigint: true });
    return Number(mtimeMs) > Date.now() - RECENT_MS ? undefined : `${dev}:${ino}:${mtimeNs}`;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, 'read the folder');
  }
}
