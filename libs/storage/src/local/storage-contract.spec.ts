import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { localStorageAt } from '../testing/open-local-storages.js';
import { describeStorageContract } from '../testing/storage-contract.js';

describeStorageContract('local', () => {
  let folder = '';
  return {
    async open() {
      folder = await mkdtemp(join(tmpdir(), 'contract-'));
      return localStorageAt(folder);
    },
    openAgain: () => Promise.resolve(localStorageAt(folder)),
    async put(key, content) {
      await mkdir(dirname(join(folder, key)), { recursive: true });
      await writeFile(join(folder, key), content);
    },
    async keys() {
      const entries = await readdir(folder, { withFileTypes: true, recursive: true });
      return entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
        .toSorted();
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
