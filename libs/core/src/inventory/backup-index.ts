import type { ArtifactReader, ManifestSigner } from '@app/artifact';
import type { BackupQuery, BackupRow, Catalog, NewEvent } from '@app/catalog';
import { DomainError, folderOf, keyIn, textOfFolder } from '@app/domain';
import type { ArtifactAddress, ArtifactFolder, Manifest } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import { domainEvent } from '@app/events';
import type { BackupLocation, BackupLocations, StorageRegistry, StoredFile } from '@app/storage';
import { isBackupFile, isOutdated, rowOfFile, rowOfManifest } from './backup-row.js';
import { signFormerBackups } from './former-backups.js';
import { lastWritten } from './last-written.js';

/** How many files are open at once, as a process has a limit of open files. */
const READ_AT_ONCE = 32;
const ROWS_AT_ONCE = 256;
/** The prefix of the remembered state of a folder. It changes with the content of the rows, so that every file is read again. */
const STATE_VERSION = '2 ';
/** How long a list trusts what it has seen in a remote storage, where each look is a request. */
const REMOTE_TRUST_MS = 60_000;
/** How often a page is read again because its files have changed. */
const PAGE_ATTEMPTS = 3;

export interface BackupIndexParts {
  catalog: Catalog;
  storages: StorageRegistry;
  reader: ArtifactReader;
  signer: ManifestSigner;
  locations: BackupLocations;
  drivers: DriverRegistry;
}

/**
 * `quick` trusts a folder whose own state did not change, and a remote one that was compared within the last minute; `thorough` looks at each file, and opens those that changed;
 * `reread` opens all files.
 */
export type SyncMode = 'quick' | 'thorough' | 'reread';

export type RemovedBackup = Pick<BackupRow, 'id' | 'storageId' | 'key' | 'connectionId' | 'database'>;

export interface IndexPage {
  rows: BackupRow[];
  /** Goes into `after` of the next query; undefined on the last page. */
  next: string | undefined;
  /** The number of backups that the whole query matches. */
  total: number;
  /** The ids of the rows that are pinned. */
  pinned: ReadonlySet<string>;
}

/**
 * Keeps the catalog's backups equal to the folders. The files are the truth and the rows are a copy of it, so that a
 * row may be behind at any moment, and each method says what it makes sure of. Errors are those of the catalog and of
 * the storage.
 */
export class BackupIndex {
  private readonly syncs = new Map<string, { mode: SyncMode; begun: boolean; done: Promise<void> }>();
  /** When each folder of a remote storage was compared, by the monotonic clock. */
  private readonly compared = new Map<string, number>();

  constructor(private readonly parts: BackupIndexParts) {}

  /**
   * Afterwards the rows of a folder hold every file that existed at the time of the call, and no other. Every mode but `quick`
   * notices files that were altered in place.
   */
  async sync(folder: ArtifactFolder, mode: SyncMode = 'quick'): Promise<void> {
    const name = textOfFolder(folder);
    const before = this.syncs.get(name);
    // A pass that has not begun yet will see everything that is there now, so all callers share it until then.
    if (before?.begun === false && before.mode === mode) return before.done;
    const sync = { mode, begun: false, done: Promise.resolve() };
    sync.done = (before?.done ?? Promise.resolve())
      .catch(() => undefined)
      .then(async () => {
        sync.begun = true;
        await this.compare(folder, mode);
      })
      .finally(() => {
        if (this.syncs.get(name) === sync) this.syncs.delete(name);
      });
    this.syncs.set(name, sync);
    return sync.done;
  }

  /**
   * Runs {@link sync} for the default folder and for every other known folder. It forgets folders that are gone or that the
   * service may not read. It keeps the rows of a storage that is away, or that this service does not have.
   */
  async syncEverywhere(mode: SyncMode = 'quick'): Promise<void> {
    const { storages, locations } = this.parts;
    const usual = await locations.forReading(undefined).catch(unlessAway);
    const all = [...(usual === undefined ? [] : [usual]), ...(await this.folders())];
    for (const folder of new Map(all.map((each) => [textOfFolder(each), each])).values()) {
      if ((await storages.requirePresent(folder).catch(isAway)) === true) continue;
      const location = await storages.location(folder);
      await (location === undefined ? this.forget(folder) : this.sync(folder, mode));
    }
  }

  /** Lists every folder of a storage that holds backups, as when the storage was just added. */
  async discover(storageId: string): Promise<void> {
    for (const folder of await this.parts.storages.of({ storageId }).foldersWithBackups()) {
      await this.sync({ storageId, folder }, 'thorough');
    }
  }

