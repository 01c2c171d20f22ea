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

/** Where the directory of an archive ends, counted from the beginning of `tail`, and what is said of it there. */
interface End {
  to: number;
  bytes: number;
  entries: number;
}

/**
 * The files of a zip archive, by its directory at the end: without folders, and without what the systems of people add.
 * Undefined where the directory is not there or not whole.
 */
export function zipEntries(tail: Buffer): ZipEntry[] | undefined {
  const end = endOf(tail);
  if (end === undefined || end.to < end.bytes) return undefined;
  const entries: ZipEntry[] = [];
  const at = readEntries(tail.subarray(0, end.to), end.to - end.bytes, entries);
  return at === end.to ? entries : undefined;
}

/** How far before the beginning of `tail` a directory begins that is longer, and how many entries it has; undefined for others. */
export function longDirectory(tail: Buffer): { before: number; entries: number } | undefined {
  const end = endOf(tail);
  return end === undefined || end.to >= end.bytes ? undefined : { before: end.bytes - end.to, entries: end.entries };
}

/** The first files of a directory of which this is the beginning. */
export function firstZipEntries(directory: Buffer): ZipEntry[] {
  const entries: ZipEntry[] = [];
  readEntries(directory, 0, entries);
  return entries;
}

function endOf(tail: Buffer): End | undefined {
  const end = tail.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || tail.length - end < END_BYTES) return undefined;
  const large = tail.lastIndexOf(END_OF_LARGE_DIRECTORY, end);
  const isLarge = large !== -1 && end - large <= 200 && tail.length - large >= 56;
  return isLarge
    ? {
        to: large,
        bytes: Number(tail.readBigUInt64LE(large + 40)),
        entries: Number(tail.readBigUInt64LE(large + 32)),
      }
    : { to: end, bytes: tail.readUInt32LE(end + 12), entries: tail.readUInt16LE(end + 10) };
}

/** Reads them as far as they are whole, and returns where that ends. */
function readEntries(directory: Buffer, from: number, entries: ZipEntry[]): number {
  let at = from;
  while (directory.length - at >= ENTRY_BYTES && directory.readUInt32LE(at) === ENTRY) {
    const nameLength = directory.readUInt16LE(at + 28);
    const next = at + ENTRY_BYTES + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) break;
    const name = directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
    if (isOfPeople(name)) entries.push({ name, checksum: directory.readUInt32LE(at + 16) });
    at = next;
  }
  return at;
}

/** Not a folder, nor what macOS and Windows add. */
export function isOfPeople(name: string): boolean {
  return !/[/\\]$|^__MACOSX\//.test(name) && !/^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*)$/i.test(basename(name));
}
