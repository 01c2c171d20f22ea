import { DomainError } from '@app/domain';
import type { StorageSettings } from '../storage-kinds.js';
import { readS3Settings } from './s3-settings.js';
import { s3StorageFactory } from './s3-storages.js';

const MEBIBYTE = 1024 * 1024;
const SECRET = 'wJalrXUtnFEMI/K7MDENG';
const AWS = { bucket: 'shop-backups', region: 'eu-central-1' };

/** What is wrong with the settings, by field. */
function faultsOf(settings: StorageSettings): Record<string, string> {
  try {
    readS3Settings('far', settings);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'INVALID_INPUT') throw error;
    for (const { field } of error.fields ?? []) expect(error.message).toContain(field);
    expect(JSON.stringify([error.message, error.hint, error.fields])).not.toContain(SECRET);
    return Object.fromEntries((error.fields ?? []).map(({ field, message }) => [field, message]));
  }
  return {};
}

describe('the settings of an S3 storage', () => {
  it('need a bucket and a region for AWS, and take the rest from the environment', () => {
    expect(readS3Settings('far', AWS)).toEqual({
      ...{ bucket: 'shop-backups', prefix: '', region: 'eu-central-1', endpoint: undefined, pathStyle: false },
      ...{ credentials: { from: 'default' }, caFile: undefined, storageClass: undefined, encryption: undefined },
      ...{ objectLock: undefined, partBytes: 8 * MEBIBYTE, parallelParts: 3, silenceMs: 60_000 },
    });
  });

  it('put the bucket into the path for other servers, unless they say otherwise', () => {
    const server = { bucket: 'shop', endpoint: 'https://minio.example.com:9000' };
    expect(readS3Settings('far', server)).toMatchObject({ pathStyle: true, region: 'us-east-1' });
    expect(readS3Settings('far', { ...server, path_style: 'false' }).pathStyle).toBe(false);
  });

  it('take all that there is', () => {
    const all = {
      ...{ ...AWS, prefix: '/a/b/', access_key_id: 'AKIA', secret_access_key: SECRET, session_token: 'token' },
      ...{ storage_class: 'standard_ia', server_side_encryption: 'AWS:KMS', kms_key_id: 'key', ca_file: '/etc/ca.pem' },
      ...{ object_lock_mode: 'governance', object_lock_days: '30' },
      ...{ part_size_mib: '64', parallel_parts: '8', timeout_seconds: '10' },
    };
    expect(readS3Settings('far', all)).toMatchObject({
      ...{ prefix: 'a/b', storageClass: 'STANDARD_IA', encryption: { algorithm: 'aws:kms', keyId: 'key' } },
      credentials: { from: 'settings', accessKeyId: 'AKIA', secretAccessKey: SECRET, sessionToken: 'token' },
      objectLock: { mode: 'GOVERNANCE', days: 30 },
      ...{ partBytes: 64 * MEBIBYTE, parallelParts: 8, silenceMs: 10_000, caFile: '/etc/ca.pem' },
    });
    const file = { ...AWS, credentials_file: '/run/secrets/aws', profile: 'backup' };
    expect(readS3Settings('far', file).credentials).toEqual({
      ...{ from: 'credentials file', file: '/run/secrets/aws', profile: 'backup' },
    });
    const secret = { ...AWS, access_key_id: 'AKIA', secret_access_key_file: '/run/secrets/key' };
    expect(readS3Settings('far', secret).credentials).toMatchObject({ from: 'secret file' });
  });

  it.each<[string, StorageSettings, string]>([
    ['bucket', { bucket: undefined }, 'is missing'],
    ['bucket', { bucket: 'a/b' }, 'no name of a bucket'],
    ['prefix', { prefix: 'a//b' }, 'names with one "/"'],
    ['prefix', { prefix: '../b' }, 'without "." and ".."'],
    ['region', { region: undefined }, 'is missing'],
    ['region', { region: 'eu central' }, 'no name of a region'],
    ['endpoint', { endpoint: 'minio:9000' }, 'must be a URL'],
    ['endpoint', { endpoint: 'https://a:hidden@minio' }, 'must hold no credentials'],
    ['endpoint', { endpoint: 'https://minio/?a=b' }, 'must end before'],
    ['path_style', { path_style: 'yes' }, 'must be true or false'],
    ['access_key_id', { secret_access_key: SECRET }, 'is missing'],
    ['secret_access_key', { access_key_id: 'AKIA' }, 'is missing'],
    [
      'secret_access_key_file',
      { access_key_id: 'A', secret_access_key: SECRET, secret_access_key_file: '/x' },
      'exclude',
    ],
    ['session_token', { session_token: SECRET }, 'belongs to a secret_access_key'],
    ['profile', { access_key_id: 'AKIA', secret_access_key: SECRET, profile: 'x' }, 'exclude each other'],
    ['storage_class', { storage_class: 'DEEP_ARCHIVE' }, 'cannot be read at once'],
    ['storage_class', { storage_class: 'cold & slow' }, 'no storage class'],
    ['server_side_encryption', { server_side_encryption: 'rot13' }, 'must be AES256 or aws:kms'],
    ['kms_key_id', { kms_key_id: 'key' }, 'needs server_side_encryption'],
    ['object_lock_mode', { object_lock_days: '3' }, 'is missing'],
    ['object_lock_mode', { object_lock_mode: 'SOFT', object_lock_days: '3' }, 'must be GOVERNANCE or COMPLIANCE'],
    ['object_lock_days', { object_lock_mode: 'COMPLIANCE' }, 'is missing'],
    ['object_lock_days', { object_lock_mode: 'COMPLIANCE', object_lock_days: '0' }, 'from 1 to 36500'],
    ['part_size_mib', { part_size_mib: '4' }, 'from 5 to 512'],
    ['parallel_parts', { parallel_parts: '2.5' }, 'from 1 to 16'],
    ['timeout_seconds', { timeout_seconds: 'long' }, 'from 5 to 600'],
    ['secret_acces_key', { secret_acces_key: SECRET }, 'did you mean secret_access_key?'],
  ])('name the field %s in %j', (field, settings, message) => {
    expect(faultsOf({ ...AWS, ...settings })[field]).toContain(message);
  });

  it('are shown without secrets, also without those under a name that is not known', () => {
    const shown = s3StorageFactory().withoutSecrets({
      ...{ ...AWS, access_key_id: 'AKIA', secret_access_key: SECRET, session_token: SECRET, secret_acces_key: SECRET },
      endpoint: `https://a:${SECRET}@minio`,
    });
    expect(shown).toEqual({ ...AWS, access_key_id: 'AKIA', endpoint: 'https://minio' });
  });

  it('make a storage without touching anything', () => {
    expect(s3StorageFactory().create({ id: 'far', name: 'offsite', settings: { ...AWS, prefix: 'a' } })).toMatchObject({
      id: 'far',
      name: 'offsite',
    });
    expect(() => s3StorageFactory().create({ id: 'far', name: 'offsite', settings: {} })).toThrow(
      'The settings of the S3 storage "offsite" are wrong: bucket',
    );
  });
});
