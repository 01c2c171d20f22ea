import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '../artifact-storage.js';
import type { ArtifactWriter, StoredFile } from '../artifact-storage.js';
import { syncFolder, writeDurably } from '../durable-file.js';
import { isSameFile } from './storage-lease.js';
import type { StorageLease } from './storage-lease.js';
import { storageError } from '../storage-error.js';

export interface LocalArtifactWriterParts {
  path: string;
  filename: string;
  handle: FileHandle;
  lease: StorageLease;
  /** Describes the published artifact. */
  stat(): Promise<StoredFile | undefined>;
  /** Called after the end of the writing: the artifact is published, or every trace is removed. */
  ended(): void;
}

/** Writes one artifact under its partial name until it is published, see `ArtifactWriter`. */
export class LocalArtifactWriter implements ArtifactWriter {
  readonly filename: string;
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly lease: StorageLease;
  private open = true;
  private renamed = false;

  constructor(private readonly parts: LocalArtifactWriterParts) {
    this.path = parts.path;
    this.filename = parts.filename;
    this.handle = parts.handle;
    this.lease = parts.lease;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.lease.refuseIfLost();
    try {
      let offset = 0;
      // A write may be short, mainly when little space is left.
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

  async publish(manifestText: string, globals?: string): Promise<StoredFile> {
    const manifest = this.path + MANIFEST_SUFFIX;
    const folder = dirname(this.path);
    try {
      await this.handle.sync();
      // After a freeze of this process, the files under our names may belong to another one.
      await this.lease.assertHeld();
      // It gets its own name: while there is a journal, a sweep knows that it is ours.
      if (globals !== undefined) await writeDurably(this.path + GLOBALS_SUFFIX, globals);
      await writeDurably(manifest + PARTIAL_SUFFIX, manifestText);
      await this.lease.assertHeld();
      await rename(this.path + PARTIAL_SUFFIX, this.path);
      this.renamed = await isSameFile(this.handle, this.path);
      if (!this.renamed) throw new DomainError('STORAGE_FAILED', `Somebody else wrote ${this.filename} meanwhile.`);
      await this.close();
      await syncFolder(folder);
      await rename(manifest + PARTIAL_SUFFIX, manifest);
      await syncFolder(folder);
      await this.lease.release();
      this.parts.ended();
    } catch (error) {
      throw storageError(error, `publish ${this.filename}`);
    }
    const stored = await this.parts.stat();
    if (stored === undefined)
      throw new DomainError('STORAGE_FAILED', `${this.filename} vanished after it was written.`);
    return stored;
  }

  async discard(): Promise<void> {
    await this.close().catch(() => undefined);
    // The process that took the lease over has removed everything, and the names may be in use again.
    if (await this.lease.isHeld()) await this.removeAll();
    await this.lease.release();
    this.parts.ended();
  }

  private async removeAll(): Promise<void> {
    if (this.renamed) await rm(this.path, { force: true });
    await rm(this.path + PARTIAL_SUFFIX, { force: true });
    await rm(this.path + MANIFEST_SUFFIX, { force: true });
    await rm(this.path + GLOBALS_SUFFIX, { force: true });
    // The journal goes last: a sweep must find it as long as anything is left.
    await rm(this.path + MANIFEST_SUFFIX + PARTIAL_SUFFIX, { force: true });
  }

  private async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close();
  }
}
