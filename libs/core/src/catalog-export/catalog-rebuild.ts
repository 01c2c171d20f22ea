import type { Catalog, CatalogRow } from '@app/catalog';
import { messageOf, textOfFolder } from '@app/domain';
import type { ArtifactFolder, Logger } from '@app/domain';
import { domainEvent } from '@app/events';
import type { BackupLocations, StorageRegistry } from '@app/storage';
import type { StorageStore } from '../storages/storage-store.js';
import type { BackupIndex } from '../inventory/backup-index.js';
import type { CatalogExport } from './catalog-export.js';
import type { CatalogCopies, CatalogCopy } from './catalog-copies.js';

export interface CatalogRebuildParts {
  catalog: Catalog;
  storages: StorageRegistry;
  /** Opens the storages that the copy has brought back. */
  storageStore: Pick<StorageStore, 'load'>;
  locations: BackupLocations;
  index: BackupIndex;
  copies: CatalogCopies;
  catalogExport: Pick<CatalogExport, 'flush'>;
  logger: Logger;
}

export interface RebuildResult {
  /** How many rows were brought back, which the catalog did not have. */
  connections: number;
  schedules: number;
  pins: number;
  /** How many complete backups there are now in all folders. */
  backups: number;
  /** Sentences for people. */
  warnings: string[];
}

/**
 * Brings the catalog back from storage: connections, schedules, pins, restores and audit from its newest whole copy, and
 * backups from their manifests. Only ended jobs are lost.
 */
export class CatalogRebuild {
  constructor(private readonly parts: CatalogRebuildParts) {}

  /** Whether the catalog is empty: it is new, or a crash came before it was filled. */
  async isNeeded(): Promise<boolean> {
    const { connections, backups } = this.parts.catalog;
    if ((await connections.page({ limit: 1 })).rows.length > 0) return false;
    return (await backups.folders()).length === 0;
  }

  /**
   * Keeps the rows of the catalog and adds the missing ones. Reads every manifest. Safe to call at any time. Throws
   * STORAGE_MISSING while the default folder's storage is away, which has the copies. With `acceptForeign`, a person says that
   * a copy may be used though it is not certain that this installation wrote it.
   */
  async rebuild({ acceptForeign = false }: { acceptForeign?: boolean } = {}): Promise<RebuildResult> {
    const { catalog, copies, catalogExport, storages, logger } = this.parts;
    await storages.default.requirePresent();
    const result: RebuildResult = { connections: 0, schedules: 0, pins: 0, backups: 0, warnings: [] };
    const isEmpty = await this.isNeeded();
    // A row that was deleted a moment ago must not come back.
    if (!isEmpty) await catalogExport.flush();
    // The copies of a catalog that is new, or has no connection yet, hold nothing.
    const began = isEmpty || (await catalog.connections.page({ limit: 1 })).rows.length === 0;
    let passedOver: string | undefined;
    const copy = await copies.newest(began || acceptForeign ? 'others' : 'own', {
      acceptForeign,
      onForeign: ({ madeAt, why }) => {
        passedOver ??= `The copy of the catalog of ${madeAt.toISOString()} was passed over: ${why}, so that somebody else may have written it. ${FOREIGN_REMEDY}`;
      },
    });
    if (passedOver !== undefined && (began || copy === undefined)) {
      logger.warn({}, passedOver);
      result.warnings.push(passedOver);
    }
    if (copy === undefined && passedOver === undefined) {
      result.warnings.push(
        'There is no copy of the catalog in storage: connections, schedules and pins stay as they are.',
      );
    } else if (copy !== undefined) {
      await this.bringBack(copy, isEmpty, result);
    }
    await this.parts.storageStore.load();
    await this.readFolders(result.warnings);
    result.backups = await catalog.backups.count({ status: 'complete' });
    const damaged = await catalog.backups.count({ status: 'damaged' });
    if (damaged > 0) result.warnings.push(`Damaged backups: ${damaged}; the list shows which.`);
    const { connections, schedules, pins, backups } = result;
    if (connections + schedules + pins > 0) {
      await catalog.outbox.append([domainEvent('CatalogRebuilt', { connections, schedules, pins, backups })]);
    }
    logger.info({ ...result }, 'the catalog was rebuilt from storage');
    return result;
  }

