import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type { Clock, Logger, Manifest, Verification } from '@app/domain';
import type { JobContext } from '@app/jobs';
import type { ArtifactStorage } from '@app/storage';
import type { BackupIndex } from './backup-index.js';
import { levelOf, manifestText, parseManifest } from './manifest.js';

export interface StoredVerificationParts {
  storage: ArtifactStorage;
  index: Pick<BackupIndex, 'changed'>;
  clock: Clock;
  logger?: Logger;
}

type Work = Pick<JobContext, 'signal' | 'progress' | 'log'>;

/** Proves that what is in storage is what was written: the second step of the ladder (DESIGN §4). */
export class StoredVerification {
  constructor(private readonly parts: StoredVerificationParts) {}

  /**
   * Reads a backup of ours back and compares it with its manifest, which it then changes: level `stored`, or what was
   * wrong. `path` is the real one. Returns the manifest as it is then. BACKUP_DAMAGED when the file is not as it was
   * written; BACKUP_NOT_FOUND; NOT_A_BACKUP for a foreign file; BUSY when somebody else changed it meanwhile.
   */
  async verifyStored(path: string, work: Work): Promise<Manifest> {
    const name = basename(path);
    const text = await this.manifestTextOf(path);
    const manifest = parseManifest(text);
    if (manifest === undefined || manifest.artifact !== name) {
      throw new DomainError('BACKUP_DAMAGED', `The manifest of ${name} cannot be read or belongs to another file.`, {
        hint: 'Make a new backup, or fetch this one with its manifest again from a copy.',
      });
    }
    const fault = await this.faultOf(path, manifest, work);
    const at = this.parts.clock.now().toISOString();
    const verification: Verification =
      fault === undefined ? passed(manifest, at) : { ...manifest.verification, failed: { at, message: fault } };
    const verified: Manifest = { ...manifest, verification };
    if (!(await this.parts.storage.replaceManifest(path, text, manifestText(verified)))) throw changedMeanwhile(name);
    // The manifest says it; a row that lags behind is put right by the next look at the file.
    await this.parts.index.changed(path).catch((error: unknown) => {
      this.parts.logger?.warn({ err: error, backup: name }, `the catalog lags behind: ${messageOf(error)}`);
    });
    if (fault === undefined) {
      work.log(`read back ${name}: ${formatBytes(manifest.size)}, as it was written`);
      return verified;
    }
    throw new DomainError('BACKUP_DAMAGED', fault, {
      hint: 'Make a new backup now, and look at the disk. Retention does not count this one any more.',
    });
  }

  private async manifestTextOf(path: string): Promise<string> {
    const { storage } = this.parts;
    const text = await storage.readManifest(path);
    if (text !== undefined && (await storage.stat(path)) !== undefined) return text;
    const name = basename(path);
    if ((await storage.stat(path)) === undefined) {
      throw new DomainError('BACKUP_NOT_FOUND', `There is no backup ${name} any more.`, {
        hint: 'GET /api/backups lists those that there are.',
      });
    }
    throw new DomainError('NOT_A_BACKUP', `${name} was not made by this service: nothing says what it must be.`, {
      hint: 'A foreign dump is checked when it is restored.',
    });
  }

  /** What is wrong with the bytes, as a sentence; undefined when nothing is. */
  private async faultOf(path: string, manifest: Manifest, work: Work): Promise<string | undefined> {
    await using artifact = await this.parts.storage.open(path);
    if (artifact.size !== manifest.size) {
      return `${manifest.artifact} has ${artifact.size} bytes; ${manifest.size} were written.`;
    }
    const hash = createHash('sha256');
    let bytes = 0;
    await artifact.scan((chunk) => {
      work.signal.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      work.progress({ phase: 'verify', bytes, totalBytes: manifest.size });
    });
    if (hash.digest('hex') === manifest.sha256) return undefined;
    return `${manifest.artifact} is not as it was written: its hash differs.`;
  }
}

/** A higher level that a later version of this service reached stays. */
function passed(manifest: Manifest, at: string): Verification {
  const { failed: _cleared, ...verification } = manifest.verification;
  return levelOf(manifest) === null ? verification : { level: 'stored', at };
}

function changedMeanwhile(name: string): DomainError {
  return new DomainError('BUSY', `${name} was changed or removed by somebody else while it was read back.`, {
    hint: 'Verify it once more.',
  });
}
