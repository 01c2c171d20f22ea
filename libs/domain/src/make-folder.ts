import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from './errors.js';

/**
 * Makes a folder, and those above it that are missing, for their owner alone. Fails with the system's error. Node's own
 * `recursive` tries without end where nothing can be made in a folder that is there, as in `/proc`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
    throw Object.assign(new Error(`EEXIST: ${path} is not a folder`), { code: 'EEXIST' });
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another was faster. A link that leads nowhere is there as well, and is no folder.
    if (errorCodeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}
