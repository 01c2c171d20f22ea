import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, open, readdir, realpath, rm, statfs, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, errorCodeOf } from '@app/domain';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './artifact-storage.js';
import type { ArtifactStorage, ArtifactWriter, OpenArtifact, StoredFile, SweepResult } from './artifact-storage.js';
import type { BackupLocation } from './backup-locations.js';
import { LocalArtifactWriter } from './local-artifact-writer.js';
import { openLocalArtifact } from './open-local-artifact.js';
import { replaceDurably } from './durable-file.js';
import { folderState } from './folder-state.js';
import { JOURNAL_TEXT, recoverInterrupted, unfinishedIn } from './publication-journal.js';
import { readRegularFile } from './regular-file.js';
import { storageError } from './storage-error.js';
import { LEASE_MS, LEASE_REMAINS, LeaseJudge, StorageLease } from './storage-lease.js';
import type { StorageWriter } from './storage-lease.js';
import { statStored } from './stored-file.js';

const MAX_NAME_CLASHES = 1000;
/** The names of role scripts; any other `globals.sql` may be somebody's dump. */
const ROLE_SCRIPT = /\.(sql|dump)(\.zst)?\.globals\.sql$/;

/** Stores artifacts in folders of the local machine (or of anything mounted there). */
export class LocalStorage implements ArtifactStorage {
  /** Artifacts that are being written here, which a sweep does not touch. */
  private readonly writing = new Set<string>();

  private readonly judge: LeaseJudge;

  /** `writer` has no known earlier runs by default. `leaseMs` is how long a silent writer counts as alive. */
  constructor(
    private readonly writer: StorageWriter = { run: randomUUID(), pastRuns: new Set() },
    leaseMs = LEASE_MS,
    now?: () => number,
  ) {
    this.judge = new LeaseJudge(writer, leaseMs, now);
  }

  async freeBytes(location: BackupLocation): Promise<number | undefined> {
    return (await this.space(location))?.free;
  }

  async space(location: BackupLocation): Promise<{ free: number; total: number } | undefined> {
    try {
      const { bavail, blocks, bsize } = await statfs(location.folder);
      return { free: bavail * bsize, total: blocks * bsize };
    } catch {
      return undefined;
    }
  }

  async create(location: BackupLocation, stem: string, extension: string): Promise<ArtifactWriter> {
    for (let clash = 1; clash <= MAX_NAME_CLASHES; clash += 1) {
      const filename = `${clash === 1 ? stem : `${stem}_${clash}`}${extension}`;
      const writer = await this.tryCreate(location.folder, filename);
      if (writer !== undefined) return writer;
    }
    throw new DomainError('STORAGE_FAILED', `Too many backups are named ${stem}${extension}.`, {
      hint: 'Choose another backup_name.',
    });
  }

  async list(location: BackupLocation): Promise<StoredFile[]> {
    const entries = await readdir(location.folder, { withFileTypes: true });
    const files = await Promise.all(
      entries.filter((entry) => isListed(entry)).map((entry) => statStored(join(location.folder, entry.name))),
    );
    return files.filter((file) => file !== undefined);
  }

  stat(path: string): Promise<StoredFile | undefined> {
    return statStored(path);
  }

  folderState(folder: string): Promise<string | undefined> {
    return folderState(folder);
  }

  async foldersWithBackups(root: string): Promise<string[]> {
    const real = await realpath(root).catch(() => root);
    const entries = await entriesBelow(real, 'look for manifests');
    const manifests = entries.filter((entry) => entry.isFile() && entry.name.endsWith(MANIFEST_SUFFIX));
    return [...new Set(manifests.map(({ parentPath }) => parentPath))].toSorted();
  }

  open(path: string): Promise<OpenArtifact> {
    return openLocalArtifact(path);
  }

  readManifest(artifactPath: string): Promise<string | undefined> {
    return textOf(artifactPath + MANIFEST_SUFFIX, 'read the manifest');
  }

  readGlobals(artifactPath: string): Promise<string | undefined> {
    return textOf(artifactPath + GLOBALS_SUFFIX, 'read the roles');
  }

