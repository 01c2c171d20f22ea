import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { errorCodeOf } from '@app/domain';

export type FolderHealth = 'fine' | 'low' | 'unwritable' | 'missing';

/** The share of free space below which the next backup may not fit. */
const LEAST_FREE = 0.1;

/** Tells whether backups can be read from a folder and written into it now. Never rejects. */
export async function folderHealth(folder: string): Promise<FolderHealth> {
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