  /** To be called after an update of the service: compares each folder that an earlier version has compared. */
  async upgrade(): Promise<void> {
    for (const folder of await this.folders()) {
      if ((await this.parts.catalog.backups.folderState(folder))?.startsWith(STATE_VERSION) === true) continue;
      const location = await this.parts.storages.location(folder);
      if (location !== undefined) await this.sync(folder, 'thorough');
    }
  }

  /** Lists the folders that were ever compared. */
  folders(): Promise<ArtifactFolder[]> {
    return this.parts.catalog.backups.folders();
  }

  /** Adds the row of a backup that was just made, without reading the folder. */
  async published(manifest: Manifest, file: StoredFile, location: BackupLocation): Promise<void> {
    const row = rowOfManifest(manifest, file, location.storageId);
    await this.parts.catalog.transaction(async ({ backups, outbox }) => {
      await backups.put([row]);
      await outbox.append([backupSucceeded(manifest)]);
    });
  }

  /** Updates the row of a file that was just changed. `events` tell what has changed. */
  async changed({ storageId, key }: ArtifactAddress, events: readonly NewEvent[] = []): Promise<void> {
    const file = await this.parts.storages.of({ storageId }).stat(key);
    const row = file === undefined ? undefined : await rowOfFile(file, storageId, this.parts);
    await this.parts.catalog.transaction(async ({ backups, outbox }) => {
      if (row !== undefined) await backups.put([row]);
      await outbox.append(events);
    });
  }

  /** Returns a manifest that was read at an address, with the verdict of the last one that was seen there for this backup. */
  async lastWritten(address: ArtifactAddress, manifest: Manifest): Promise<Manifest> {
    const revisions = await this.parts.catalog.backups.revisions(address);
    return lastWritten(manifest, revisions).manifest;
  }

  /** Removes the row of a backup that was just deleted. */
  async removed(
    { id: backupId, storageId, key, connectionId, database }: RemovedBackup,
    because: 'expired' | 'requested',
  ): Promise<void> {
    await this.parts.catalog.transaction(async ({ backups, outbox }) => {
      await backups.remove(storageId, [key]);
      await backups.forgetRevisions({ storageId, key });
      await outbox.append([domainEvent('BackupRemoved', { backupId, connectionId, database, because })]);
    });
  }

  /** Looks only at the local files of these rows. Returns the rows as they are now, without those whose file is gone. */
  async refresh(rows: readonly BackupRow[]): Promise<BackupRow[]> {
    const { storages, catalog } = this.parts;
    const looked = await inBatches(rows, READ_AT_ONCE, async (row) => {
      if (storages.of(row).isRemote) return row;
      const file = await storages.of(row).stat(row.key);
      if (file === undefined || !isBackupFile(file)) return undefined;
      return isOutdated(row, file) ? rowOfFile(file, row.storageId, this.parts) : row;
    });
    const changed = looked.filter((row, at) => row !== undefined && row !== rows[at]) as BackupRow[];
    if (changed.length > 0) await catalog.backups.put(changed);
    const gone = rows.filter((_, at) => looked[at] === undefined);
    for (const row of gone) {
      if ((await storages.requirePresent(folderOf(row)).catch(isAway)) === true) return [...rows];
    }
    for (const row of gone) {
      // A folder that vanishes and comes back, as a mount does, must not count as unchanged.
      await catalog.backups.setFolderState(folderOf(row), STATE_VERSION);
      await catalog.backups.remove(row.storageId, [row.key]);
    }
    return looked.filter((row) => row !== undefined);
  }

  /** Returns one page as the catalog has it. */
  async rows(
    query: BackupQuery,
  ): Promise<{ rows: BackupRow[]; next: string | undefined; pinned: ReadonlySet<string> }> {
    const { rows, next } = await this.parts.catalog.backups.page(query);
    return { rows, next, pinned: await this.pinned(rows.map(({ id }) => id)) };
  }

  /** Returns those of these ids that are pinned. */
  pinned(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.parts.catalog.backups.pinned(ids);
  }

