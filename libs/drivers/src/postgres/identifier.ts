import { DomainError } from '@app/domain';

/** NAMEDATALEN − 1: the server cuts a longer name silently, so that it would mean another object. */
const MAX_NAME_BYTES = 63;

/**
 * Refuses, as INVALID_INPUT, what cannot be a name; `what` is "user name" or "database name", and `field` the request's
 * word for it. Everything else is just a name.
 */
export function requireName(name: string, what: string, field?: string): void {
  const refuse = (why: string): never => {
    const message = `The ${what} ${why}.`;
    throw new DomainError('INVALID_INPUT', message, field === undefined ? {} : { fields: [{ field, message }] });
  };
  if (name === '') refuse('is empty');
  if (name.includes('\0')) refuse('holds a NUL character');
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) refuse(`is ${bytes} bytes long in UTF-8; PostgreSQL allows ${MAX_NAME_BYTES}`);
}
