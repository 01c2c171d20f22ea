import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError, errorCodeOf, makeFolder } from '@app/domain';
import { closeToOthers } from './own-files.js';

/** The length of a key for AES-256. */
export const KEY_BYTES = 32;

/**
 * Returns the key that seals stored passwords, in base64 in a file that only its owner can read. It is created on first start. Two
 * first starts at once get the same key, because a whole file is linked into place and a link never replaces another.
 */
export async function loadSecretKey(path: string, warn: (message: string) => void = () => undefined): Promise<Buffer> {
  const existing = await readKey(path);
  if (existing !== undefined) {
    // This comes after the reading, so that a path which names another file by mistake, such as /etc/passwd, does not change that file.
    const ifRead = 'If others may have read it, change the passwords of the databases.';
    await closeToOthers({ path, called: 'The secret key file', ifRead, warn });
    return existing;
  }
  await makeKey(path);
  const made = await readKey(path);
  if (made === undefined) throw keyFault(path, 'vanished right after it was made');
  return made;
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw keyFault(path, `cannot be read (${errorCodeOf(error) ?? 'unknown fault'})`, error);
  }
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/]+=*$/.test(trimmed)) {
    throw keyFault(path, `does not hold a key (${KEY_BYTES} bytes in base64)`);
  }
  return key;
}

async function makeKey(path: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    await makeFolder(dirname(path));
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, path).catch((error: unknown) => {
      if (errorCodeOf(error) !== 'EEXIST') throw error; // another start was first: its key is the one
    });
  } catch (error) {
    throw keyFault(path, `cannot be made (${errorCodeOf(error) ?? 'unknown fault'})`, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function keyFault(path: string, fault: string, cause?: unknown): DomainError {
  return new DomainError('INTERNAL', `The secret key file ${path} ${fault}.`, {
    hint:
      'Restore it from your copy, let the service read and write there, or set SECRET_KEY_FILE to another file. ' +
      'With a new key the stored database password must be given once more.',
    cause,
  });
}
