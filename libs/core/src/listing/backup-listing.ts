import type { BackupQuery, BackupRow, BackupSort, SortOrder } from '@app/catalog';
import type { ArtifactAddress, ArtifactFolder, BackupStatus, Manifest } from '@app/domain';
import { DomainError, folderOf, textOfFolder } from '@app/domain';
import type { BackupLocation, BackupLocations, StorageRegistry } from '@app/storage';
import type { BackupIndex } from '../inventory/backup-index.js';
import { recordOfRow } from '../inventory/backup-record.js';
import type { BackupRecord } from '../inventory/backup-record.js';
import { newestFirst } from '../retention/retention-policy.js';

const LIST_AT_ONCE = 500;

export interface BackupPageQuery {
  /** Default: `created`. */
  sort?: BackupSort | undefined;
  /** Default: `desc`. */
  order?: SortOrder | undefined;
  /** The folder as the caller gave it. Absent: the default folder, or every known folder when a connection is given. */
  location?: string | undefined;
  /** Search every known folder when no location is given. */
  everywhere?: boolean | undefined;
  /** Only backups that were made over one of these connections. */
  connectionId?: string | readonly string[] | undefined;
  /** A part of the file or database name, in upper or lower case. */
  search?: string | undefined;
  status?: BackupStatus | undefined;
  limit: number;
  after?: string | undefined;
}

export interface BackupPage {
  records: BackupRecord[];
  /** Goes into `after` of the next query; undefined on the last page. */
  next: string | undefined;
  /** The number of backups on all pages. */
  total: number;
}

/** A backup, or a foreign file, that exists. */
export interface FoundBackup {
  record: BackupRecord;
  row: BackupRow;
  /** Undefined for a foreign file, and for a manifest that cannot be read. */
  manifest: Manifest | undefined;
  location: BackupLocation;
  address: ArtifactAddress;
}

/** Lists backups: those of ours by their manifests, and foreign dumps. The newest comes first. */
export class BackupListing {
  constructor(private readonly parts: { index: BackupIndex; storages: StorageRegistry; locations: BackupLocations }) {}

  /** Lists all backups of a folder; none before the first backup. Throws LOCATION_NOT_FOUND or INVALID_PATH for a bad location. */
  async list(location?: string): Promise<BackupRecord[]> {
    const { index, locations } = this.parts;
    const folder = await locations.forReading(location);
    if (folder === undefined) return [];
    await index.sync(folder, 'thorough');
    const listed: { row: BackupRow; pinned: boolean }[] = [];
    let after: string | undefined;
    do {
      const page = await index.rows(queryOf({ folder: folderIn(folder), limit: LIST_AT_ONCE, after }));
      listed.push(...page.rows.map((row) => ({ row, pinned: page.pinned.has(row.id) })));
      after = page.next;
    } while (after !== undefined);
    return listed
      .toSorted((a, b) => newestFirst(a.row, b.row))
      .map(({ row, pinned }) => recordOfRow(row, folder, pinned));
  }

  /** Returns one page, at a cost that does not depend on the number of backups. Throws the same errors as {@link list}. */
  async page(query: BackupPageQuery): Promise<BackupPage> {
    const { index, locations } = this.parts;
    const { location: given, everywhere = query.connectionId !== undefined, ...selection } = query;
    let folder: BackupLocation | undefined;
    if (given === undefined && everywhere) {
      await index.syncEverywhere();
    } else {
      folder = await locations.forReading(given);
      if (folder === undefined) return { records: [], next: undefined, total: 0 };
      await index.sync(folder);
    }
    const { rows, next, total, pinned } = await index.page(
      queryOf({ ...selection, folder: folder && folderIn(folder) }),
    );
    const found = await this.placesOf(rows, folder);
    return { records: found.map(({ row, location }) => recordOfRow(row, location, pinned.has(row.id))), next, total };
  }

  /**
   * Finds a backup by its id in every folder. It prefers a complete file when several have the id. Throws BACKUP_NOT_FOUND, and
   * STORAGE_MISSING when every storage that has it is away.
   */
  async find(id: string): Promise<FoundBackup> {
    const places = await this.placesOf(await this.presentOf(await this.parts.index.get(id)));
    const place = places.find(({ row }) => row.status === 'complete') ?? places[0];
    if (place === undefined) {
      throw new DomainError('BACKUP_NOT_FOUND', `There is no backup ${id}.`, {
        hint: 'GET /api/backups lists those that there are.',
      });
    }
    const { row, location } = place;
    const pinned = await this.parts.index.pinned([id]);
    return {
      record: recordOfRow(row, location, pinned.has(id)),
      row,
      manifest: row.manifest ?? undefined,
      location,
      address: { storageId: row.storageId, key: row.key },
    };
  }

  /** Leaves out backups on a storage that is away. Throws STORAGE_MISSING when there are no others. */
  private async presentOf(rows: readonly BackupRow[]): Promise<BackupRow[]> {
    const present: BackupRow[] = [];
    let away: DomainError | undefined;
    for (const row of rows) {
      try {
        await this.parts.storages.requirePresent(folderOf(row));
        present.push(row);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'STORAGE_MISSING') throw error;
        away = error;
      }
    }
    if (present.length === 0 && away !== undefined) throw away;
    return present;
  }

  /** Adds the location to each backup, and leaves out those in folders that are no backup folders any more. */
  private async placesOf(
    rows: readonly BackupRow[],
    known?: BackupLocation,
  ): Promise<{ row: BackupRow; location: BackupLocation }[]> {
    const locations = new Map<string, BackupLocation | undefined>(
      known === undefined ? [] : [[textOfFolder(known), known]],
    );
    for (const row of rows) {
      const name = textOfFolder(folderOf(row));
      if (!locations.has(name)) locations.set(name, await this.parts.storages.location(folderOf(row)));
    }
    return rows.flatMap((row) => {
      const location = locations.get(textOfFolder(folderOf(row)));
      return location === undefined ? [] : [{ row, location }];
    });
  }
}

function folderIn({ storageId, folder }: BackupLocation): ArtifactFolder {
  return { storageId, folder };
}

/** Removes undefined fields, which the catalog would not treat as absent. */
function queryOf(query: { [K in keyof BackupQuery]: BackupQuery[K] | undefined }): BackupQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as unknown as BackupQuery;
}
