import type { Provider } from '@nestjs/common';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { BackupIndex, CatalogCopies, CatalogRebuild, ConnectionStore, ManifestSigner } from '@app/core';
import { SecretBox } from '@app/security';
import type { SigningKeys } from '@app/security';
import { BackupLocations, LocalStorage } from '@app/storage';
import { DriverRegistry } from '@app/drivers';
import { APP_CONFIG, CATALOG, CATALOG_COPY_KEYS, CLOCK, DATA_LOCK, LOGGER } from '../foundation/tokens.js';

/** A server that is started together with the service may take its time. */
const CATALOG_SERVER_MS = 30_000;

/** What the service knows, and what brings it back. */
export const CATALOG_PROVIDERS: Provider[] = [
  {
    provide: CATALOG,
    inject: [APP_CONFIG, CLOCK, LOGGER, DATA_LOCK],
    useFactory: ({ catalog }: AppConfig, clock: Clock, logger: Logger) =>
      openCatalog({ ...catalog, clock, logger, readyWithinMs: CATALOG_SERVER_MS }),
  },
  {
    provide: ConnectionStore,
    inject: [CATALOG, SecretBox, CLOCK],
    useFactory: (catalog: Catalog, secrets: SecretBox, clock: Clock) => new ConnectionStore(catalog, secrets, clock),
  },
  {
    provide: BackupIndex,
    inject: [CATALOG, LocalStorage, ManifestSigner, BackupLocations, DriverRegistry],
    useFactory: (
      catalog: Catalog,
      storage: LocalStorage,
      signer: ManifestSigner,
      locations: BackupLocations,
      drivers: DriverRegistry,
    ) => new BackupIndex({ catalog, storage, signer, locations, drivers }),
  },
  {
    provide: CatalogCopies,
    inject: [CATALOG, BackupLocations, CLOCK, LOGGER, CATALOG_COPY_KEYS],
    useFactory: (catalog: Catalog, locations: BackupLocations, clock: Clock, logger: Logger, keys: SigningKeys) =>
      new CatalogCopies({ catalog, locations, clock, logger, keys }),
  },
  {
    provide: CatalogRebuild,
    inject: [CATALOG, LocalStorage, BackupLocations, BackupIndex, CatalogCopies, LOGGER],
    useFactory: (
      catalog: Catalog,
      storage: LocalStorage,
      locations: BackupLocations,
      index: BackupIndex,
      copies: CatalogCopies,
      logger: Logger,
    ) => new CatalogRebuild({ catalog, storage, locations, index, copies, logger }),
  },
];
