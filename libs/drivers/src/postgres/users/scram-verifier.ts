import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { DomainError } from '@app/domain';
import { saslPrep } from './saslprep.js';

const derive = promisify(pbkdf2);
/** PostgreSQL's own defaults. */
const ITERATIONS = 4_096;
const SALT_BYTES = 16;

/**
 * What PostgreSQL keeps of a password (RFC 5802, RFC 7677): `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`. Sent instead of the password, so that it
 * appears in no log of the server. INVALID_INPUT for a password that the server could not check.
 */
export async function scramVerifier(password: string, salt = randomBytes(SALT_BYTES)): Promise<string> {
  if (password === '') throw unusable('The password is empty.');
  if (password.includes('\0')) throw unusable('The password holds a NUL character.');
  const salted = await derive(saslPrep(password), salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest();
  const base64 = (bytes: Buffer): string => bytes.toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${base64(salt)}$${base64(storedKey)}:${base64(hmac('Server Key'))}`;
}

function unusable(message: string): DomainError {
  return new DomainError('INVALID_INPUT', message, { fields: [{ field: 'password', message }] });
}
