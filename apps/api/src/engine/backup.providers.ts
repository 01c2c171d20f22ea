import type { Provider } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import {
  BackupAdoption,
  BackupIndex,
  BackupListing,
  BackupRemoval,
  BackupRunner,
  BackupVerification,
  GlobalsRestore,
  ManifestSigner,
  VerifiedBackups,
  RestoreRunner,
  RestoredVerification,
  RetentionService,
  VerificationServers,
  StorageIdentity,
  StorageSweep,
} from '@app/core';
import { EventLog } from '@app/jobs';
import { BackupLocations, LocalStorage } from '@app/storage';
import type { StorageWriter } from '@app/storage';
import { APP_CONFIG, CATALOG, CLOCK, DATA_LOCK, LOGGER } from '../foundation/tokens.js';

const HOUR_MS = 3_600_000;

/** Backups: where they are, how they are made, proven, kept and restored. */
export const BACKUP_PROVIDERS: Provider[] = [
  { provide: LocalStorage, inject: [DATA_LOCK], useFactory: (writer: StorageWriter) => new LocalStorage(writer) },
  {
    provide: DriverRegistry,
    inject: [APP_CONFIG, BackupLocations],
    useFactory: ({ runtimeDir, dataDir }: AppConfig, locations: BackupLocations) => {
      const options = { runtimeDir, dataFolders: [dataDir, ...locations.roots] };
      return new DriverRegistry([new PostgresDriver(options), new MysqlDriver(options)]);
    },
  },
  {
    provide: StorageIdentity,
    inject: [CATALOG],
    useFactory: (catalog: Catalog) => new StorageIdentity(catalog),
  },
  {
    provide: BackupLocations,
    inject: [APP_CONFIG, StorageIdentity],
    useFactory: (config: AppConfig, guard: StorageIdentity) =>
      new BackupLocations({
        guard,
        defaultLocation: config.backupDir,
        allowedRoots: config.allowedBackupDirs,
        workingDirectory: config.workingDirectory,
      }),
  },
  {
    provide: BackupListing,
    inject: [BackupIndex, BackupLocations],
    useFactory: (index: BackupIndex, locations: BackupLocations) => new BackupListing({ index, locations }),
  },
  {
    provide: VerificationServers,
    inject: [DriverRegistry, CLOCK, LOGGER, APP_CONFIG, DATA_LOCK, SettingsStore],
    useFactory: (
      drivers: DriverRegistry,
      clock: Clock,
      logger: Logger,
      { verify }: AppConfig,
      runs: StorageWriter,
      settings: SettingsStore,
    ) =>
      new VerificationServers({
        drivers,
        clock,
        logger,
        runs,
        folder: verify.folder,
        named: verify.servers,
        enginesFolder: verify.enginesFolder,
        tools: async () => (await settings.load()).tools,
      }),
  },
  {
    provide: RestoredVerification,
    inject: [DriverRegistry, VerificationServers, SettingsStore],
    useFactory: (drivers: DriverRegistry, verificationServers: VerificationServers, settings: SettingsStore) =>
      new RestoredVerification({ drivers, verificationServers, tools: async () => (await settings.load()).tools }),
  },
  {
    provide: BackupVerification,
    inject: [LocalStorage, ManifestSigner, BackupIndex, RestoredVerification, CLOCK, EventLog, LOGGER, APP_CONFIG],
    useFactory: (
      storage: LocalStorage,
      signer: ManifestSigner,
      index: BackupIndex,
      restored: RestoredVerification,
      clock: Clock,
      events: EventLog,
      logger: Logger,
      { verify }: AppConfig,
    ) => new BackupVerification({ storage, signer, index, restored, clock, events, logger, compare: verify.compare }),
  },
  {
    provide: RetentionService,
    inject: [CATALOG, LocalStorage, ManifestSigner, BackupLocations, BackupIndex, CLOCK, LOGGER, APP_CONFIG, EventLog],
    useFactory: (
      catalog: Catalog,
      storage: LocalStorage,
      signer: ManifestSigner,
      locations: BackupLocations,
      index: BackupIndex,
      clock: Clock,
      logger: Logger,
      config: AppConfig,
      events: EventLog,
    ) =>
      new RetentionService({
        catalog,
        storage,
        signer,
        locations,
        index,
        clock,
        logger,
        defaultPolicy: { keepLast: config.backup.retentionCount },
        timezone: config.schedule.timezone,
        onRemoved: ({ id, connectionId }) =>
          events.publish({ type: 'backup', change: 'removed', backupId: id, connectionId }),
      }),
  },
  {
    provide: BackupRemoval,
    inject: [CATALOG, LocalStorage, ManifestSigner, BackupLocations, BackupIndex, EventLog, LOGGER],
    useFactory: (
      catalog: Catalog,
      storage: LocalStorage,
      signer: ManifestSigner,
      locations: BackupLocations,
      index: BackupIndex,
      events: EventLog,
      logger: Logger,
    ) => new BackupRemoval({ catalog, storage, signer, locations, index, events, logger }),
  },
  {
    provide: BackupAdoption,
    inject: [LocalStorage, ManifestSigner, BackupIndex, CLOCK, EventLog, LOGGER],
    useFactory: (
      storage: LocalStorage,
      signer: ManifestSigner,
      index: BackupIndex,
      clock: Clock,
      events: EventLog,
      logger: Logger,
    ) => new BackupAdoption({ storage, signer, index, clock, events, logger }),
  },
  {
    provide: BackupRunner,
    inject: [
      DriverRegistry,
      LocalStorage,
      ManifestSigner,
      BackupLocations,
      CATALOG,
      BackupIndex,
      BackupVerification,
      RetentionService,
      APP_CONFIG,
      CLOCK,
      LOGGER,
      EventLog,
    ],
    useFactory: (
      drivers: DriverRegistry,
      storage: LocalStorage,
      signer: ManifestSigner,
      locations: BackupLocations,
      catalog: Catalog,
      index: BackupIndex,
      verification: BackupVerification,
      retention: RetentionService,
      { backup, verify }: AppConfig,
      clock: Clock,
      logger: Logger,
      events: EventLog,
    ) =>
      new BackupRunner({
        drivers,
        storage,
        signer,
        locations,
        catalog,
        index,
        verification,
        retention,
        clock,
        logger,
        defaults: { ...backup, compare: verify.compare },
        onPublished: ({ id, connection_id: connectionId = null }) =>
          events.publish({ type: 'backup', change: 'published', backupId: id, connectionId }),
      }),
  },
  {
    provide: RestoreRunner,
    inject: [
      CATALOG,
      DriverRegistry,
      LocalStorage,
      ManifestSigner,
      BackupLocations,
      BackupRunner,
      BackupRemoval,
      BackupVerification,
      CLOCK,
      LOGGER,
      APP_CONFIG,
    ],
    useFactory: (
      catalog: Catalog,
      drivers: DriverRegistry,
      storage: LocalStorage,
      signer: ManifestSigner,
      locations: BackupLocations,
      backups: BackupRunner,
      removal: BackupRemoval,
      verification: BackupVerification,
      clock: Clock,
      logger: Logger,
      { restore, verify, runtimeDir }: AppConfig,
    ) =>
      new RestoreRunner({
        runtimeDir,
        ...{ catalog, drivers, storage, signer, locations, backups, removal, verification, clock, logger },
        undoMs: restore.undoHours * HOUR_MS,
        maxRatio: restore.maxRatio,
        compare: verify.compare,
      }),
  },
  {
    provide: GlobalsRestore,
    inject: [DriverRegistry, LocalStorage, BackupListing, ManifestSigner],
    useFactory: (drivers: DriverRegistry, storage: LocalStorage, listing: BackupListing, signer: ManifestSigner) =>
      new GlobalsRestore({ drivers, storage, listing, signer }),
  },
  {
    provide: VerifiedBackups,
    inject: [CATALOG, BackupLocations],
    useFactory: (catalog: Catalog, locations: BackupLocations) => new VerifiedBackups(catalog, locations),
  },
  {
    provide: StorageSweep,
    inject: [LocalStorage, BackupLocations, LOGGER],
    useFactory: (storage: LocalStorage, locations: BackupLocations, logger: Logger) =>
      new StorageSweep(storage, locations, logger),
  },
];
