import { constants } from 'node:fs';
import type { Dirent } from 'node:fs';
import { access, lstat, open, readdir, realpath, rm, statfs, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, errorCodeOf, keyIn } from '@app/domain';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '../artifact-storage.js';
import type {
  ArtifactStorage,
  ArtifactWriter,
  OpenArtifact,
  StorageHealth,
  StorageSpace,
  StoredFile,
  SweepResult,
} from '../artifact-storage.js';
import type { BackupLocation } from '../backup-locations.js';
import { replaceDurably } from '../durable-file.js';
import { storageError } from '../storage-error.js';
import { folderBlocker, folderHealth } from './folder-health.js';
import { folderState } from './folder-state.js';
import { LocalArtifactWriter } from './local-artifact-writer.js';
import { keyOf } from './local-roots.js';
import type { LocalRoot, LocalRoots } from './local-roots.js';
import type { LocalWriting } from './local-writing.js';
import { openLocalArtifact } from './open-local-artifact.js';
import { JOURNAL_TEXT, recoverInterrupted, unfinishedIn } from './publication-journal.js';
import { readRegularFile } from './regular-file.js';
import { LEASE_REMAINS, StorageLease } from './storage-lease.js';
import { statStored } from './stored-file.js';

const MAX_NAME_CLASHES = 1000;
/** The names of role scripts; any other `globals.sql` may be somebody's dump. */
const ROLE_SCRIPT = /\.(sql|dump)(\.zst)?\.globals\.sql$/;

/** Parts of a key that a path would take for something else than a name. */
const NO_NAME = /^$|^\.\.?$|\0/;

export interface LocalStorageParts {
  root: LocalRoot;
  roots: LocalRoots;
  writing: LocalWriting;
}

/** Stores artifacts in a folder of the local machine, or of anything mounted there, and in the folders below it. */
export class LocalStorage implements ArtifactStorage {
  readonly id: string;
  readonly name: string;
  readonly isRemote = false;
  private readonly root: string;
  private readonly roots: LocalRoots;
  private readonly writing: LocalWriting;
  private realRoot: string | undefined;

  constructor({ root, roots, writing }: LocalStorageParts) {
    this.id = root.storageId;
    this.name = root.path;
    this.root = root.path;
    this.roots = roots;
    this.writing = writing;
  }

  prepare(): Promise<void> {
    return this.roots.prepare(this.root);
  }

  requirePresent(folder = ''): Promise<void> {
    return this.roots.requirePresent(this.root, this.pathOf(folder));
  }

  async location(folder: string): Promise<BackupLocation | undefined> {
    const path = this.pathOf(folder);
    const confined = await this.roots.confined(path).catch(() => undefined);
    // A link in its place would lead to the files of another folder.
    if (confined?.storageId !== this.id || confined.key !== folder) return undefined;
    return { storageId: this.id, folder, display: (filename) => this.roots.show(join(path, filename)) };
  }

  health(folder: string): Promise<StorageHealth> {
    return folderHealth(this.pathOf(folder));
  }

  blocker(): Promise<string | undefined> {
    return folderBlocker(this.root);
  }

