import { DomainError } from '@app/domain';
import type { NameLimits } from '../given-names.js';

/** NAMEDATALEN − 1, as all known packages are built. */
const MAX_NAME_BYTES = 63;

export const POSTGRES_NAMES: NameLimits = {
  product: 'PostgreSQL',
  lengthOf: (name) => Buffer.byteLength(name),
  unit: 'bytes long in UTF-8',
  most: { database: MAX_NAME_BYTES, user: MAX_NAME_BYTES, table: MAX_NAME_BYTES },
};

/**
 * Refuses, as INVALID_INPUT, what cannot be a name; `what` is "user name" or "database name", and `field` the request's
 * word for it. Everything else is just a name. `most`: bytes, where the server has said how many it takes.
 */
export function requireName(name: string, what: string, field?: string, most = MAX_NAME_BYTES): void {
  const refuse = (why: string): never => {
    const message = `The ${what} ${why}.`;
    throw new DomainError('INVALID_INPUT', message, field === undefined ? {} : { fields: [{ field, message }] });
  };
  if (name === '') refuse('is empty');
  if (name.includes('\0')) refuse('holds a NUL character');
  const bytes = Buffer.byteLength(name);
  const limit = Math.min(most, MAX_NAME_BYTES);
  if (bytes > limit) refuse(`is ${bytes} bytes long in UTF-8; PostgreSQL allows ${limit}`);
}
