import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '@app/domain';

/** Writes a file whose bytes survive a power cut after this resolves. Its name also needs {@link syncFolder}. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file so that its name always stands for a whole file, the old or the new one. `partial` must be a name in the same
 * folder that does not exist: otherwise somebody else is writing it (EEXIST).
 */
export async function replaceDurably(
  path: string,
  partial: string,
  chunks: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const handle = await open(partial, 'wx', 0o600);
  try {
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes renames in a folder durable. Some file systems and Windows cannot do that; there the rename itself must suffice. */
export async function syncFolder(folder: string): Promise<void> {
  let handle;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EACCES'].includes(errorCodeOf(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
