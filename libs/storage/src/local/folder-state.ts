import { stat } from 'node:fs/promises';
import { errorCodeOf } from '@app/domain';
import { storageError } from '../storage-error.js';

/** Longer than the resolution of the time stamps of any file system (two seconds on FAT). */
const RECENT_MS = 2500;

/** Implements `ArtifactStorage.folderState` by the folder's time of change, once it is so old that the next one must differ. */
export async function folderState(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino, mtimeNs, mtimeMs } = await stat(folder, { bigint: true });
    return Number(mtimeMs) > Date.now() - RECENT_MS ? undefined : `${dev}:${ino}:${mtimeNs}`;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, 'read the folder');
  }
}
