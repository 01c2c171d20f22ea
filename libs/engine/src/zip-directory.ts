import { basename } from 'node:path/posix';

const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
/** Of archives of more than 4 GB or 65,535 files. */
const END_OF_LARGE_DIRECTORY = Buffer.from([0x50, 0x4b, 0x06, 0x06]);
const END_BYTES = 22;
const ENTRY = 0x02_01_4b_50;
const ENTRY_BYTES = 46;
/** The directory of some hundred files, and a comment of the greatest length. */
export const ZIP_TAIL_BYTES = 140 * 1024;

export interface ZipEntry {
  name: string;
  checksum: number;
}

/**
 * The files of a zip archive, by its directory at the end: without folders, and without what the systems of people add.
 * Undefined where the directory is not there or not whole.
 */
export function zipEntries(tail: Buffer): ZipEntry[] | undefined {
  const end = tail.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || tail.length - end < END_BYTES) return undefined;
  const large = tail.lastIndexOf(END_OF_LARGE_DIRECTORY, end);
  const isLarge = large !== -1 && end - large <= 200 && tail.length - large >= 56;
  const to = isLarge ? large : end;
  const length = isLarge ? Number(tail.readBigUInt64LE(large + 40)) : tail.readUInt32LE(end + 12);
  const entries: ZipEntry[] = [];
  let at = to - length;
  if (at < 0) return undefined;
  while (at < to) {
    if (to - at < ENTRY_BYTES || tail.readUInt32LE(at) !== ENTRY) return undefined;
    const nameLength = tail.readUInt16LE(at + 28);
    const name = tail.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
    if (isOfPeople(name)) entries.push({ name, checksum: tail.readUInt32LE(at + 16) });
    at += ENTRY_BYTES + nameLength + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32);
  }
  return entries;
}

function isOfPeople(name: string): boolean {
  return !/[/\\]$|^__MACOSX\//.test(name) && !/^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*)$/i.test(basename(name));
}
