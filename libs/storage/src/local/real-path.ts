import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Linux follows no more links in one path. */
const MAX_LINKS = 40;

/**
 * Returns the absolute path without links. Where it does not exist, it follows the links that are there: what they lead to may not be
 * mounted now.
 */
export async function realPathOf(path: string, links = MAX_LINKS): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const target = await readlink(path).catch(() => undefined);
    const parent = dirname(path);
    if (target !== undefined && links > 0) {
      return realPathOf(resolve(await realPathOf(parent, links - 1), target), links - 1);
    }
    return parent === path ? path : join(await realPathOf(parent, links), basename(path));
  }
}
