import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from '@app/process';

export interface IssuedCertificate {
  /** PEM texts. */
  certificate: string;
  key: string;
}

const KEY_OPTIONS = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

async function openssl(...args: string[]): Promise<void> {
  await runProcess({ command: 'openssl', args, timeoutMs: 30_000 });
}

/** A certificate authority of a test's own, valid for two days, with its files in `folder`. Needs `openssl`. */
export class Authority {
  private constructor(
    private readonly path: string,
    readonly certificate: string,
  ) {}

  static async create(folder: string): Promise<Authority> {
    const path = join(folder, randomUUID());
    const files = ['-keyout', `${path}.key`, '-out', `${path}.pem`];
    await openssl('req', '-x509', '-days', '2', '-subj', '/CN=Test authority', ...KEY_OPTIONS, ...files);
    return new Authority(path, await readFile(`${path}.pem`, 'utf8'));
  }

  /** Made out to `name`: as the user of a client, and as the host name of a server. */
  async issue(name: string): Promise<IssuedCertificate> {
    const path = this.path + randomUUID();
    const request = ['-keyout', `${path}.key`, '-out', `${path}.csr`];
    await openssl('req', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, ...KEY_OPTIONS, ...request);
    const authority = ['-CA', `${this.path}.pem`, '-CAkey', `${this.path}.key`, '-CAcreateserial'];
    const result = ['-days', '2', '-copy_extensions', 'copy', '-in', `${path}.csr`, '-out', `${path}.pem`];
    await openssl('x509', '-req', ...authority, ...result);
    return { certificate: await readFile(`${path}.pem`, 'utf8'), key: await readFile(`${path}.key`, 'utf8') };
  }
}

/** The same key behind a passphrase: as PKCS #8, or in the older format of each kind of key. */
export async function encryptedKey(folder: string, key: string, format: 'pkcs8' | 'traditional'): Promise<string> {
  const path = join(folder, randomUUID());
  await writeFile(`${path}.open`, key, { mode: 0o600 });
  const files = ['-in', `${path}.open`, '-out', path];
  const shape = format === 'traditional' ? ['-traditional'] : [];
  await openssl('pkey', '-aes256', '-passout', 'pass:secret', ...shape, ...files);
  return readFile(path, 'utf8');
}
