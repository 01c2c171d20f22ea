import { holds } from '@app/artifact';
import type { BackupRow, Catalog, ConnectionRecord } from '@app/catalog';
import { DomainError, folderOf } from '@app/domain';
import type { StorageRegistry } from '@app/storage';
import { keyPeriodsOf } from './key-periods.js';

/** Chooses the backup to restore when the request names none. */
export class VerifiedBackups {
  constructor(
    private readonly catalog: Catalog,
    private readonly storages: StorageRegistry,
  ) {}

  /**
   * Finds the newest backup of a connection's database that was read back from storage with the right hash, and returns its path
   * for a restore. Safety backups do not count, as they hold data that somebody meant to replace. Throws BACKUP_NOT_FOUND.
   */
  async newestOf(connection: ConnectionRecord): Promise<string> {
    const periods = await keyPeriodsOf(this.catalog, connection);
    const found = await Promise.all(periods.map((period) => this.catalog.backups.ofDatabase(period.key, period)));
    const backups = found.flat();
    for (const backup of backups.filter(isVerified).toSorted((a, b) => b.createdAt - a.createdAt)) {
      const location = await this.storages.location(folderOf(backup));
      if (location !== undefined) return location.display(backup.filename);
    }
    throw new DomainError(
      'BACKUP_NOT_FOUND',
      `"${connection.database}" on ${connection.host} has no backup that was read back from storage.`,
      { hint: 'Verify one with POST /api/backups/:id/verify, or let its schedule do so (verification "stored").' },
    );
  }
}

function isVerified({ verification, verificationFailed, kind }: BackupRow): boolean {
  return verification !== null && holds(verification, 'stored') && !verificationFailed && kind !== 'safety';
}