  private async bringBack(copy: CatalogCopy, isEmpty: boolean, result: RebuildResult): Promise<void> {
    const { catalog } = this.parts;
    const isOther = copy.catalogId !== catalog.id;
    if (isOther && !isEmpty) {
      result.warnings.push(`The copy was made of another catalog, at ${copy.madeAt.toISOString()}.`);
    }
    const before = await this.presentOf(copy);
    if (copy.foreign !== undefined) result.warnings.push(FOREIGN_TAKEN);
    const rows = copy.foreign === undefined ? copy.rows() : harmless(copy.rows());
    const isSame = isEmpty && copy.foreign === undefined;
    await catalog.importRows(isSame ? copy.catalogId : catalog.id, withoutPutBacks(rows));
    const after = await this.presentOf(copy);
    result.connections = after.connections - before.connections;
    result.schedules = after.schedules - before.schedules;
    result.pins = after.pins - before.pins;
  }

  /** Counts the rows of a copy that are in the catalog. */
  private async presentOf(copy: CatalogCopy): Promise<Pick<RebuildResult, 'connections' | 'schedules' | 'pins'>> {
    const { connections, schedules, backups } = this.parts.catalog;
    const ids: Record<string, string[]> = { connections: [], schedules: [], pins: [] };
    for await (const { table, row } of copy.rows()) ids[table]?.push(String(row['id']));
    const found = await Promise.all((ids['schedules'] ?? []).map((id) => schedules.get(id)));
    return {
      connections: (await connections.getMany(ids['connections'] ?? [])).length,
      schedules: found.filter((record) => record !== undefined).length,
      pins: (await backups.pinned(ids['pins'] ?? [])).size,
    };
  }

  private async readFolders(warnings: string[]): Promise<void> {
    const { storages, locations, index, logger } = this.parts;
    const usual = await locations.forReading(undefined).catch((error: unknown) => {
      warnings.push(messageOf(error));
      return undefined;
    });
    const all: ArtifactFolder[] = [...(usual === undefined ? [] : [usual]), ...(await index.folders())];
    for (const storage of storages.all()) {
      const found = await storage.foldersWithBackups().catch((error: unknown) => {
        logger.error({ err: error }, `the storage ${storage.name} could not be read`);
        warnings.push(`The storage ${storage.name} could not be read: ${messageOf(error)}`);
        return [];
      });
      all.push(...found.map((folder) => ({ storageId: storage.id, folder })));
    }
    for (const folder of new Map(all.map((each) => [textOfFolder(each), each])).values()) {
      const location = await storages.location(folder);
      try {
        await storages.requirePresent(folder);
        await (location === undefined ? index.forget(folder) : index.sync(folder, 'reread'));
      } catch (error) {
        logger.error({ err: error, folder: textOfFolder(folder) }, 'a folder of backups could not be read');
        warnings.push(`${location?.display('.') ?? 'A folder'} could not be read: ${messageOf(error)}`);
      }
    }
  }
}

/**
 * Drops the journal of a restore in place: it has ended since the copy was made, and its safety backup must not replace what the
 * database holds now. The journals of swaps stay, since the recovery decides by the state of the server.
 */
async function* withoutPutBacks(rows: AsyncIterable<CatalogRow>): AsyncGenerator<CatalogRow> {
  for await (const { table, row } of rows) {
    const inPlace = table === 'restores' && String(row['journal']).includes('"in_place"');
    yield { table, row: inPlace ? { ...row, journal: null } : row };
  }
}

const FOREIGN_REMEDY =
  'Put the secret key that it was signed with into the file of previous keys (SECRET_KEY_FILE with ".previous" behind it), start again and ' +
  'POST /api/catalog/rebuild; or, if nobody else can write into the storage, rebuild with accept_foreign_copy.';
const FOREIGN_TAKEN =
  'The copy of the catalog was not signed by this installation: connections came back without their passwords, and restores and audit not at all. ' +
  'Look at each connection before you give its password.';

/**
 * Returns the rows that are safe in a copy which somebody else may have written. It removes secrets, which could be sent to a
 * wrong host, and restores, whose journals make jobs drop or put back databases on a server.
 */
async function* harmless(rows: AsyncIterable<CatalogRow>): AsyncGenerator<CatalogRow> {
  for await (const { table, row } of rows) {
    // A storage of somebody else would get what this service stores.
    if (table === 'restores' || table === 'audit' || table === 'storages') continue;
    const secrets = { sealed_password: '', sealed_tls_key: null };
    yield { table, row: table === 'connections' ? { ...row, ...secrets } : row };
  }
}