  async space(folder: string): Promise<StorageSpace | undefined> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.pathOf(folder));
      return { free: bavail * bsize, total: blocks * bsize };
    } catch {
      return undefined;
    }
  }

  async create(folder: string, stem: string, extension: string): Promise<ArtifactWriter> {
    for (let clash = 1; clash <= MAX_NAME_CLASHES; clash += 1) {
      const filename = `${clash === 1 ? stem : `${stem}_${clash}`}${extension}`;
      const writer = await this.tryCreate(folder, filename);
      if (writer !== undefined) return writer;
    }
    throw new DomainError('STORAGE_FAILED', `Too many backups are named ${stem}${extension}.`, {
      hint: 'Choose another backup_name.',
    });
  }

  async list(folder: string): Promise<StoredFile[]> {
    const entries = await readdir(this.pathOf(folder), { withFileTypes: true });
    const files = await Promise.all(
      entries.filter((entry) => isListed(entry)).map((entry) => this.described(keyIn(folder, entry.name))),
    );
    return files.filter((file) => file !== undefined);
  }

  async stat(key: string): Promise<StoredFile | undefined> {
    return this.described(key);
  }

  async isReadable(key: string): Promise<boolean> {
    return access(this.pathOf(key), constants.R_OK).then(
      () => true,
      () => false,
    );
  }

  folderState(folder: string): Promise<string | undefined> {
    return folderState(this.pathOf(folder));
  }

  async foldersWithBackups(): Promise<string[]> {
    const real = await realpath(this.root).catch(() => this.root);
    const entries = await entriesBelow(real, 'look for manifests');
    const manifests = entries.filter((entry) => entry.isFile() && entry.name.endsWith(MANIFEST_SUFFIX));
    return [...new Set(manifests.map(({ parentPath }) => keyOf(real, parentPath)))].toSorted();
  }

  async open(key: string): Promise<OpenArtifact> {
    return openLocalArtifact(this.pathOf(key));
  }

  async readManifest(key: string): Promise<string | undefined> {
    return textOf(this.pathOf(key) + MANIFEST_SUFFIX, 'read the manifest');
  }

  async readGlobals(key: string): Promise<string | undefined> {
    return textOf(this.pathOf(key) + GLOBALS_SUFFIX, 'read the roles');
  }

  async replaceManifest(key: string, before: string, text: string): Promise<boolean> {
    const artifact = this.pathOf(key);
    const path = artifact + MANIFEST_SUFFIX;
    const { begun } = this.writing;
    const lease = await StorageLease.acquire(artifact, this.writing.run);
    if (lease === undefined) return false;
    begun.add(artifact);
    try {
      if ((await this.readManifest(key)) !== before) return false;
      // It has the name of a journal, so that a sweep completes or removes what a crash leaves of it.
      await replaceDurably(path, path + PARTIAL_SUFFIX, [text]);
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return false;
      throw storageError(error, 'write the manifest');
    } finally {
      await lease.release();
      begun.delete(artifact);
    }
    return true;
  }

  async remove(key: string): Promise<void> {
    const path = this.pathOf(key);
    try {
      await rm(path + MANIFEST_SUFFIX, { force: true });
      await rm(path + GLOBALS_SUFFIX, { force: true });
      await rm(path, { force: true });
    } catch (error) {
      throw storageError(error, 'remove the backup');
    }
  }

  async sweep(): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [], undecided: false };
    const { root } = this;
    const { judge, begun } = this.writing;
    const entries = (await entriesBelow(root, 'look for partial files')).filter((entry) => entry.isFile());
    judge.keepOnly(root, new Set(entries.map(({ parentPath, name }) => join(parentPath, name))));
    const byFolder = Map.groupBy(entries, ({ parentPath }) => parentPath);
    for (const [folder, files] of byFolder) {
      const names = files.map(({ name }) => name);
      for (const filename of unfinishedIn(names)) {
        if (begun.has(join(folder, filename))) continue;
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
    const key = keyIn(folder, filename);
    const path = this.pathOf(key);
    const journal = path + MANIFEST_SUFFIX + PARTIAL_SUFFIX;
    const { begun } = this.writing;
    if (begun.has(path)) return undefined;
    begun.add(path);
    const lease = await StorageLease.acquire(path, this.writing.run).catch((error: unknown) => {
      begun.delete(path);
      throw error;
    });
    const ended = async (): Promise<void> => {
      await lease?.release();
      begun.delete(path);
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
      return new LocalArtifactWriter({
        ...{ path, filename, handle, lease },
        stat: () => this.described(key),
        ended: () => void begun.delete(path),
      });
    } catch (error) {
      await handle?.close();
      await rm(journal, { force: true });
      await ended();
      if (errorCodeOf(error) === 'EEXIST') return undefined; // a foreign file happens to have our partial name
      throw storageError(error, `begin ${filename}`);
    }
  }

  private async described(key: string): Promise<StoredFile | undefined> {
    return statStored(this.pathOf(key), key, join(await this.realRootOf(), key));
  }

  /** Returns the path of a key or folder. No text leads out of the root. */
  private pathOf(key: string): string {
    if (key === '') return this.root;
    if (key.split('/').some((part) => NO_NAME.test(part))) {
      throw new DomainError('INTERNAL', `${JSON.stringify(key)} is no key of a storage.`);
    }
    return join(this.root, key);
  }

  private async realRootOf(): Promise<string> {
    this.realRoot ??= await realpath(this.root).catch(() => undefined);
    return this.realRoot ?? this.root;
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
