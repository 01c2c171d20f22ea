import { chmod, chown, copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mariadbAccount, postgresAccount } from '@app/sandbox';
import type { EngineName } from '../kill/target.js';

/** A certificate for `localhost`, which only tests trust. */
const CERTIFICATES = resolve('test/fixtures/mariadb-tls');
const FILES = { certificate: 'server.pem', key: 'server-key.pem' };

/** Settings with which a server offers TLS. It runs under another account, which owns these copies of the files. */
export async function tlsSettings(engine: EngineName, parent: string): Promise<Record<string, string>> {
  const folder = join(parent, engine);
  await mkdir(folder, { mode: 0o711 });
  const { uid, gid } = await (engine === 'postgres' ? postgresAccount() : mariadbAccount());
  for (const name of Object.values(FILES)) {
    const copy = join(folder, name);
    await copyFile(join(CERTIFICATES, name), copy);
    await chmod(copy, 0o600);
    if (uid !== undefined && gid !== undefined) await chown(copy, uid, gid);
  }
  const [certificate, key] = [join(folder, FILES.certificate), join(folder, FILES.key)];
  return engine === 'postgres'
    ? { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }
    : { 'ssl-cert': certificate, 'ssl-key': key };
}
