import { randomBytes } from 'node:crypto';
import { open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SupervisedStep } from './supervisor-script.js';

/** The number is at the beginning of the control file, and here in the header of a WAL segment. */
const NUMBER_IN_SEGMENT = 24;
const SEGMENT = /^[0-9A-F]{24}$/;

interface Patch {
  file: string;
  at: number;
  bytes: Buffer;
}

/**
 * Returns what gives a copied data directory of PostgreSQL a cluster number of its own (`system_identifier`), by which servers are
 * told apart. `template` is what is copied: initialised, but never started, so that its WAL is one segment.
 */
export async function clusterNumberPatch(template: string): Promise<(directory: string) => SupervisedStep> {
  const control = await readFile(join(template, 'global/pg_control'));
  const segments = (await readdir(join(template, 'pg_wal'))).filter((name) => SEGMENT.test(name));
  const segment = `pg_wal/${segments[0] ?? ''}`;
  const old = control.subarray(0, 8);
  const checksumAt = placeOfChecksum(control);
  const inSegment = await bytesOf(join(template, segment), NUMBER_IN_SEGMENT, old.length);
  if (checksumAt === undefined || segments.length !== 1 || !inSegment.equals(old))
    throw new Error(`${template} is laid out otherwise than a new data directory of PostgreSQL.`);

  const number = newNumber();
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32c(Buffer.concat([number, control.subarray(number.length, checksumAt)])));
  const patches: Patch[] = [
    { file: 'global/pg_control', at: 0, bytes: number },
    { file: 'global/pg_control', at: checksumAt, bytes: checksum },
    { file: segment, at: NUMBER_IN_SEGMENT, bytes: number },
  ];
  const script = patches.map(shellOf).join(' && ');
  return (directory) => ({ command: ['sh', '-c', script, `${directory}/data`], stopSignal: 'TERM' });
}

function shellOf({ file, at, bytes }: Patch): string {
  const text = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `printf '${text}' | dd of="$0/${file}" bs=${bytes.length} seek=${at / bytes.length} conv=notrunc 2>/dev/null`;
}

/** As initdb makes it: the time, and what tells apart those of one second. */
function newNumber(): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE((BigInt(Math.floor(Date.now() / 1000)) << 32n) | BigInt(randomBytes(4).readUInt32LE()));
  return number;
}

/** The checksum is behind the last field, whose place depends on the version: it is where the bytes before it have this sum. */
function placeOfChecksum(control: Buffer): number | undefined {
  for (let at = 16; at + 4 <= 512; at += 4) {
    if (crc32c(control.subarray(0, at)) === control.readUInt32LE(at)) return at;
  }
  return undefined;
}

function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

async function bytesOf(path: string, at: number, length: number): Promise<Buffer> {
  await using file = await open(path);
  return (await file.read(Buffer.alloc(length), 0, length, at)).buffer;
}
