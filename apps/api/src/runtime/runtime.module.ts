import { Module } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { ArtifactReader } from '@app/artifact';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import {
  BackupAdoption,
  BackupIndex,
  BackupListing,
  BackupRemoval,
  BackupRunner,
  BackupVerification,
  CatalogRebuild,
  ConnectionStore,
  GlobalsRestore,
  RestoreRunner,
  RestoreUndo,
  RetentionService,
  StorageStore,
} from '@app/core';
import type { Clock, Logger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { EventLog } from '@app/events';
import { ScheduleDispatcher } from '@app/jobs';
import { createRuntime, Shutdown } from '@app/runtime';
import type { Runtime } from '@app/runtime';
import {
  APP_CONFIG,
  CATALOG,
  CLOCK,
  JOB_QUEUE,
  LOCATIONS,
  LOGGER,
  RUNTIME,
  CONFIGURED_STORAGES,
  STORAGES,
  STORAGE_SITES,
} from '../foundation/tokens.js';
import { JobWaiter } from './job-waiter.js';
import { RuntimeLifeCycle } from './runtime-life-cycle.js';

/** The parts of the runtime that other modules are given. A class is its own injection token. */
const PARTS: Provider[] = [
  { provide: ArtifactReader, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.reader },
  { provide: BackupAdoption, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.adoption },
  { provide: BackupIndex, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.index },
  { provide: BackupListing, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.listing },
  { provide: BackupRemoval, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.removal },
  { provide: BackupRunner, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.backups },
  { provide: BackupVerification, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.verification },
  { provide: CATALOG, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.catalog },
  { provide: CatalogRebuild, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.catalogRebuild },
  { provide: ConnectionStore, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.connections },
  { provide: DriverRegistry, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.drivers },
  { provide: EventLog, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.events },
  { provide: GlobalsRestore, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.globals },
  { provide: JOB_QUEUE, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.queue },
  { provide: LOCATIONS, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.locations },
  { provide: RestoreRunner, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.restores },
  { provide: RestoreUndo, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.undo },
  { provide: RetentionService, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.retention },
  { provide: ScheduleDispatcher, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.schedules },
  { provide: SettingsStore, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.settings },
  { provide: Shutdown, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.shutdown },
  { provide: STORAGES, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.storages },
  { provide: CONFIGURED_STORAGES, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.configured },
  { provide: StorageStore, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.storageStore },
  { provide: STORAGE_SITES, inject: [RUNTIME], useFactory: (runtime: Runtime) => runtime.sites },
];

/** Creates the runtime, gives its parts to the other modules, and lets it start and end with the app. */
@Module({
  providers: [
    {
      provide: RUNTIME,
      inject: [APP_CONFIG, CLOCK, LOGGER],
      useFactory: (config: AppConfig, clock: Clock, logger: Logger) => createRuntime({ config, clock, logger }),
    },
    ...PARTS,
    JobWaiter,
    RuntimeLifeCycle,
  ],
  exports: [...PARTS.map((part) => ('provide' in part ? part.provide : part)), JobWaiter],
})
export class RuntimeModule {}