  /** Returns one page whose rows were compared with their files. It does not compare the folders: see {@link sync}. */
  async page(query: BackupQuery): Promise<IndexPage> {
    const { backups } = this.parts.catalog;
    const { limit: _limit, after: _after, sort: _sort, order: _order, ...selection } = query;
    for (let attempt = 1; ; attempt += 1) {
      const { rows: found, next } = await backups.page(query);
      const rows = await this.refresh(found);
      const unchanged = rows.length === found.length && rows.every((row, at) => row === found[at]);
      if (!unchanged && attempt < PAGE_ATTEMPTS) continue;
      const [total, pinned] = await Promise.all([backups.count(selection), this.pinned(rows.map(({ id }) => id))]);
      return { rows, next, total, pinned };
    }
  }

  /** Returns every place of a backup. It searches folders for new files only when no known folder has the backup. */
  async get(id: string): Promise<BackupRow[]> {
    const known = async (): Promise<BackupRow[]> =>
      (await this.refresh(await this.parts.catalog.backups.get(id))).filter((row) => row.id === id);
    const rows = await known();
    if (rows.length > 0) return rows;
    await this.syncEverywhere();
    return known();
  }

  /** Removes every row of a folder; it does not touch the files. */
  async forget(folder: ArtifactFolder): Promise<void> {
    const { backups } = this.parts.catalog;
    const rows = await backups.known(folder);
    await this.removeRows(
      folder,
      rows.map(({ filename }) => filename),
    );
    if ((await backups.folderState(folder)) !== STATE_VERSION) await backups.setFolderState(folder, STATE_VERSION);
  }

  private async compare(folder: ArtifactFolder, mode: SyncMode): Promise<void> {
    const { catalog, storages } = this.parts;
    const { storageId } = folder;
    const storage = storages.of(folder);
    // The state is read before the files, so that a later change makes the next state a different one.
    const name = textOfFolder(folder);
    if (mode === 'quick' && storage.isRemote) {
      if (performance.now() - (this.compared.get(name) ?? -Infinity) < REMOTE_TRUST_MS) return;
      this.compared.set(name, performance.now());
    }
    const state = await storage.folderState(folder.folder);
    const remembered = await catalog.backups.folderState(folder);
    if (mode === 'quick' && state !== undefined && remembered === STATE_VERSION + state) return;
    const isCurrent = remembered?.startsWith(STATE_VERSION) === true;
    if (!isCurrent) await signFormerBackups(this.parts, folder);
    // The rows are read before the folder, so that a backup that is published in between does not count as gone.
    const known = new Map((await catalog.backups.known(folder)).map((row) => [row.filename, row]));
    const files = (await storage.list(folder.folder)).filter(isBackupFile);
    const all = mode === 'reread' || !isCurrent;
    const wanted = files.filter((file) => {
      const row = known.get(file.filename);
      return all || row === undefined || isOutdated(row, file);
    });
    for (let from = 0; from < wanted.length; from += ROWS_AT_ONCE) {
      const some = wanted.slice(from, from + ROWS_AT_ONCE);
      const rows = await inBatches(some, READ_AT_ONCE, (file) => rowOfFile(file, storageId, this.parts));
      await catalog.backups.put(rows.filter((row) => row !== undefined));
    }
    const there = new Set(files.map(({ filename }) => filename));
    await storage.requirePresent(folder.folder);
    await this.removeRows(
      folder,
      [...known.keys()].filter((filename) => !there.has(filename)),
    );
    const now = STATE_VERSION + (state ?? '');
    if (remembered !== now) await catalog.backups.setFolderState(folder, now);
  }

  private async removeRows({ storageId, folder }: ArtifactFolder, filenames: readonly string[]): Promise<void> {
    for (let from = 0; from < filenames.length; from += ROWS_AT_ONCE) {
      const some = filenames.slice(from, from + ROWS_AT_ONCE);
      await this.parts.catalog.backups.remove(
        storageId,
        some.map((filename) => keyIn(folder, filename)),
      );
    }
  }
}

function backupSucceeded(manifest: Manifest): NewEvent {
  const { id: backupId, kind, db_type: dbType, database, size, duration_ms: durationMs } = manifest;
  const { connection_id: connectionId = null, schedule_id: scheduleId = null } = manifest;
  return domainEvent('BackupSucceeded', {
    ...{ backupId, connectionId, scheduleId, kind, dbType, database, size, durationMs },
  });
}

/** Returns true for the error of a storage that is away, and rethrows any other. */
function isAway(error: unknown): true {
  if (error instanceof DomainError && error.code === 'STORAGE_MISSING') return true;
  throw error;
}

function unlessAway(error: unknown): undefined {
  isAway(error);
}

/** Does `work` on each item, at most `atOnce` at a time. The results are in the order of the items. */
async function inBatches<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  }
  return results;
}
