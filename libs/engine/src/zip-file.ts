import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { DomainError, messageOf } from '@app/domain';

const LOCAL_HEADER_BYTES = 30;
const DEFLATED = 8;
const ENCRYPTED = 0x01;
const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const END_BYTES = 22;
const DIRECTORY_ENTRY_BYTES = 46;
/** The directory of one file, and a comment of the greatest length. */
const TAIL_BYTES = 140 * 1024;
const CHUNK_BYTES = 128 * 1024;

/** The content of a zip archive that holds one deflated file; read as a stream, and checked against its directory at the end. */
export async function* unzipped(source: Readable): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let begun = false;
  let tail = Buffer.alloc(0);
  async function* deflated(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      if (begun) {
        yield chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const from = dataOffset(head);
      if (from === undefined) continue;
      begun = true;
      yield head.subarray(from);
    }
  }
  const decoder = createInflateRaw({ chunkSize: CHUNK_BYTES });
  // Ends where the deflated data ends; the rest is still read, for the directory.
  const reading = new Promise<void>((resolve) => {
    pipeline(deflated, decoder, () => {
      resolve();
    });
  });
  let checksum = 0;
  try {
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
  if (!begun) throw broken('it is cut off');
  requireOne(tail, checksum);
}

/** Where the data of the first file begins; undefined when more must be seen. */
function dataOffset(head: Buffer): number | undefined {
  if (head.length < LOCAL_HEADER_BYTES) return undefined;
  if ((head.readUInt16LE(6) & ENCRYPTED) !== 0) throw unsupported('it is encrypted');
  if (head.readUInt16LE(8) !== DEFLATED) throw unsupported('its first entry is not a deflated file');
  const from = LOCAL_HEADER_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28);
  return head.length >= from ? from : undefined;
}

function requireOne(tail: Buffer, checksum: number): void {
  const end = tail.lastIndexOf(END_OF_DIRECTORY);
  if (end === -1 || tail.length - end < END_BYTES) throw broken('its directory is missing');
  const files = tail.readUInt16LE(end + 10);
  if (files !== 1) throw unsupported(`it holds ${files} entries`);
  const entry = end - tail.readUInt32LE(end + 12);
  if (entry < 0 || end - entry < DIRECTORY_ENTRY_BYTES) throw broken('its directory cannot be read');
  if (tail.readUInt32LE(entry + 16) !== checksum) throw broken('its checksum is another');
}

function unsupported(why: string): DomainError {
  return new DomainError('UNSUPPORTED', `The zip archive cannot be restored: ${why}.`, {
    hint: 'Restorable is a zip archive of one dump without a password. Unpack it yourself otherwise.',
  });
}

function broken(why: string, cause?: unknown): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The zip archive cannot be read: ${why}.`, {
    hint: 'Fetch it again from where it came.',
    cause,
  });
}
