import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DomainError, errorCodeOf } from '@app/domain';
import { KEY_BYTES } from './secret-key.js';

/** The signature of a text: the id of its key, and the MAC, both in hexadecimal. */
export interface Signature {
  key_id: string;
  mac: string;
}

export type SignatureCheck = 'valid' | 'altered' | 'unknown key';

interface SigningKey {
  id: string;
  key: Buffer;
}

/**
 * Authenticates texts with HMAC-SHA-256. The keys are derived by HKDF from the secret keys of the installation, so that no key
 * both signs and seals. The first one signs; the others are former keys of the installation and only check.
 */
export class SigningKeys {
  private readonly current: SigningKey;
  private readonly all: readonly SigningKey[];

  /** `purpose` says what is signed: a signature for one purpose is invalid for another. Each key has 32 bytes. */
  constructor(secretKey: Buffer, purpose: string, previousKeys: readonly Buffer[] = []) {
    this.current = derived(secretKey, purpose);
    this.all = [this.current, ...previousKeys.map((key) => derived(key, purpose))];
  }

  sign(text: string): Signature {
    return { key_id: this.current.id, mac: macOf(this.current, text).toString('hex') };
  }

  check(text: string, { key_id: id, mac }: Signature): SignatureCheck {
    const key = this.all.find((known) => known.id === id);
    if (key === undefined) return 'unknown key';
    const expected = macOf(key, text);
    const given = Buffer.from(mac, 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected) ? 'valid' : 'altered';
  }
}

/** Reads the former keys of an installation from `<key file>.previous`: base64, one on each line. There are none without such a file. */
export async function loadPreviousKeys(secretKeyFile: string): Promise<Buffer[]> {
  const path = `${secretKeyFile}.previous`;
  let text: string;
  try {
    const { mode, uid } = await stat(path);
    if (process.platform !== 'win32' && uid !== 0 && uid !== process.geteuid?.())
      throw keyFault(path, `belongs to another account (uid ${uid}): give it to that of the service`);
    if ((mode & 0o077) !== 0) throw keyFault(path, 'can be read by other accounts: give it mode 0600');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error instanceof DomainError
      ? error
      : keyFault(path, `cannot be read (${errorCodeOf(error) ?? 'unknown fault'})`);
  }
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const key = Buffer.from(line, 'base64');
      if (key.length === KEY_BYTES && /^[A-Za-z0-9+/]+=*$/.test(line)) return key;
      throw keyFault(path, `holds a line that is no key (${KEY_BYTES} bytes in base64)`);
    });
}

function keyFault(path: string, fault: string): DomainError {
  return new DomainError('INTERNAL', `The file of previous secret keys ${path} ${fault}.`, {
    hint: 'It holds keys that this installation had before, one a line. Without the file, backups signed with them are foreign.',
  });
}

function derived(secretKey: Buffer, purpose: string): SigningKey {
  const key = Buffer.from(hkdfSync('sha256', secretKey, Buffer.alloc(0), `signature:v1:${purpose}`, KEY_BYTES));
  // The id is a hash of the derived key, which it does not reveal.
  const id = createHash('sha256').update('key id:').update(key).digest('hex').slice(0, 16);
  return { id, key };
}

function macOf({ key }: SigningKey, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}
