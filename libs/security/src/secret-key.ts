import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError, errorCodeOf, makeFolder } from '@app/domain';

/** AES-256. */
export const KEY_BYTES = 32;

const OTHERS = 0o077;

/**
 * The key that seals stored passwords: base64 in a file that its owner alone can read. Made on first start; two first
 * starts at once end with the same key, because a whole file is linked into place and a link never replaces another.
 */
export async function loadSecretKey(path: string, warn: (message: string) => void = () => undefined): Promise<Buffer> {
  await closeToOthers(path, warn);
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  await makeKey(path);
  const made = await readKey(path);
  if (made === undefined) throw keyFault(path, 'vanished right after it was made');
  return made;
}

/**
 * Takes the rights of other accounts to the file away, and says that they had them. Where that cannot be done (a secret that
 * a container was given, a read-only file system), one that others can only read is warned about, and one that they can write
 * is refused.
 */
async function closeToOthers(path: string, warn: (message: string) => void): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0, // what is wrong with it is told by whoever reads it
  );
  if ((mode & OTHERS) === 0) return;
  const shown = mode.toString(8).padStart(4, '0');
  const could = `The secret key file ${path} could be ${(mode & 0o022) === 0 ? 'read' : 'written'} by other accounts (mode ${shown})`;
  try {
    await chmod(path, mode & ~OTHERS);
    warn(`${could}; that was taken from them. If others may have read it, change the passwords of the databases.`);
  } catch (error) {
    if ((mode & 0o022) !== 0)
      throw keyFault(path, `can be written by other accounts (mode ${shown}), and that cannot be changed`, error);
    warn(
      `${could}, and that cannot be changed. Keep other accounts off this machine, or set SECRET_KEY_FILE to another file.`,
    );
  }
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
