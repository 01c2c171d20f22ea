import { basename } from 'node:path';
import { tarNames } from '../../tar/tar-names.js';

const PACKED = String.raw`(?:\.(?:gz|lz4|zst))?`;
/** The files that `pg_dump --format=directory` writes: rows, large objects, their lists, the table of contents. */
const FILE = new RegExp(
  String.raw`^(?:toc\.dat|\d{1,10}\.dat${PACKED}|blob_\d{1,10}\.dat${PACKED}|blobs(?:_\d{1,10})?\.toc)$`,
);

export const CONTENTS = 'toc.dat';

export function isDumpFile(name: string): boolean {
  return FILE.test(name);
}

export function isListOfLargeObjects(name: string): boolean {
  return name.endsWith('.toc');
}

/** Whether a tar archive that begins like this holds the folder of a dump, packed by another tool. */
export function isPackedDirectory(head: Buffer): boolean {
  return tarNames(head)?.some((name) => isDumpFile(basename(name))) === true;
}
