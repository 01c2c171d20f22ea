import { ArtifactReader, ArtifactWriter } from '@app/artifact';
import { BackupAdoption, BackupIndex, BackupListing, BackupRemoval, ConnectionStore, StorageIdentity } from '@app/core';
import { CatalogCopies, CatalogExport, CatalogRebuild, StorageSweep, VerifiedBackups } from '@app/core';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import { BackupLocations, LocalStorage } from '@app/storage';
import type { Foundation } from './foundation.js';
import type { RuntimeOverrides } from './overrides.js';

/** The connections, the drivers, the storages and the backups in them, and what brings the catalog back. */
export function buildInventory(foundation: Foundation, overrides: RuntimeOverrides) {
  const { config, clock, logger, lock, secrets, signer, catalogCopyKeys, catalog } = foundation;
  const connections = new ConnectionStore(catalog, secrets, clock);
  const storage = new LocalStorage(lock);
  const reader = new ArtifactReader(storage);
  const writer = new ArtifactWriter(storage, signer);
  const storageIdentity = new StorageIdentity(catalog);
  const locations = new BackupLocations({
    guard: storageIdentity,
    defaultLocation: config.backupDir,
    allowedRoots: config.allowedBackupDirs,
    workingDirectory: config.workingDirectory,
  });
  const driverOptions = { runtimeDir: config.runtimeDir, dataFolders: [config.dataDir, ...locations.roots] };
  const drivers = new DriverRegistry(
    overrides.drivers?.(driverOptions) ?? [new PostgresDriver(driverOptions), new MysqlDriver(driverOptions)],
  );
  const index = new BackupIndex({ catalog, storage, reader, signer, locations, drivers });
  const listing = new BackupListing({ index, locations });
  const verified = new VerifiedBackups(catalog, locations);
  const removal = new BackupRemoval({ catalog, storage, signer, locations, index, logger });
  const adoption = new BackupAdoption({ storage, reader, signer, index, clock, logger });
  const sweep = new StorageSweep(storage, locations, logger);
  const catalogCopies = new CatalogCopies({ catalog, locations, clock, logger, keys: catalogCopyKeys });
  const catalogExport = new CatalogExport({ catalog, copies: catalogCopies });
  const catalogRebuild = new CatalogRebuild({
    ...{ catalog, storage, locations, index, catalogExport, logger },
    copies: catalogCopies,
  });
  return {
    ...{
      connections,
      drivers,
      storage,
      reader,
      writer,
      storageIdentity,
      locations,
      index,
      listing,
      verified,
      removal,
      adoption,
      sweep,
    },
    ...{ catalogCopies, catalogExport, catalogRebuild },
  };
}

export type Inventory = ReturnType<typeof buildInventory>;
