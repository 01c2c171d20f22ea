import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from './errors.js';

/**
 * Creates a folder and its missing parents for their owner alone. Fails with the error of the system. Node's own `recursive`
 * never ends in an existing folder where nothing can be created, such as `/proc`.
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
    // Another process was faster. A link that leads nowhere exists as well, and is no folder.
    if (errorCodeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}
