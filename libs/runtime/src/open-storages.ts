import { resolve } from 'node:path';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import {
  LOCAL_STORAGE,
  localStorages,
  NamedLocations,
  s3StorageFactory,
  StorageIdentity,
  StorageKinds,
} from '@app/storage';
import type {
  BackupLocations,
  ConfiguredStorage,
  LocalStorages,
  StorageRegistry,
  StorageSites,
  StorageWriter,
} from '@app/storage';

export interface Storages {
  /** The kinds that people can add. */
  readonly kinds: StorageKinds;
  /** The storages of the environment, the default one first. */
  readonly configured: readonly ConfiguredStorage[];
  readonly storages: StorageRegistry;
  readonly locations: BackupLocations;
  readonly sites: StorageSites;
  /** The paths of the folders for backups on this machine. */
  readonly folders: readonly string[];
}

/**
 * Makes the storages of the configuration, and gives the backups that an earlier version has listed by their paths the addresses
 * that they have now.
 */
export async function openStorages(config: AppConfig, catalog: Catalog, writer: StorageWriter): Promise<Storages> {
  const { backupDir, allowedBackupDirs, workingDirectory } = config;
  const holder = await catalog.storageRoots.holder(LOCAL_STORAGE, resolve(workingDirectory, backupDir));
  const identity = new StorageIdentity(catalog.storageRoots);
  const local = localStorages({
    ...{ identity, writer, holder, workingDirectory },
    defaultLocation: backupDir,
    allowedRoots: allowedBackupDirs,
  });
  for (const folder of await catalog.backups.unassigned()) {
    const address = await local.addressOf(folder);
    if (address !== undefined) await catalog.backups.assign(folder, address);
  }
  for (const { id, settings } of local.configured) await catalog.storageRoots.holder(id, settings['folder'] ?? '');
  await knowFormerFolders(catalog, local);
  const { configured, sites, folders } = local;
  const storages = new StorageKinds([local.factory]).open(configured);
  return {
    // A new kind of storage is added here.
    kinds: new StorageKinds([s3StorageFactory({ writer })]),
    ...{ configured, storages, locations: new NamedLocations(storages, local.locations), sites, folders },
  };
}

/**
 * Lets the storages of this configuration know the folders in them that those of an earlier one have listed: the operator may have
 * named the folder above, or a link. The next comparison reads them.
 */
async function knowFormerFolders(catalog: Catalog, local: LocalStorages): Promise<void> {
  const roots = new Map((await catalog.storageRoots.holders()).map(({ storageId, root }) => [storageId, root]));
  for (const { storageId, folder } of await catalog.backups.folders()) {
    const root = roots.get(storageId);
    const now = root === undefined ? undefined : await local.addressIn(root, folder);
    if (now === undefined || (now.storageId === storageId && now.folder === folder)) continue;
    await catalog.backups.knowAlsoAt({ storageId, folder }, now);
  }
}
