import { join } from 'node:path';
import { ArtifactReader, ArtifactWriter } from '@app/artifact';
import { BackupAdoption, BackupIndex, BackupListing, BackupRemoval, ConnectionStore } from '@app/core';
import { CatalogCopies, CatalogExport, CatalogRebuild, StorageStore, StorageSweep, VerifiedBackups } from '@app/core';
import { CATALOG_FOLDER } from '@app/storage';
import { buildDrivers } from './build-drivers.js';
import type { Foundation } from './foundation.js';
import type { RuntimeOverrides } from './overrides.js';

/** The connections, the drivers, the backups in the storages, and what brings the catalog back. */
export function buildInventory(foundation: Foundation, overrides: RuntimeOverrides) {
  const { config, clock, logger, secrets, signer, catalogCopyKeys, catalog, kinds, storages, locations, folders } =
    foundation;
  const connections = new ConnectionStore(catalog, secrets, clock);
  const storageStore = new StorageStore({ catalog, secrets, kinds, storages, clock, logger });
  const reader = new ArtifactReader(storages);
  const writer = new ArtifactWriter(storages, signer);
  const drivers = buildDrivers(foundation, overrides);
  const index = new BackupIndex({ catalog, storages, reader, signer, locations, drivers });
  const listing = new BackupListing({ index, storages, locations });
  const verified = new VerifiedBackups(catalog, storages);
  const removal = new BackupRemoval({ catalog, storages, signer, index, logger });
  const adoption = new BackupAdoption({ storages, reader, signer, index, clock, logger });
  const sweep = new StorageSweep(storages, logger);
  const catalogCopies = new CatalogCopies({
    ...{ catalog, clock, logger, keys: catalogCopyKeys },
    storage: storages.default,
    folder: join(folders[0] ?? config.backupDir, CATALOG_FOLDER),
  });
  const catalogExport = new CatalogExport({ catalog, copies: catalogCopies });
  const catalogRebuild = new CatalogRebuild({
    ...{ catalog, storages, storageStore, locations, index, catalogExport, logger },
    copies: catalogCopies,
  });
  return {
    ...{
      connections,
      storageStore,
      drivers,
      reader,
      writer,
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
