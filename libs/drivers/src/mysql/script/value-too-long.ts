import { DomainError, formatBytes } from '@app/domain';

const MIB = 1024 * 1024;
/** No server takes more. */
const MOST = 1024 * MIB;

/** A value that its server takes in no way: no string there is longer than `max_allowed_packet`. */
export class ValueTooLong extends DomainError {
  /** `code`: `RESTORE_FAILED` once it is loaded, `UNSUPPORTED` before. */
  constructor(code: 'RESTORE_FAILED' | 'UNSUPPORTED', where: string, bytes: number, limit: number) {
    super(
      code,
      `${where} a value of ${formatBytes(bytes)}, and the server takes none above ${formatBytes(limit)} (max_allowed_packet = ${limit}).`,
      {
        hint: `As an administrator of the server run SET GLOBAL max_allowed_packet = ${packetFor(bytes)}; and set it in its configuration, too.`,
      },
    );
  }
}

/** The least multiple of 16 MiB that takes such a value. */
export function packetFor(bytes: number): number {
  return Math.min(MOST, Math.ceil(bytes / (16 * MIB)) * 16 * MIB);
}
