import type { BackupRow, Catalog, RestoreRecord } from '@app/catalog';
import { DomainError, folderOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { BackupLocations, StorageRegistry } from '@app/storage';
import type { BackupIndex } from '../inventory/backup-index.js';
import type { ConnectionStore } from '../connections/connection-store.js';

export interface UndoFactsParts {
  catalog: Catalog;
  connections: Pick<ConnectionStore, 'paramsOf'>;
  drivers: DriverRegistry;
  locations: Pick<BackupLocations, 'file'>;
  storages: Pick<StorageRegistry, 'location'>;
  index: Pick<BackupIndex, 'refresh'>;
  logger: Logger;
}

/** How long a list of restores waits for servers. What is not known by then is shown as the catalog has it. */
const LOOK_WITHIN_MS = 2_000;
/** How long a server that did not answer is not asked again. */
const PAUSE_MS = 30_000;

/**
 * Whether the previous database or safety backup of a restore is still there; undefined when that could not be seen.
 * `unusable`: it is altered, or out of reach for now. The catalog keeps what it knows of it, and its protection from deletion.
 */
export type Sight = 'there' | 'broken' | 'gone' | 'unusable' | undefined;

/**
 * Corrects what the catalog says of undos: people can drop previous databases, kept tables and safety backups themselves, and
 * kept tables go with the database that holds them when it is replaced, and come back with it.
 */
export class UndoFacts {
  private readonly silent = new Map<string, number>();

  constructor(private readonly parts: UndoFactsParts) {}

  /** The same records as they are now, in the same order. Never rejects for a server that does not answer. */
  async look(records: readonly RestoreRecord[]): Promise<RestoreRecord[]> {
    const asked = records.filter(({ copyState, journal }) => journal === null && STATES.has(copyState));
    const sights = new Map<string, Sight>();
    const moved = new Map<string, string>();
    const copies = Map.groupBy(
      asked.filter(({ copy }) => copy !== null),
      ({ connectionId, database, tables }) => JSON.stringify([connectionId, tables === null ? null : database]),
    );
    await Promise.all([
      ...[...copies.values()].map((some) => this.lookAtCopies(some, sights)),
      ...asked.filter(({ copy }) => copy === null).map((record) => this.lookAtBackup(record, sights, moved)),
    ]);
    return Promise.all(records.map((record) => this.noted(record, sights.get(record.id), moved.get(record.id))));
  }

  /** Looks at one previous database, whatever its state, and always asks the server. */
  async sightOf(record: RestoreRecord): Promise<Sight> {
    const sights = new Map<string, Sight>();
    this.silent.delete(record.connectionId ?? '');
    await this.lookAtCopies([record], sights);
    return sights.get(record.id);
  }

  private async lookAtCopies(records: readonly RestoreRecord[], sights: Map<string, Sight>): Promise<void> {
    const { connections, drivers, logger } = this.parts;
    const [first] = records;
    const connectionId = first?.connectionId ?? null;
    if (first === undefined || connectionId === null || (this.silent.get(connectionId) ?? 0) > performance.now())
      return;
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      const connection = { ...(await connections.paramsOf(connectionId)), database: first.database };
      const driver = drivers.get(first.dbType);
      const looking = (first.tables === null ? driver.swap : driver.tables).copies(connection, late.signal);
      looking.catch(() => undefined);
      const end = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new DomainError('CONNECTION_TIMEOUT', 'It takes too long.')), LOOK_WITHIN_MS);
      });
      // Some servers make names lower case. No two restores give a database the same name.
      const found = new Map((await Promise.race([looking, end])).map(({ name, whole }) => [name.toLowerCase(), whole]));
      for (const { id, copy } of records) {
        const whole = found.get(copy?.toLowerCase() ?? '');
        sights.set(id, whole === undefined ? 'gone' : whole ? 'there' : 'broken');
      }
    } catch (error) {
      this.silent.set(connectionId, performance.now() + PAUSE_MS);
      logger.debug({ err: error, connectionId }, 'the previous databases on a server could not be listed');
    } finally {
      clearTimeout(timer);
      late.abort();
    }
  }

  /** `moved` holds the present paths of backups that are not where the catalog has them. */
  private async lookAtBackup(
    record: RestoreRecord,
    sights: Map<string, Sight>,
    moved: Map<string, string>,
  ): Promise<void> {
    const { locations } = this.parts;
    const found = await this.safetyBackup(record);
    if (found !== undefined) {
      sights.set(record.id, isAltered(found.row) ? 'unusable' : 'there');
      if (found.path !== record.safetyBackupPath) moved.set(record.id, found.path);
      return;
    }
    try {
      await locations.file(record.safetyBackupPath ?? '');
      sights.set(record.id, 'there');
    } catch (error) {
      if (!(error instanceof DomainError)) return;
      if (error.code === 'BACKUP_NOT_FOUND') sights.set(record.id, 'gone');
      else if (OUT_OF_REACH.has(error.code)) sights.set(record.id, 'unusable');
    }
  }

  /** Finds the backup by its id, wherever in the backup folders it is by now. */
  private async safetyBackup({ safetyBackupId }: RestoreRecord): Promise<{ row: BackupRow; path: string } | undefined> {
    const { catalog, index, locations, storages } = this.parts;
    if (safetyBackupId === null) return undefined;
    const places: { row: BackupRow; path: string }[] = [];
    for (const row of await index.refresh(await catalog.backups.get(safetyBackupId))) {
      const location = row.id === safetyBackupId ? await storages.location(folderOf(row)) : undefined;
      const path = location?.display(row.filename);
      // A backup in a storage that is away cannot be seen, but is not known to be gone.
      if (path !== undefined && (await locations.file(path).catch(() => undefined)) !== undefined)
        places.push({ row, path });
    }
    return places.find(({ row }) => !isAltered(row)) ?? places[0];
  }

  private async noted(record: RestoreRecord, sight: Sight, path: string | undefined): Promise<RestoreRecord> {
    const { restores } = this.parts.catalog;
    const { id, copyState } = record;
    if (sight === 'unusable') return { ...record, copyState: 'lost' };
    if (path !== undefined) await restores.update(id, { safetyBackupPath: path });
    const becomes = sight === undefined ? undefined : (BECOMES[copyState]?.[sight] ?? undefined);
    if (becomes !== undefined) await restores.moveCopy(id, copyState, becomes);
    return path === undefined && becomes === undefined ? record : ((await restores.get(id)) ?? record);
  }
}

/** Whether the file is not the one that was written, by its size or by the last complete reading. */
function isAltered({ status, manifest, size, fileModifiedAt }: BackupRow): boolean {
  if (status !== 'damaged') return false;
  const failed = manifest?.verification.failed;
  if (manifest === null || manifest.size !== size || failed === undefined) return true;
  return failed.level === 'stored' && fileModifiedAt <= Date.parse(failed.at);
}

/** Whether the folder is no backup folder any more, or its storage is away. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['INVALID_PATH', 'LOCATION_NOT_FOUND', 'STORAGE_MISSING']);

type Becomes = Partial<Record<Exclude<Sight, 'unusable' | undefined>, RestoreRecord['copyState']>>;

/** A database that came back is kept again, and is dropped like the others when its time is over. */
const BECOMES: Readonly<Partial<Record<RestoreRecord['copyState'], Becomes>>> = {
  kept: { gone: 'lost', broken: 'dropping' },
  lost: { there: 'kept', broken: 'dropping' },
};
const STATES = new Set(Object.keys(BECOMES));