  async replaceManifest(artifactPath: string, before: string, text: string): Promise<boolean> {
    const path = artifactPath + MANIFEST_SUFFIX;
    const lease = await StorageLease.acquire(artifactPath, this.writer.run);
    if (lease === undefined) return false;
    this.writing.add(artifactPath);
    try {
      if ((await this.readManifest(artifactPath)) !== before) return false;
      // It has the name of a journal, so that a sweep completes or removes what a crash leaves of it.
      await replaceDurably(path, path + PARTIAL_SUFFIX, [text]);
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return false;
      throw storageError(error, 'write the manifest');
    } finally {
      await lease.release();
      this.writing.delete(artifactPath);
    }
    return true;
  }

  async remove(artifactPath: string): Promise<void> {
    try {
      await rm(artifactPath + MANIFEST_SUFFIX, { force: true });
      await rm(artifactPath + GLOBALS_SUFFIX, { force: true });
      await rm(artifactPath, { force: true });
    } catch (error) {
      throw storageError(error, 'remove the backup');
    }
  }

  async sweep(root: string): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [], undecided: false };
    const { judge } = this;
    const entries = (await entriesBelow(root, 'look for partial files')).filter((entry) => entry.isFile());
    judge.keepOnly(root, new Set(entries.map(({ parentPath, name }) => join(parentPath, name))));
    const byFolder = Map.groupBy(entries, ({ parentPath }) => parentPath);
    for (const [folder, files] of byFolder) {
      const names = files.map(({ name }) => name);
      for (const filename of unfinishedIn(names)) {
        if (this.writing.has(join(folder, filename))) continue;
        const outcome = await recoverInterrupted(folder, filename, judge);
        if (outcome === 'undecided') result.undecided = true;
        else if (outcome !== undefined) result[outcome].push(filename);
      }
      for (const name of names.filter((each) => LEASE_REMAINS.test(each))) {
        if (await judge.areStill([join(folder, name)])) await rm(join(folder, name), { force: true });
        else result.undecided = true;
      }
    }
    return result;
  }

  /** Begins an artifact of this name; undefined when the name is taken. */
  private async tryCreate(folder: string, filename: string): Promise<ArtifactWriter | undefined> {
    const path = join(folder, filename);
    const journal = path + MANIFEST_SUFFIX + PARTIAL_SUFFIX;
    if (this.writing.has(path)) return undefined;
    this.writing.add(path);
    const lease = await StorageLease.acquire(path, this.writer.run).catch((error: unknown) => {
      this.writing.delete(path);
      throw error;
    });
    const ended = async (): Promise<void> => {
      await lease?.release();
      this.writing.delete(path);
    };
    if (lease === undefined) {
      await ended();
      return undefined;
    }
    let handle: FileHandle | undefined;
    try {
      // The journal comes before the artifact: from here on a sweep knows that the partial artifact is ours.
      await writeFile(journal, JOURNAL_TEXT, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      await ended();
      if (errorCodeOf(error) === 'EEXIST') return undefined;
      throw storageError(error, `begin ${filename}`);
    }
    try {
      // This is checked only after the name is reserved: an earlier holder has published or is gone.
      if (!(await isFree(path))) {
        await rm(journal, { force: true });
        await ended();
        return undefined;
      }
      handle = await open(path + PARTIAL_SUFFIX, 'wx+', 0o600);
      return new LocalArtifactWriter(folder, filename, handle, lease, () => void this.writing.delete(path));
    } catch (error) {
      await handle?.close();
      await rm(journal, { force: true });
      await ended();
      if (errorCodeOf(error) === 'EEXIST') return undefined; // a foreign file happens to have our partial name
      throw storageError(error, `begin ${filename}`);
    }
  }
}

/** Returns the text of a file; undefined when there is no such file. */
async function textOf(path: string, what: string): Promise<string | undefined> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, what);
  }
}

/** Lists the entries of the folder and of all folders below it; none when there is no folder. */
async function entriesBelow(root: string, what: string): Promise<Dirent[]> {
  try {
    return await readdir(root, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw storageError(error, what);
  }
}

function isListed(entry: Dirent): boolean {
  const { name } = entry;
  if (!entry.isFile() || name.startsWith('.') || name.endsWith(PARTIAL_SUFFIX) || name.endsWith(MANIFEST_SUFFIX)) {
    return false;
  }
  // It is no dump of a database, also when somebody has removed only the artifact.
  return !ROLE_SCRIPT.test(name);
}

async function isFree(path: string): Promise<boolean> {
  for (const candidate of [path, path + MANIFEST_SUFFIX, path + GLOBALS_SUFFIX]) {
    const found = await lstat(candidate).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found !== undefined) return false;
  }
  return true;
}
