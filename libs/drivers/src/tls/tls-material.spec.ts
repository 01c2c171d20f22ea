import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsMaterial } from '@app/domain';
import { runProcess } from '@app/process';
import { Authority, encryptedKey } from '../testing/authority.js';
import type { IssuedCertificate } from '../testing/authority.js';
import { tlsMaterialFault } from './tls-material.js';

const folder = join(tmpdir(), `backup-tls-material-${randomUUID()}`);
let ca: string;
let mine: IssuedCertificate;
let other: IssuedCertificate;

beforeAll(async () => {
  await mkdir(folder, { mode: 0o700 });
  const authority = await Authority.create(folder);
  ca = authority.certificate;
  [mine, other] = await Promise.all([authority.issue('mine'), authority.issue('other')]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is between the first and the last line. */
const inside = (pem: string): string => pem.split('\n').slice(1, -2).join('');

describe('TLS material', () => {
  it('is taken whole or in part, with text around it, and as a chain', () => {
    const good: TlsMaterial[] = [
      {},
      { ca },
      mine,
      { ca, ...mine },
      { ca: `# ours\r\n${ca.replaceAll('\n', '\r\n')}\r\nnew:\n${other.certificate}` },
      { certificate: mine.certificate + ca, key: mine.key },
      {
        certificate: mine.certificate,
        key: `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${mine.key}`,
      },
    ];
    for (const tls of good) expect(tlsMaterialFault(tls)).toBeUndefined();
  });

  it.each<[string, () => TlsMaterial, keyof TlsMaterial, RegExp]>([
    ['something else as CA', () => ({ ca: 'ca.pem' }), 'ca', /not a certificate in PEM/],
    ['nothing as CA', () => ({ ca: '' }), 'ca', /not a certificate in PEM/],
    ['a damaged CA', () => ({ ca: ca.replace(/\n..../, '\nAAAA') }), 'ca', /^The certificate is damaged/],
    ['a CA cut off', () => ({ ca: ca.slice(0, -20) }), 'ca', /not a certificate in PEM/],
    ['a damaged second CA', () => ({ ca: ca + ca.replace(/\n..../, '\nAAAA') }), 'ca', /^Certificate 2 in it/],
    ['a key as CA', () => ({ ca: ca + mine.key }), 'ca', /holds a private key/],
    [
      'a key in addition to the certificate',
      () => ({ certificate: mine.certificate + mine.key, key: mine.key }),
      'certificate',
      /holds a private key/,
    ],
    ['a certificate as key', () => ({ ...mine, key: ca }), 'key', /not a private key/],
    ['a damaged key', () => ({ ...mine, key: mine.key.replace(/\n..../, '\nAAAA') }), 'key', /^The key is damaged/],
    ['a certificate without its key', () => ({ certificate: mine.certificate }), 'key', /without its key/],
    ['a key without its certificate', () => ({ key: mine.key }), 'certificate', /without its client certificate/],
    ['the key of another certificate', () => ({ ...mine, key: other.key }), 'key', /does not belong/],
    ['a chain in the wrong order', () => ({ ...mine, certificate: ca + mine.certificate }), 'key', /does not belong/],
  ])('is refused with its reason, and without the key in it: %s', (_title, tls, field, message) => {
    const fault = tlsMaterialFault(tls());
    expect(fault).toEqual({ field, message: expect.stringMatching(message) });
    for (const key of [mine.key, other.key]) expect(fault?.message).not.toContain(inside(key).slice(0, 16));
  });

  it('is refused when OpenSSL has rules against it', async () => {
    const path = join(folder, 'weak');
    const options = ['-x509', '-nodes', '-subj', '/CN=weak', '-newkey', 'rsa:512'];
    const files = ['-keyout', `${path}.key`, '-out', `${path}.pem`];
    await runProcess({ command: 'openssl', args: ['req', ...options, ...files], timeoutMs: 30_000 });
    const weak = { certificate: await readFile(`${path}.pem`, 'utf8'), key: await readFile(`${path}.key`, 'utf8') };
    expect(tlsMaterialFault(weak)).toEqual({
      field: 'certificate',
      message: 'OpenSSL does not take it: ee key too small.',
    });
  });

  it.each(['pkcs8', 'traditional'] as const)('is refused when its key has a passphrase (%s)', async (format) => {
    const key = await encryptedKey(folder, mine.key, format);
    expect(tlsMaterialFault({ ...mine, key })).toEqual({
      field: 'key',
      message: expect.stringMatching(/passphrase.*openssl pkey/),
    });
  });
});
