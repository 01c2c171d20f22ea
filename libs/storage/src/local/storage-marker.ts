import { randomUUID } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/domain';
import { syncFolder, writeDurably } from '../durable-file.js';
import { readRegularFile } from './regular-file.js';

/** The marker file that names the storage of a folder, so that a mount differs from its empty mount point. */
export const STORAGE_MARKER = '.storage-id';

/** Reads the marker; undefined when there is none. */
export async function readMarker(root: string): Promise<string | undefined> {
  try {
    const id = (await readRegularFile(join(root, STORAGE_MARKER), 1_000))?.trim();
    return id === '' ? undefined : id;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Creates the marker. Processes that do so at once all get the id of the first one. */
export async function makeMarker(root: string): Promise<string> {
  const id = randomUUID();
  const path = join(root, STORAGE_MARKER);
  const temporary = join(root, `${STORAGE_MARKER}.${id}.partial`);
  try {
    await writeDurably(temporary, `${id}\n`);
    await link(temporary, path);
    await syncFolder(root);
    return id;
  } catch (error) {
    const first = await readMarker(root).catch(() => undefined);
    if (first !== undefined) return first;
    // On file systems without links, the next look notices two markers that were made at once.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errorCodeOf(error) ?? '')) throw error;
    await writeDurably(path, `${id}\n`);
    return id;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
