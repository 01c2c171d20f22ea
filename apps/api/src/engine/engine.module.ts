import { mkdir } from 'node:fs/promises';
import { Inject, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { errorCodeOf } from '@app/domain';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import { BackupListing, BackupRunner, Operations, RestoreRunner, Retention, StartupSweep } from '@app/engine';
import { BackupLocations, LocalStorage } from '@app/storage';
import { APP_CONFIG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { ShutdownService } from './shutdown.service.js';

/** Wires the framework-free classes of the libs. Each is its own injection token. */
@Module({
  providers: [
    ShutdownService,
    { provide: Operations, useFactory: () => new Operations() },
    { provide: LocalStorage, useFactory: () => new LocalStorage() },
    {
      provide: DriverRegistry,
      inject: [APP_CONFIG],
      useFactory: ({ runtimeDir }: AppConfig) =>
        new DriverRegistry([new PostgresDriver({ runtimeDir }), new MysqlDriver({ runtimeDir })]),
    },
    {
      provide: BackupLocations,
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig) =>
        new BackupLocations({
          defaultLocation: config.backupDir,
          allowedRoots: config.allowedBackupDirs,
          workingDirectory: config.workingDirectory,
        }),
    },
    {
      provide: BackupRunner,
      inject: [DriverRegistry, LocalStorage, BackupLocations, Operations, APP_CONFIG, CLOCK, LOGGER],
      useFactory: (
        drivers: DriverRegistry,
        storage: LocalStorage,
        locations: BackupLocations,
        operations: Operations,
        { backup }: AppConfig,
        clock: Clock,
        logger: Logger,
      ) => {
        const retention = new Retention(storage, backup.retentionCount, logger);
        return new BackupRunner({
          drivers,
          storage,
          locations,
          operations,
          retention,
          clock,
          logger,
          defaults: backup,
        });
      },
    },
    {
      provide: BackupListing,
      inject: [LocalStorage, BackupLocations, DriverRegistry],
      useFactory: (storage: LocalStorage, locations: BackupLocations, drivers: DriverRegistry) =>
        new BackupListing(storage, locations, drivers),
    },
    {
      provide: RestoreRunner,
      inject: [DriverRegistry, LocalStorage, BackupLocations, Operations, BackupRunner, CLOCK, LOGGER],
      useFactory: (
        drivers: DriverRegistry,
        storage: LocalStorage,
        locations: BackupLocations,
        operations: Operations,
        backups: BackupRunner,
        clock: Clock,
        logger: Logger,
      ) => new RestoreRunner({ drivers, storage, locations, operations, backups, clock, logger }),
    },
    {
      provide: StartupSweep,
      inject: [LocalStorage, BackupLocations, APP_CONFIG, LOGGER],
      useFactory: (storage: LocalStorage, locations: BackupLocations, config: AppConfig, logger: Logger) =>
        new StartupSweep(storage, locations, config.runtimeDir, logger),
    },
  ],
  exports: [ShutdownService, DriverRegistry, BackupLocations, BackupRunner, BackupListing, RestoreRunner],
})
export class EngineModule implements OnModuleInit {
  constructor(
    private readonly sweep: StartupSweep,
    private readonly locations: BackupLocations,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A folder that is not there is reported by the readiness check; it does not keep the service from telling so. */
  async onModuleInit(): Promise<void> {
    try {
      for (const folder of [this.config.dataDir, ...this.locations.roots]) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
      }
      await this.sweep.run();
    } catch (error) {
      this.logger.error({ err: error }, `the folders could not be prepared (${errorCodeOf(error) ?? 'unknown fault'})`);
    }
  }
}
