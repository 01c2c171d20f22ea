import { open } from 'node:fs/promises';
import { errorCodeOf } from '@app/domain';

/** Writes a file whose bytes survive a power cut once this resolves; the name needs {@link syncFolder}. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames in a folder durable. Some file systems and Windows cannot; there the rename itself must do. */
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
