import type { Logger, Manifest } from '@app/domain';
import type { ArtifactStorage, BackupLocation, StoredFile } from '@app/storage';
import { parseManifest } from './manifest.js';
import { databaseKey } from './operations.js';

interface Candidate {
  file: StoredFile;
  manifest: Manifest;
}

/**
 * Keeps the newest `count` backups of each database in a folder. The order is that of the recorded time, never of the
 * names (FAILURES 42). Only whole backups of the same database and server count and go: a foreign, damaged or
 * unreadable file neither evicts one nor is touched (FAILURES 41). Safety backups have their own count, so that
 * restores do not push out what people made.
 */
export class Retention {
  constructor(
    private readonly storage: ArtifactStorage,
    private readonly count: number,
    private readonly logger: Logger,
  ) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError('Retention keeps at least one backup.');
  }

  /** Called after `made` was published; `made` itself is never deleted, even by a clock that was set back. */
  async apply(location: BackupLocation, made: Manifest): Promise<void> {
    for (const { file } of expired(await this.candidates(location, made), made, this.count)) {
      await this.storage.remove(file.path);
      this.logger.info({ backup: location.display(file.filename), database: made.database }, 'backup expired');
    }
  }

  private async candidates(location: BackupLocation, made: Manifest): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    for (const file of await this.storage.list(location)) {
      if (!file.hasManifest) continue;
      const text = await this.storage.readManifest(file.path);
      const manifest = text === undefined ? undefined : parseManifest(text);
      if (manifest === undefined || manifest.artifact !== file.filename || manifest.size !== file.size) continue;
      if (retentionGroup(manifest) === retentionGroup(made)) candidates.push({ file, manifest });
    }
    return candidates;
  }
}

function retentionGroup(manifest: Manifest): string {
  return JSON.stringify([
    databaseKey({ ...manifest, dbType: manifest.db_type }),
    manifest.kind === 'safety' ? 'safety' : 'backup',
  ]);
}

/** What goes: all but the newest `count`, and never `made`. */
export function expired<T extends { manifest: Pick<Manifest, 'id' | 'started_at' | 'completed_at'> }>(
  candidates: readonly T[],
  made: Pick<Manifest, 'id'>,
  count: number,
): T[] {
  const others = candidates
    .filter(({ manifest }) => manifest.id !== made.id)
    .toSorted(
      (a, b) =>
        Date.parse(b.manifest.started_at) - Date.parse(a.manifest.started_at) ||
        Date.parse(b.manifest.completed_at) - Date.parse(a.manifest.completed_at),
    );
  return others.slice(count - 1);
}
