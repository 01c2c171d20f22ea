import { basename } from 'node:path/posix';

const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
/** The record of archives with more than 4 GB or 65,535 files. */
const END_OF_LARGE_DIRECTORY = Buffer.from([0x50, 0x4b, 0x06, 0x06]);
const END_BYTES = 22;
const ENTRY = 0x02_01_4b_50;
const ENTRY_BYTES = 46;
/** Enough bytes for the directory of some hundred files and a comment of the greatest length. */
export const ZIP_TAIL_BYTES = 140 * 1024;

export interface ZipEntry {
  name: string;
  checksum: number;
}

/** Finds the end of an archive's directory, counted from the beginning of `tail`, and reads the record there. */
interface End {
  to: number;
  bytes: number;
  entries: number;
}

/**
 * Lists the files of a zip archive by the directory at its end, without folders and without files that operating systems add.
 * Undefined when the directory is missing or not whole.
 */
export function zipEntries(tail: Buffer): ZipEntry[] | undefined {
  const end = endOf(tail);
  if (end === undefined || end.to < end.bytes) return undefined;
  const entries: ZipEntry[] = [];
  const at = readEntries(tail.subarray(0, end.to), end.to - end.bytes, entries);
  return at === end.to ? entries : undefined;
}

/** Tells how far before `tail` a longer directory begins, and how many entries it has; undefined when the directory is in `tail`. */
export function longDirectory(tail: Buffer): { before: number; entries: number } | undefined {
  const end = endOf(tail);
  return end === undefined || end.to >= end.bytes ? undefined : { before: end.bytes - end.to, entries: end.entries };
}

/** Reads the first files from the beginning of a directory. */
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

/** Reads the whole entries, and returns where they end. */
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

/** Whether the name is neither a folder nor a file that macOS and Windows add. */
export function isOfPeople(name: string): boolean {
  return !/[/\\]$|^__MACOSX\//.test(name) && !/^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*)$/i.test(basename(name));
}
