import { hostname } from 'node:os';
import type { Dirent, Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { lstat, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { DomainError, errorCodeOf } from '@app/domain';
import { MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './artifact-storage.js';
import type { ArtifactStorage, ArtifactWriter, OpenArtifact, StoredFile, SweepResult } from './artifact-storage.js';
import type { BackupLocation } from './backup-locations.js';
import { openLocalArtifact } from './open-local-artifact.js';
import { syncFolder, writeDurably } from './durable-file.js';

/** The journal of an artifact that is being written: it stands where the manifest will, with the partial suffix. */
interface Journal {
  writing: { host: string; pid: number };
}

const MAX_NAME_CLASHES = 1000;

/** Artifacts in folders of the local machine (or of anything mounted there). */
export class LocalStorage implements ArtifactStorage {
  async freeBytes(location: BackupLocation): Promise<number | undefined> {
    try {
      const { bavail, bsize } = await statfs(location.folder);
      return bavail * bsize;
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
    const names = new Set(entries.map((entry) => entry.name));
    const files = await Promise.all(
      entries
        .filter((entry) => isListed(entry))
        .map((entry) => statStored(join(location.folder, entry.name), names.has(entry.name + MANIFEST_SUFFIX))),
    );
    return files.filter((file) => file !== undefined);
  }

  open(path: string): Promise<OpenArtifact> {
    return openLocalArtifact(path);
  }

  async readManifest(artifactPath: string): Promise<string | undefined> {
    try {
      return await readFile(artifactPath + MANIFEST_SUFFIX, 'utf8');
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw storageError(error, 'read the manifest');
    }
  }

  async remove(artifactPath: string): Promise<void> {
    try {
      await rm(artifactPath + MANIFEST_SUFFIX, { force: true });
      await rm(artifactPath, { force: true });
    } catch (error) {
      throw storageError(error, 'remove the backup');
    }
  }

  async sweep(root: string): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [] };
    let entries: Dirent[];
    try {
      entries = await readdir(root, { withFileTypes: true, recursive: true });
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return result;
      throw storageError(error, 'look for partial files');
    }
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(MANIFEST_SUFFIX + PARTIAL_SUFFIX)) continue;
      const filename = entry.name.slice(0, -(MANIFEST_SUFFIX + PARTIAL_SUFFIX).length);
      const outcome = await settleInterrupted(entry.parentPath, filename);
      if (outcome !== undefined) result[outcome].push(filename);
    }
    return result;
  }

  /** Undefined when the name is taken. */
  private async tryCreate(folder: string, filename: string): Promise<ArtifactWriter | undefined> {
    const path = join(folder, filename);
    const journal: Journal = { writing: { host: hostname(), pid: process.pid } };
    let handle: FileHandle | undefined;
    try {
      // The journal first: from here on a sweep knows that the partial artifact is ours.
      await writeFile(path + MANIFEST_SUFFIX + PARTIAL_SUFFIX, JSON.stringify(journal), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return undefined;
      throw storageError(error, `begin ${filename}`);
    }
    try {
      // Looked at only now that the name is reserved: whoever held it before has published or gone.
      if (!(await isFree(path))) {
        await rm(path + MANIFEST_SUFFIX + PARTIAL_SUFFIX, { force: true });
        return undefined;
      }
      handle = await open(path + PARTIAL_SUFFIX, 'wx+', 0o600);
      return new LocalArtifactWriter(folder, filename, handle);
    } catch (error) {
      await handle?.close();
      await rm(path + MANIFEST_SUFFIX + PARTIAL_SUFFIX, { force: true });
      if (errorCodeOf(error) === 'EEXIST') return undefined; // a foreign file happens to have our partial name
      throw storageError(error, `begin ${filename}`);
    }
  }
}

class LocalArtifactWriter implements ArtifactWriter {
  private readonly path: string;
  private open = true;
  private renamed = false;

  constructor(
    private readonly folder: string,
    readonly filename: string,
    private readonly handle: FileHandle,
  ) {
    this.path = join(folder, filename);
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      let offset = 0;
      // A write may be short, near the end of the space above all.
      while (offset < chunk.length) {
        const { bytesWritten } = await this.handle.write(chunk, offset);
        offset += bytesWritten;
      }
    } catch (error) {
      throw storageError(error, `write ${this.filename}`);
    }
  }

  readBack(): Readable {
    return createReadStream(this.path + PARTIAL_SUFFIX);
  }

  async publish(manifestText: string): Promise<StoredFile> {
    const manifest = this.path + MANIFEST_SUFFIX;
    try {
      await this.handle.sync();
      await this.close();
      await writeDurably(manifest + PARTIAL_SUFFIX, manifestText);
      await rename(this.path + PARTIAL_SUFFIX, this.path);
      this.renamed = true;
      await syncFolder(this.folder);
      await rename(manifest + PARTIAL_SUFFIX, manifest);
      await syncFolder(this.folder);
    } catch (error) {
      throw storageError(error, `publish ${this.filename}`);
    }
    const stored = await statStored(this.path, true);
    if (stored === undefined)
      throw new DomainError('STORAGE_FAILED', `${this.filename} vanished after it was written.`);
    return stored;
  }

  async discard(): Promise<void> {
    await this.close().catch(() => undefined);
    if (this.renamed) await rm(this.path, { force: true });
    await rm(this.path + PARTIAL_SUFFIX, { force: true });
    await rm(this.path + MANIFEST_SUFFIX, { force: true });
    // The journal last: as long as anything is left, a sweep must find it.
    await rm(this.path + MANIFEST_SUFFIX + PARTIAL_SUFFIX, { force: true });
  }

  private async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close();
  }
}

