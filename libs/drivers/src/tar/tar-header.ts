import { DomainError } from '@app/domain';

export const TAR_BLOCK = 512;
const CHECKSUM = { from: 148, to: 156 } as const;
const SPACE = 0x20;

export interface TarHeader {
  name: string;
  /** Bytes of the content, without its padding. */
  size: number;
  /** One character, as the format names it. */
  type: string;
}

/** Reads the header of the member that follows; undefined for the end mark, a block of zeros. Fails with BACKUP_DAMAGED. */
export function tarHeaderOf(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (block.toString('latin1', 257, 262) !== 'ustar' || !isIntact(block)) throw damagedTar('is altered');
  // The GNU format has other things in the place of the prefix.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 500) : '';
  const name = textAt(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: tarSizeOf(block),
    type: block.toString('latin1', 156, 157),
  };
}

/** Octal digits, or a big-endian number behind a byte of 0x80 for files of 8 GB and more. */
export function tarSizeOf(block: Buffer): number {
  const field = block.subarray(124, 136);
  if (field[0] === 0x80) return checked(Number(field.readBigUInt64BE(4)));
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim();
  return checked(/^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN);
}

/** Bytes of the content and of the zeros that fill its last block. */
export function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

export function damagedTar(how: string): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The tar archive ${how}.`, { hint: 'Use another backup.' });
}

function checked(size: number): number {
  if (Number.isSafeInteger(size)) return size;
  throw damagedTar('is altered');
}

function isIntact(block: Buffer): boolean {
  const written = Number.parseInt(block.toString('latin1', CHECKSUM.from, CHECKSUM.to).replaceAll('\0', ' ').trim(), 8);
  const sum = block.reduce((total, byte, at) => total + (at >= CHECKSUM.from && at < CHECKSUM.to ? SPACE : byte), 0);
  return written === sum;
}

function textAt(block: Buffer, from: number, to: number): string {
  const field = block.subarray(from, to);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}
