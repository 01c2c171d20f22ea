import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, filenameOf, folderOfKey, keyIn, messageOf } from '@app/domain';
import type {
  ArtifactStorage,
  ArtifactWriter,
  CreateOptions,
  OpenArtifact,
  StorageHealth,
  StorageSpace,
  StorageWriter,
  StoredFile,
  SweepResult,
} from '../artifact-storage.js';
import type { BackupLocation } from '../backup-locations.js';
import { MANIFEST_SUFFIX } from '../file-suffixes.js';
import { openS3Artifact } from './open-s3-artifact.js';
import { S3ArtifactWriter } from './s3-artifact-writer.js';
import { S3Bucket } from './s3-bucket.js';
import type { ListedObject } from './s3-bucket.js';
import { S3Error } from './s3-error.js';
import { S3Keys, claimNameOf, globalsKey, isArtifactName, manifestKey } from './s3-keys.js';
import { S3Lease, stateOfName } from './s3-lease.js';
import type { NameState } from './s3-lease.js';
import type { S3Settings } from './s3-settings.js';
import { S3Sweep } from './s3-sweep.js';
import { S3_TUNING } from './s3-tuning.js';
import type { S3Tuning } from './s3-tuning.js';
import { S3Upload } from './s3-upload.js';

const MAX_NAME_CLASHES = 1000;
/** A page of the dashboard waits for it. */
const HEALTH_LIMITS = { attempts: 1, limitMs: 10_000 };
/** Their objects must be brought back before they can be read. */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

export interface S3StorageParts {
  id: string;
  name: string;
  settings: S3Settings;
  writer: StorageWriter;
  writing: S3Writing;
  tuning?: Partial<S3Tuning>;
}

/** What is being written in this process, for all storages, as two of them may have a bucket in common. */
export interface S3Writing {
  /** The tokens of the leases. */
  readonly tokens: Set<string>;
  /** The names of the artifacts, with their buckets. */
  readonly names: Set<string>;
}

/** Stores artifacts in a bucket of S3, or of any server that speaks its language (ADR 54). */
export class S3Storage implements ArtifactStorage {
  readonly id: string;
  readonly name: string;
  readonly isRemote = true;
  private readonly keys: S3Keys;
  private readonly bucket: S3Bucket;
  private readonly writer: StorageWriter;
  private readonly writing: S3Writing;
  private readonly sweeping: S3Sweep;

  constructor({ id, name, settings, writer, writing, tuning }: S3StorageParts) {
    this.id = id;
    this.name = name;
    this.keys = new S3Keys(settings.prefix);
    const { silenceMs = settings.silenceMs } = tuning ?? {};
    this.bucket = new S3Bucket({ ...settings, silenceMs }, { ...S3_TUNING, ...tuning });
    this.writer = writer;
    this.writing = writing;
    this.sweeping = new S3Sweep(this.bucket, writer, writing.tokens);
  }

  prepare(): Promise<void> {
    return this.requirePresent();
  }

