import { DomainError, nearestOf } from '@app/domain';
import type { FieldFault } from '@app/domain';
import type { StorageSettings } from '../storage-kinds.js';

const MEBIBYTE = 1024 * 1024;

/** Where the credentials come from. `default`: environment, files of the AWS tools, container or instance role, in this order. */
export type S3Credentials =
  | {
      readonly from: 'settings';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string | undefined;
    }
  | { readonly from: 'secret file'; readonly accessKeyId: string; readonly secretFile: string }
  | { readonly from: 'credentials file'; readonly file: string | undefined; readonly profile: string | undefined }
  | { readonly from: 'default' };

/** The settings of an S3 storage after they were checked. */
export interface S3Settings {
  readonly bucket: string;
  /** The beginning of all keys, without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** Undefined: AWS. */
  readonly endpoint: string | undefined;
  readonly pathStyle: boolean;
  readonly credentials: S3Credentials;
  /** The path of the certificates of authorities that the endpoint may be signed by. */
  readonly caFile: string | undefined;
  readonly storageClass: string | undefined;
  readonly encryption: { readonly algorithm: Encryption; readonly keyId: string | undefined } | undefined;
  readonly objectLock: { readonly mode: LockMode; readonly days: number } | undefined;
  /** The least size of a part of an upload. */
  readonly partBytes: number;
  /** How many parts are sent at once. Each keeps a buffer, and one more is being filled. */
  readonly parallelParts: number;
  /** How long the server may be silent. */
  readonly silenceMs: number;
}

const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
type Encryption = (typeof ENCRYPTIONS)[number];
const LOCK_MODES = ['GOVERNANCE', 'COMPLIANCE'] as const;
type LockMode = (typeof LOCK_MODES)[number];
/** What is in them must be brought back before it can be read, which takes hours. */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

const SECRETS = ['secret_access_key', 'session_token'];
const FIELDS = [
  'bucket',
  'prefix',
  'region',
  'endpoint',
  'path_style',
  'access_key_id',
  'secret_access_key',
  'secret_access_key_file',
  'session_token',
  'credentials_file',
  'profile',
  'ca_file',
  'storage_class',
  'server_side_encryption',
  'kms_key_id',
  'object_lock_mode',
  'object_lock_days',
  'part_size_mib',
  'parallel_parts',
  'timeout_seconds',
] as const;
type Field = (typeof FIELDS)[number];

/** Implements `StorageFactory.withoutSecrets`. A field that is not known may be a secret under a wrong name. */
export function withoutS3Secrets(settings: StorageSettings): StorageSettings {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => FIELDS.includes(name as Field) && !SECRETS.includes(name))
      .map(([name, value]) => [name, name === 'endpoint' ? value?.replace(/\/\/.*@/s, '//') : value]),
  );
}

/** Throws INVALID_INPUT that names each field that is wrong, and never repeats a secret. */
export function readS3Settings(id: string, settings: StorageSettings): S3Settings {
  const reader = new SettingsReader(settings);
  const read: S3Settings = {
    bucket: reader.bucket(),
    prefix: reader.prefix(),
    ...reader.server(),
    credentials: reader.credentials(),
    caFile: reader.text('ca_file'),
    storageClass: reader.storageClass(),
    encryption: reader.encryption(),
    objectLock: reader.objectLock(),
    partBytes: reader.integer('part_size_mib', 5, 512, 8) * MEBIBYTE,
    parallelParts: reader.integer('parallel_parts', 1, 16, 3),
    silenceMs: reader.integer('timeout_seconds', 5, 600, 60) * 1000,
  };
  const { faults } = reader;
  if (faults.length === 0) return read;
  const list = faults.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new DomainError('INVALID_INPUT', `The settings of the S3 storage "${id}" are wrong: ${list}.`, {
    hint: 'Correct these fields.',
    fields: faults,
  });
}

/** Reads the fields, and gathers what is wrong with them. */
class SettingsReader {
  readonly faults: FieldFault[] = [];

  constructor(private readonly settings: StorageSettings) {
    for (const name of Object.keys(settings)) {
      if (FIELDS.includes(name as Field) || settings[name] === undefined) continue;
      const meant = nearestOf(name, [...FIELDS]);
      this.fault(name, `is no setting of an S3 storage${meant === undefined ? '' : `; did you mean ${meant}?`}`);
    }
  }

  /** Undefined for a field that is not there or empty. */
  text(field: Field): string | undefined {
    const value = this.settings[field]?.trim();
    return value === '' ? undefined : value;
  }

