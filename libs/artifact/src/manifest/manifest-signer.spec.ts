import { SigningKeys } from '@app/security';
import { canonicalJson } from './canonical-json.js';
import { MANIFEST_PURPOSE, ManifestSigner } from './manifest-signer.js';
import { storeBackup } from '../testing/stored-backup.js';
import { testSigner } from '../testing/test-signer.js';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '@app/domain';

const keysOf = (byte: number): Buffer => Buffer.alloc(32, byte);
const signerOf = (byte: number, ...previous: number[]): ManifestSigner =>
  new ManifestSigner(new SigningKeys(keysOf(byte), MANIFEST_PURPOSE, previous.map(keysOf)));

describe('canonicalJson', () => {
  it('is the same for equal values, whatever the order of their keys', () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: 'é\n' }], a: null })).toBe('{"a":null,"b":[1,{"c":"é\\n"}]}');
    expect(canonicalJson({ a: null, b: [1, { c: 'é\n' }] })).toBe(canonicalJson({ b: [1, { c: 'é\n' }], a: null }));
  });
});

describe('54: the signature of a manifest', () => {
  let manifest: Manifest;
  beforeAll(async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'signer-'));
    ({ manifest } = await storeBackup(folder.path, '2026-01-01T00:00:00Z', {
      rows: { a: 1 },
      codecs: [],
    }));
  });
  const read = (text: string, signer = testSigner) => {
    const reading = signer.read(text, manifest.artifact);
    return reading.is === 'foreign' ? reading.because : reading.is;
  };

  it('is valid for any layout of the file', () => {
    const text = testSigner.textOf(manifest);
    const { signature, ...rest } = JSON.parse(text) as Manifest;
    expect([read(text), read(JSON.stringify({ signature, ...rest }))]).toEqual(['own', 'own']);
    expect(testSigner.textOf(testSigner.signed(manifest))).toBe(text);
  });

  it('is invalid after a change of any field, also of a nested one or of one that this version does not know', () => {
    const signed = testSigner.signed(manifest);
    const changed: object[] = Object.keys(manifest)
      .filter((key) => key !== 'manifest_version' && key !== 'artifact')
      .map((key) => {
        const value = signed[key as keyof Manifest];
        if (typeof value === 'number') return { [key]: value + 1 };
        if (key === 'sha256') return { sha256: 'a'.repeat(64) };
        if (key === 'kind' || key === 'format' || key === 'compression' || key === 'db_type') {
          return { kind: 'safety', format: 'custom', compression: 'zstd', db_type: 'MySQL' };
        }
        if (typeof value === 'string') return { [key]: key.endsWith('_at') ? '2027-01-01T00:00:00Z' : `${value}x` };
        return Array.isArray(value)
          ? { [key]: ['x'] }
          : { [key]: { ...(value as object), level: 'restored', version: 'x', y: 1 } };
      });
    for (const change of [...changed, { later: 1 }]) {
      expect([change, read(JSON.stringify({ ...signed, ...change }))]).not.toEqual([change, 'own']);
    }
    expect(read(JSON.stringify({ ...signed, rows: { a: 2 } }))).toBe('altered');
    expect(read(JSON.stringify({ ...signed, signature: { ...signed.signature, mac: '' } }))).toBe('altered');
  });

  it('is not looked at in a manifest of a form that this version does not know', () => {
    const forms: object[] = [{ manifest_version: 2, codecs: ['zstd', 'later'] }, { codecs: undefined }];
    for (const form of forms) expect(read(testSigner.textOf({ ...manifest, ...form }))).toBe('own');
    const unknown: object[] = [{ manifest_version: 2, codecs: undefined }, { manifest_version: 3 }, { codecs: [1] }];
    for (const form of unknown) expect(read(testSigner.textOf({ ...manifest, ...form }))).toBe('unreadable');
  });

  it('is missing in an unsigned manifest, and differs from that of another installation or another purpose', () => {
    expect(read(JSON.stringify({ ...manifest, signature: undefined }))).toBe('unsigned');
    expect(read(signerOf(1).textOf(manifest))).toBe('other_installation');
    expect(read(new ManifestSigner(new SigningKeys(keysOf(7), 'something else')).textOf(manifest))).toBe(
      'other_installation',
    );
    expect(read(JSON.stringify({ ...manifest, signature: 'x' }))).toBe('unreadable');
    expect(testSigner.read(testSigner.textOf(manifest), 'other.sql')).toEqual({ is: 'unreadable' });
  });

  it('is invalid in a manifest that is nested too deeply', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const signed = JSON.stringify(testSigner.signed(manifest)).replace('{', `{"later":${deep},`);
    expect(read(signed)).toBe('unreadable');
  });

  it('is checked with previous keys, and written with the present one', () => {
    const rotated = signerOf(1, 2, 7);
    expect(read(testSigner.textOf(manifest), rotated)).toBe('own');
    expect(read(rotated.textOf(manifest))).toBe('other_installation');
  });
});
