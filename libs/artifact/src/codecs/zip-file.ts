import type { Readable } from 'node:stream';
import { PassThrough, pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { DomainError, messageOf } from '@app/domain';
import { ZIP_TAIL_BYTES, isOfPeople, zipEntries } from './zip-directory.js';

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04_03_4b_50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 0x01;
const SIZE_FOLLOWS = 0x08;
const CHUNK_BYTES = 128 * 1024;
/** The first file must begin within these bytes; only folders and files that operating systems add may come before it. */
const HEAD_BYTES = 1024 * 1024;

/** Where the data of the first file begins, and its length where that tells its end. */
interface Data {
  from: number;
  bytes: number | undefined;
}

/** Streams the content of a zip archive that holds one file, perhaps in a folder, and checks it against the directory at the end. */
export async function* unzipped(source: Readable): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let data: Data | undefined;
  let left = Infinity;
  let tail = Buffer.alloc(0);
  async function* packed(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      tail = Buffer.concat([tail, chunk]).subarray(-ZIP_TAIL_BYTES);
      let some = chunk;
      if (data === undefined) {
        head = Buffer.concat([head, chunk]);
        data = firstFile(head);
        if (data === undefined && head.length > HEAD_BYTES) throw unsupported('its first file comes too late in it');
        if (data === undefined) continue;
        some = head.subarray(data.from);
        left = data.bytes ?? Infinity;
      }
      const part = some.subarray(0, left);
      left -= part.length;
      // The stream reads on, as the directory is at the end.
      if (part.length > 0) yield part;
    }
  }
  let checksum = 0;
  try {
    const parts = packed();
    // The first bytes tell how the file is packed.
    const first = await parts.next();
    const decoder = data?.bytes === undefined ? createInflateRaw({ chunkSize: CHUNK_BYTES }) : new PassThrough();
    async function* again(): AsyncGenerator<Buffer> {
      if (first.done !== true) yield first.value;
      yield* parts;
    }
    const reading = new Promise<void>((resolve) => {
      pipeline(again, decoder, () => {
        resolve();
      });
    });
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    await reading;
  } catch (error) {
    throw error instanceof DomainError ? error : broken(messageOf(error), error);
  } finally {
    source.destroy();
  }
  if (data === undefined) throw broken('it is cut off');
  requireOne(tail, checksum);
}

/** Finds the first file; undefined when it needs more bytes. Folders come before their files, and macOS may put other files between. */
function firstFile(head: Buffer): Data | undefined {
  for (let at = 0; ;) {
    if (head.length - at < LOCAL_HEADER_BYTES) return undefined;
    if (head.readUInt32LE(at) !== LOCAL_HEADER) throw unsupported('it holds no file');
    const flags = head.readUInt16LE(at + 6);
    const method = head.readUInt16LE(at + 8);
    const bytes = head.readUInt32LE(at + 18);
    const nameLength = head.readUInt16LE(at + 26);
    const from = at + LOCAL_HEADER_BYTES + nameLength + head.readUInt16LE(at + 28);
    if (head.length < from) return undefined;
    const name = head.toString('latin1', at + LOCAL_HEADER_BYTES, at + LOCAL_HEADER_BYTES + nameLength);
    if (!isOfPeople(name) && (flags & SIZE_FOLLOWS) === 0) {
      at = from + bytes;
      continue;
    }
    if (!isOfPeople(name))
      throw unsupported(
        'before the dump it holds a file that macOS or Windows has added',
        "Take such files out: zip -d ARCHIVE.zip '*.DS_Store' '__MACOSX/*' '*Thumbs.db' '*desktop.ini'",
      );
    if ((flags & ENCRYPTED) !== 0) throw unsupported('it is encrypted');
    if (method === DEFLATED) return { from, bytes: undefined };
    if (method === STORED && (flags & SIZE_FOLLOWS) === 0 && bytes < 0xff_ff_ff_ff) return { from, bytes };
    throw unsupported('its first entry is packed in a way that is not known here');
  }
}

function requireOne(tail: Buffer, checksum: number): void {
  const entries = zipEntries(tail);
  if (entries === undefined) throw broken('its directory is missing or cannot be read');
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw unsupported(`it holds ${entries.length} entries`);
  if (entry.checksum !== checksum) throw broken('its checksum is another');
}

function unsupported(
  why: string,
  hint = 'Restorable is a zip archive of one dump without a password. Unpack it yourself otherwise.',
): DomainError {
  return new DomainError('UNSUPPORTED', `The zip archive cannot be restored: ${why}.`, { hint });
}

function broken(why: string, cause?: unknown): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The zip archive cannot be read: ${why}.`, {
    hint: 'Fetch it again from where it came.',
    cause,
  });
}
