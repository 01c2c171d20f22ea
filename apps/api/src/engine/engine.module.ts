import { Module } from '@nestjs/common';
import { DriverRegistry } from '@app/drivers';
import {
  BackupIndex,
  BackupListing,
  BackupAdoption,
  BackupRemoval,
  BackupRunner,
  BackupVerification,
  CatalogCopies,
  CatalogRebuild,
  ConnectionStore,
  GlobalsRestore,
  RestoreRunner,
  RestoreUndo,
  RetentionService,
  StorageIdentity,
} from '@app/core';
import { EventLog } from '@app/jobs';
import { BackupLocations, LocalStorage } from '@app/storage';
import { CATALOG, JOB_QUEUE } from '../foundation/tokens.js';
import { BACKUP_PROVIDERS } from './backup.providers.js';
import { CATALOG_PROVIDERS } from './catalog.providers.js';
import { HousekeepingService } from './housekeeping.service.js';
import { JobWaiter } from './job-waiter.js';
import { JOB_PROVIDERS } from './job.providers.js';
import { ShutdownService } from './shutdown.service.js';
import { StartupService } from './startup.service.js';

/** Wires the framework-free classes of the libs. Each is its own injection token. */
@Module({
  providers: [
    ...CATALOG_PROVIDERS,
    ...BACKUP_PROVIDERS,
    ...JOB_PROVIDERS,
    HousekeepingService,
    JobWaiter,
    ShutdownService,
    StartupService,
  ],
  exports: [
    CATALOG,
    JOB_QUEUE,
    BackupIndex,
    BackupListing,
    BackupLocations,
    BackupAdoption,
    BackupRemoval,
    BackupRunner,
    BackupVerification,
    CatalogCopies,
    CatalogRebuild,
    ConnectionStore,
    DriverRegistry,
    EventLog,
    GlobalsRestore,
    JobWaiter,
    LocalStorage,
    RestoreRunner,
    RestoreUndo,
    RetentionService,
    ShutdownService,
    StorageIdentity,
  ],
})
export class EngineModule {}
