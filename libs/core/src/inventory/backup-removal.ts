import type { ManifestSigner } from '@app/artifact';
import type { BackupRow, Catalog, ConnectionRecord } from '@app/catalog';
import { folderOf, messageOf } from '@app/domain';
import type { Logger, Manifest } from '@app/domain';
import type { StorageRegistry } from '@app/storage';
import type { BackupIndex } from './backup-index.js';
import { databaseKey } from './database-key.js';

export interface BackupRemovalParts {
  catalog: Catalog;
  storages: StorageRegistry;
  signer: ManifestSigner;
  index: BackupIndex;
  logger: Logger;
}

/** Removes backups on the request of a person, also those that retention keeps. It never removes a pinned backup, or one that an undo needs. */
export class BackupRemoval {
  constructor(private readonly parts: BackupRemovalParts) {}

  /**
   * Lists the backups that were made through a connection, as the catalog last saw them. `own` are those of the database that
   * the connection names now.
   */
  async ofConnection(connection: ConnectionRecord): Promise<{ all: BackupRow[]; own: BackupRow[] }> {
    const all = await this.parts.catalog.backups.ofConnection(connection.id);
    const key = databaseKey(connection);
    return { all, own: all.filter((row) => row.databaseKey === key) };
  }

  /**
   * Removes those of `rows` whose manifest, read once more, still says that they belong to this connection; any other file
   * stays (FAILURES 41). A backup that cannot be removed does not stop the others: it is in `kept` and in the log.
   */
  async remove(rows: readonly BackupRow[], connection: ConnectionRecord): Promise<{ removed: number; kept: number }> {
    const { logger } = this.parts;
    let removed = 0;
    for (const row of rows) {
      try {
        if (await this.removeOne(row, connection)) removed += 1;
        else
          logger.warn(
            { backup: row.filename },
            'a backup was not deleted: it is pinned, needed to undo a restore, or not what was listed',
          );
      } catch (error) {
        logger.error({ err: error, backup: row.filename }, `a backup was not deleted: ${messageOf(error)}`);
      }
    }
    return { removed, kept: rows.length - removed };
  }

  /** Removes every file of a backup that nothing needs any more, without the request of a person. Never removes a pinned backup. */
  async removeSpent(id: string): Promise<void> {
    for (const row of await this.parts.catalog.backups.get(id)) await this.removeBackup(row);
  }

  /** Removes one backup. Returns false, and removes nothing, when it is pinned, needed by an undo, or not the listed one any more. */
  removeBackup(row: BackupRow): Promise<boolean> {
    return this.removeIf(row, (manifest) => manifest.id === row.id && manifest.artifact === row.filename);
  }

  private removeOne(row: BackupRow, connection: ConnectionRecord): Promise<boolean> {
    return this.removeIf(row, (manifest) => isOf(manifest, row, connection));
  }

  private async removeIf(row: BackupRow, isIt: (manifest: Manifest) => boolean): Promise<boolean> {
    const { catalog, storages, signer, index, logger } = this.parts;
    const location = await storages.location(folderOf(row));
    if (location === undefined) return false;
    const storage = storages.of(row);
    const manifest = signer.ownManifest(await storage.readManifest(row.key), row.filename);
    if (manifest === undefined || !isIt(manifest)) return false;
    if ((await catalog.backups.pinned([row.id])).has(row.id)) return false;
    if ((await catalog.restores.needing([row.id])).has(row.id)) return false;
    await storage.remove(row.key);
    await index.removed(row, 'requested');
    logger.info({ backup: location.display(row.filename), database: manifest.database }, 'backup deleted');
    return true;
  }
}

function isOf(manifest: Manifest, row: BackupRow, connection: ConnectionRecord): boolean {
  return (
    manifest.id === row.id &&
    manifest.artifact === row.filename &&
    manifest.connection_id === connection.id &&
    databaseKey({ ...manifest, dbType: manifest.db_type }) === databaseKey(connection)
  );
}
