import { gnuNameOf, paxExtensionOf } from './tar-extension.js';
import type { TarExtension } from './tar-extension.js';
import { paddedSize, TAR_BLOCK, tarHeaderOf } from './tar-header.js';

/** The names of the files that can be seen in the first bytes of a tar archive; undefined where it is none. */
export function tarNames(head: Buffer): string[] | undefined {
  const names: string[] = [];
  let extension: TarExtension = {};
  for (let at = 0, count = 0; at + TAR_BLOCK <= head.length; count += 1) {
    try {
      const header = tarHeaderOf(head.subarray(at, at + TAR_BLOCK));
      if (header === undefined) return count === 0 ? undefined : names;
      const content = head.subarray(at + TAR_BLOCK, at + TAR_BLOCK + header.size);
      if (header.type === 'x') extension = paxExtensionOf(content, false);
      else if (header.type === 'L') extension = gnuNameOf(content);
      else {
        const { name = header.name, size = header.size } = extension;
        if (['0', '\0', '7'].includes(header.type) && !name.endsWith('/')) names.push(name);
        extension = {};
        at += paddedSize(size) - paddedSize(header.size);
      }
      at += TAR_BLOCK + paddedSize(header.size);
    } catch {
      return count === 0 ? undefined : names;
    }
  }
  return names.length === 0 && head.length < TAR_BLOCK ? undefined : names;
}