function isListed(entry: Dirent): boolean {
  const { name } = entry;
  return entry.isFile() && !name.startsWith('.') && !name.endsWith(PARTIAL_SUFFIX) && !name.endsWith(MANIFEST_SUFFIX);
}

/** Undefined when the file has gone meanwhile. */
async function statStored(path: string, hasManifest: boolean): Promise<StoredFile | undefined> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, 'read the folder');
  }
  return {
    path,
    filename: basename(path),
    size: stats.size,
    modifiedAt: stats.mtime,
    hasManifest,
  };
}

async function isFree(path: string): Promise<boolean> {
  for (const candidate of [path, path + MANIFEST_SUFFIX]) {
    const found = await lstat(candidate).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found !== undefined) return false;
  }
  return true;
}

/**
 * Brings an interrupted publication to an end. The journal holds the manifest once the artifact is whole and durable;
 * then only renames were left to do.
 */
async function settleInterrupted(folder: string, filename: string): Promise<'completed' | 'removed' | undefined> {
  const path = join(folder, filename);
  const journalPath = path + MANIFEST_SUFFIX + PARTIAL_SUFFIX;
  const journal = parseJournal(await readFile(journalPath, 'utf8').catch(() => ''));
  if (journal.writer !== undefined && isAlive(journal.writer)) return undefined;
  const artifact = await stat(path).catch(() => undefined);
  if (artifact !== undefined && journal.size === artifact.size) {
    await rename(journalPath, path + MANIFEST_SUFFIX);
    await syncFolder(folder);
    return 'completed';
  }
  await rm(path + PARTIAL_SUFFIX, { force: true });
  await rm(journalPath, { force: true });
  return 'removed';
}

function parseJournal(text: string): { writer?: Journal['writing']; size?: number } {
  try {
    const value = JSON.parse(text) as Partial<Journal> & { size?: unknown };
    return {
      ...(value.writing === undefined ? {} : { writer: value.writing }),
      ...(typeof value.size === 'number' ? { size: value.size } : {}),
    };
  } catch {
    return {}; // cut off while it was written: the artifact beside it was not whole then
  }
}

/** Whether another process of this machine is still writing. Our own number can only be that of a dead predecessor. */
function isAlive(writer: Journal['writing']): boolean {
  if (writer.host !== hostname() || writer.pid === process.pid) return false;
  try {
    process.kill(writer.pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}

/** What the file system refused, with the code that fits. */
export function storageError(error: unknown, what: string): DomainError {
  if (error instanceof DomainError) return error;
  const code = errorCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError('NO_SPACE', `Could not ${what}: no space is left in the backup folder.`, {
      hint: 'Free some space, lower the retention, or use compression.',
      cause: error,
    });
  }
  return new DomainError('STORAGE_FAILED', `Could not ${what} (${code ?? 'unknown fault'}).`, {
    hint: 'Check that the service may read and write in the backup folder.',
    cause: error,
  });
}