  bucket(): string {
    const bucket = this.text('bucket');
    if (bucket === undefined) this.fault('bucket', 'is missing: name the bucket');
    else if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(bucket)) {
      this.fault('bucket', 'is no name of a bucket: use 3 to 63 letters, digits, hyphens and dots');
    }
    return bucket ?? '';
  }

  prefix(): string {
    const prefix = (this.text('prefix') ?? '').replace(/^\/+|\/+$/g, '');
    if (prefix !== '' && prefix.split('/').some((part) => /^$|^\.\.?$|\p{Cc}/u.test(part))) {
      this.fault('prefix', 'must be names with one "/" between them, without "." and ".."');
    }
    return prefix;
  }

  server(): Pick<S3Settings, 'endpoint' | 'region' | 'pathStyle'> {
    const endpoint = this.text('endpoint');
    if (endpoint !== undefined) this.checkEndpoint(endpoint);
    const region = this.text('region');
    if (region === undefined && endpoint === undefined) {
      this.fault('region', 'is missing: name the region of the bucket, such as eu-central-1, or an endpoint');
    } else if (region !== undefined && !/^[A-Za-z0-9-]+$/.test(region)) {
      this.fault('region', 'is no name of a region: use letters, digits and hyphens');
    }
    return {
      endpoint,
      region: region ?? 'us-east-1',
      // Names of buckets before the name of the host need an entry in the DNS for each.
      pathStyle: this.yesOrNo('path_style', endpoint !== undefined),
    };
  }

  credentials(): S3Credentials {
    const accessKeyId = this.text('access_key_id');
    const secretAccessKey = this.text('secret_access_key');
    const secretFile = this.text('secret_access_key_file');
    const sessionToken = this.text('session_token');
    const file = this.text('credentials_file');
    const profile = this.text('profile');
    const hasSecret = secretAccessKey !== undefined || secretFile !== undefined;
    if (accessKeyId === undefined && hasSecret) this.fault('access_key_id', 'is missing, and there is a secret key');
    if (accessKeyId !== undefined && !hasSecret) {
      this.fault('secret_access_key', 'is missing: set it, or secret_access_key_file');
    }
    if (secretAccessKey !== undefined && secretFile !== undefined) {
      this.fault('secret_access_key_file', 'and secret_access_key exclude each other');
    }
    if (sessionToken !== undefined && secretAccessKey === undefined) {
      this.fault('session_token', 'belongs to a secret_access_key, which is missing');
    }
    if (accessKeyId !== undefined && (file ?? profile) !== undefined) {
      this.fault(file === undefined ? 'profile' : 'credentials_file', 'and access_key_id exclude each other');
    }
    if (accessKeyId !== undefined && secretAccessKey !== undefined) {
      return { from: 'settings', accessKeyId, secretAccessKey, sessionToken };
    }
    if (accessKeyId !== undefined && secretFile !== undefined) return { from: 'secret file', accessKeyId, secretFile };
    return (file ?? profile) === undefined ? { from: 'default' } : { from: 'credentials file', file, profile };
  }

  storageClass(): string | undefined {
    const value = this.text('storage_class')?.toUpperCase();
    if (value === undefined) return undefined;
    if (!/^[A-Z0-9_]+$/.test(value)) this.fault('storage_class', 'is no storage class, such as STANDARD_IA');
    if (ARCHIVES.includes(value)) {
      this.fault('storage_class', `${value} cannot be read at once: use another, such as GLACIER_IR or STANDARD_IA`);
    }
    return value;
  }

  encryption(): S3Settings['encryption'] {
    const algorithm = this.oneOf('server_side_encryption', ENCRYPTIONS);
    const keyId = this.text('kms_key_id');
    if (keyId !== undefined && algorithm?.startsWith('aws:kms') !== true) {
      this.fault('kms_key_id', 'needs server_side_encryption aws:kms');
    }
    return algorithm && { algorithm, keyId };
  }

  objectLock(): S3Settings['objectLock'] {
    const mode = this.oneOf('object_lock_mode', LOCK_MODES);
    const hasDays = this.text('object_lock_days') !== undefined;
    if (mode === undefined) {
      if (hasDays && this.text('object_lock_mode') === undefined)
        this.fault('object_lock_mode', `is missing: set ${LOCK_MODES.join(' or ')}`);
      return undefined;
    }
    if (!hasDays) this.fault('object_lock_days', 'is missing: how many days must nobody be able to delete a backup?');
    return { mode, days: this.integer('object_lock_days', 1, 36_500, 1) };
  }

  integer(field: Field, least: number, most: number, fallback: number): number {
    const text = this.text(field);
    if (text === undefined) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    this.fault(field, `must be a whole number from ${least} to ${most}`);
    return fallback;
  }

  private yesOrNo(field: Field, fallback: boolean): boolean {
    const text = this.text(field)?.toLowerCase();
    if (text === undefined) return fallback;
    if (text !== 'true' && text !== 'false') this.fault(field, 'must be true or false');
    return text === 'true';
  }

  private oneOf<T extends string>(field: Field, values: readonly T[]): T | undefined {
    const text = this.text(field)?.toLowerCase();
    const value = values.find((each) => each.toLowerCase() === text);
    if (text !== undefined && value === undefined) this.fault(field, `must be ${values.join(' or ')}`);
    return value;
  }

  private checkEndpoint(endpoint: string): void {
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
      this.fault('endpoint', 'must be a URL such as https://s3.example.com');
      return;
    }
    const { username, password, search, hash } = new URL(endpoint);
    if (username !== '' || password !== '') this.fault('endpoint', 'must hold no credentials: use access_key_id');
    if (search !== '' || hash !== '') this.fault('endpoint', 'must end before "?" and "#"');
  }

  private fault(field: string, message: string): void {
    this.faults.push({ field, message });
  }
}
