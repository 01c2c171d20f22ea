import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { errorCodeOf } from '@app/domain';
import type { StorageHealth } from '../artifact-storage.js';

/** The share of free space below which the next backup may not fit. */
const LEAST_FREE = 0.1;

/** Implements `ArtifactStorage.health`. */
export async function folderHealth(folder: string): Promise<StorageHealth> {
  try {
    if (!(await stat(folder)).isDirectory()) return 'missing';
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return ['ENOENT', 'ENOTDIR', 'EIO', 'ESTALE', 'ENODEV'].includes(errorCodeOf(error) ?? '')
      ? 'missing'
      : 'unwritable';
  }
  try {
    const { bavail, blocks } = await statfs(folder);
    return blocks > 0 && bavail / blocks < LEAST_FREE ? 'low' : 'fine';
  } catch {
    return 'fine'; // a file system that does not tell
  }
}

/** Says why nothing can be written into a folder, as the end of a sentence; undefined when it can. */
export async function folderBlocker(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return 'is not a folder';
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return errorCodeOf(error) === 'ENOENT'
      ? 'is missing'
      : `cannot be written (${errorCodeOf(error) ?? 'unknown fault'})`;
  }
}