  async requirePresent(): Promise<void> {
    try {
      await this.bucket.probe();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError('STORAGE_MISSING', error.message, {
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }

  location(folder: string): Promise<BackupLocation | undefined> {
    const display = (filename: string): string => `${this.name}:${keyIn(folder, filename)}`;
    return Promise.resolve({ storageId: this.id, folder, display });
  }

  async health(): Promise<StorageHealth> {
    try {
      await this.bucket.probe(HEALTH_LIMITS);
      return 'fine';
    } catch (error) {
      return error instanceof S3Error && error.status === 403 ? 'unwritable' : 'missing';
    }
  }

  async blocker(): Promise<string | undefined> {
    return this.bucket.probe(HEALTH_LIMITS).then(
      () => undefined,
      (error: unknown) => `does not answer as it should: ${messageOf(error).replace(/\.$/, '')}`,
    );
  }

  /** Nobody knows. */
  space(): Promise<StorageSpace | undefined> {
    return Promise.resolve(undefined);
  }

  async create(
    folder: string,
    stem: string,
    extension: string,
    { expectedBytes = 0 }: CreateOptions = {},
  ): Promise<ArtifactWriter> {
    let contentions = 0;
    for (let clash = 1; clash <= MAX_NAME_CLASHES; clash += 1) {
      const filename = `${clash === 1 ? stem : `${stem}_${clash}`}${extension}`;
      const writer = await this.tryCreate(keyIn(folder, filename), expectedBytes);
      if (typeof writer === 'object') return writer;
      if (writer === 'taken') continue;
      // Those who wanted the same name want the next one now, until chance parts them.
      contentions += 1;
      await sleep(this.bucket.tuning.pauseMs(contentions));
    }
    throw new DomainError('STORAGE_FAILED', `Too many backups are named ${stem}${extension}.`, {
      hint: 'Choose another backup_name.',
    });
  }

  async list(folder: string): Promise<StoredFile[]> {
    const begin = this.keys.ofFolder(folder);
    const objects = new Map<string, ListedObject>();
    const claimed = new Set<string>();
    for await (const object of this.bucket.list('list the backups', begin, '/')) {
      objects.set(object.key, object);
      const claim = claimNameOf(object.key);
      if (claim !== undefined) claimed.add(claim.artifactKey);
    }
    return [...objects.values()].flatMap((artifact) => {
      const manifest = objects.get(manifestKey(artifact.key));
      // It is being written, or was interrupted.
      if (manifest === undefined && claimed.has(artifact.key)) return [];
      return this.described(artifact, manifest) ?? [];
    });
  }

  async stat(key: string): Promise<StoredFile | undefined> {
    const { artifact, manifest, claims } = await stateOfName(this.bucket, this.keys.inBucket(key));
    if (artifact === undefined || (manifest === undefined && claims.length > 0)) return undefined;
    return this.described(artifact, manifest);
  }

  async isReadable(key: string): Promise<boolean> {
    try {
      const head = await this.bucket.head('look at the backup', this.keys.inBucket(key));
      if (head === undefined) return false;
      return !ARCHIVES.includes(head.storageClass ?? '') || head.restore?.includes('ongoing-request="false"') === true;
    } catch {
      return false;
    }
  }

  /** A bucket does not tell. */
  folderState(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  async foldersWithBackups(): Promise<string[]> {
    const folders = new Set<string>();
    for await (const { key } of this.bucket.list('look for manifests', this.keys.ofFolder(''))) {
      const own = key.endsWith(MANIFEST_SUFFIX) ? this.keys.inStorage(key) : undefined;
      if (own !== undefined) folders.add(folderOfKey(own));
    }
    return [...folders].toSorted();
  }

  async open(key: string): Promise<OpenArtifact> {
    return openS3Artifact(this.bucket, this.keys.inBucket(key));
  }

  async readManifest(key: string): Promise<string | undefined> {
    return (await this.bucket.readText('read the manifest', manifestKey(this.keys.inBucket(key))))?.text;
  }

  async readGlobals(key: string): Promise<string | undefined> {
    return (await this.bucket.readText('read the roles', globalsKey(this.keys.inBucket(key))))?.text;
  }

  async replaceManifest(key: string, before: string, text: string): Promise<boolean> {
    const artifactKey = this.keys.inBucket(key);
    const step = 'replace the manifest';
    // Where the server knows no conditions, it keeps other services of ours away.
    const claim = { run: this.writer.run, kind: 'replace' } as const;
    const lease = await S3Lease.acquire(this.bucket, artifactKey, claim, this.writing.tokens);
    if (typeof lease === 'string') return false;
    try {
      const found = await this.bucket.readText(step, manifestKey(artifactKey));
      if (found?.text !== before) return false;
      lease.refuseIfLost();
      const condition = { etag: found.etag };
      await this.bucket.put(step, manifestKey(artifactKey), text, { condition, isBackup: true });
      return true;
    } catch (error) {
      if (error instanceof S3Error && (error.isConflict || error.isMissing)) return false;
      throw error;
    } finally {
      await lease.release();
      this.writing.tokens.delete(lease.token);
    }
  }

  async remove(key: string): Promise<void> {
    const artifactKey = this.keys.inBucket(key);
    for (const each of [manifestKey(artifactKey), globalsKey(artifactKey), artifactKey]) {
      await this.bucket.delete('remove the backup', each);
    }
  }

  sweep(): Promise<SweepResult> {
    return this.sweeping.run(this.keys.ofFolder(''));
  }

  /** Begins an artifact of this name, if it is free. */
  private async tryCreate(key: string, expectedBytes: number): Promise<ArtifactWriter | 'taken' | 'contended'> {
    const artifactKey = this.keys.inBucket(key);
    const { tokens, names } = this.writing;
    const name = `${this.bucket.name}/${artifactKey}`;
    if (names.has(name)) return 'taken';
    names.add(name);
    let lease: S3Lease | undefined;
    const ended = (): void => {
      names.delete(name);
      if (lease !== undefined) tokens.delete(lease.token);
    };
    try {
      const text = { run: this.writer.run, kind: 'write' } as const;
      const acquired = await S3Lease.acquire(this.bucket, artifactKey, text, tokens);
      if (typeof acquired === 'string') {
        ended();
        return acquired;
      }
      lease = acquired;
      return await this.begin(key, lease, expectedBytes, ended);
    } catch (error) {
      ended();
      throw error;
    }
  }

  private async begin(key: string, lease: S3Lease, expectedBytes: number, ended: () => void): Promise<ArtifactWriter> {
    const { bucket } = this;
    const { artifactKey } = lease;
    let upload: S3Upload | undefined;
    try {
      upload = await S3Upload.begin(bucket, artifactKey, expectedBytes);
      await lease.note({ upload: upload.id });
    } catch (error) {
      const isGone = upload === undefined ? !(error instanceof S3Error && error.uncertain) : await upload.abort();
      if (isGone) await lease.release();
      else lease.abandon();
      throw error;
    }
    return new S3ArtifactWriter({
      ...{ bucket, key: artifactKey, filename: filenameOf(key), lease, upload, ended },
      describe: ({ artifact, manifest }: NameState) => artifact && this.described(artifact, manifest),
    });
  }

  private described(artifact: ListedObject, manifest: ListedObject | undefined): StoredFile | undefined {
    const key = this.keys.inStorage(artifact.key);
    if (key === undefined || !isArtifactName(filenameOf(key))) return undefined;
    return {
      ...{ key, filename: filenameOf(key), size: artifact.size, modifiedAt: artifact.modifiedAt },
      hasManifest: manifest !== undefined,
      manifestModifiedAt: manifest?.modifiedAt,
      foreignId: `file-${createHash('sha256').update(`${this.id}:${key}`).digest('hex').slice(0, 32)}`,
    };
  }
}
