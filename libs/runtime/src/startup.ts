import type { Catalog } from '@app/catalog';
import type { AppConfig, SettingsStore } from '@app/config';
import { recoveryJob, sweepJob, sweepRuntimeFolder } from '@app/core';
import type {
  BackupIndex,
  CatalogExport,
  CatalogRebuild,
  ConnectionStore,
  RestoreRecovery,
  StorageStore,
} from '@app/core';
import { errorCodeOf, makeFolder, messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { EventDispatcher } from '@app/events';
import type { JobQueue } from '@app/jobs';
import type { StorageRegistry } from '@app/storage';

export interface StartupParts {
  config: AppConfig;
  clock: Clock;
  logger: Logger;
  storages: StorageRegistry;
  storageStore: StorageStore;
  index: BackupIndex;
  catalogRebuild: CatalogRebuild;
  recovery: RestoreRecovery;
  settings: SettingsStore;
  connections: ConnectionStore;
  drivers: DriverRegistry;
  catalog: Catalog;
  queue: JobQueue;
  catalogExport: CatalogExport;
  eventDispatcher: EventDispatcher;
}

/**
 * The order of a start, before any request is answered or schedule is due: folders, what a killed predecessor left,
 * the catalog if it is gone, the jobs.
 */
export class Startup {
  constructor(private readonly parts: StartupParts) {}

  async run(): Promise<void> {
    const { queue, catalogExport, eventDispatcher, storageStore } = this.parts;
    // First, so that the subscribers see everything that the start changes.
    await catalogExport.begin();
    await storageStore.load();
    await eventDispatcher.start();
    await this.prepareFolders();
    await this.checkTools();
    await this.bringBack();
    await this.upgradeBackups();
    await this.tellLocked();
    await queue.start();
    await this.recoverRestores();
    const sweep = await queue.enqueue({ ...sweepJob(), urgency: 'manual' });
    await queue.ended(sweep.id);
  }

  /**
   * What a restore of a killed predecessor has left. Not waited for: a server that does not answer must not keep the
   * service from starting, and nothing else begins on such a database before it is recovered.
   */
  private async recoverRestores(): Promise<void> {
    const { catalog, clock, recovery, queue } = this.parts;
    await catalog.restores.endInterrupted(clock.now().getTime());
    for (const record of await recovery.pending()) await queue.enqueue(recoveryJob(record));
  }

  /** A folder that is not there is reported by the readiness check; it does not keep the service from telling so. */
  private async prepareFolders(): Promise<void> {
    const { config, logger, storages } = this.parts;
    try {
      await makeFolder(config.dataDir);
      await sweepRuntimeFolder(config.runtimeDir);
    } catch (error) {
      logger.error({ err: error }, `the folders could not be prepared (${errorCodeOf(error) ?? 'unknown fault'})`);
    }
    for (const storage of storages.all()) {
      const prepared = storage.prepare().catch((error: unknown) => {
        logger.error({ err: error }, `the storage ${storage.name} could not be prepared: ${messageOf(error)}`);
      });
      // A storage of a network that does not answer must not keep the service from starting.
      if (!storage.isRemote) await prepared;
    }
  }

  /** Said at once, and again by each job that needs the tool. */
  private async checkTools(): Promise<void> {
    const { settings, drivers, logger } = this.parts;
    const { tools } = await settings.load();
    for (const driver of drivers.all()) {
      for (const key of driver.tools.keys) {
        const path = tools[key];
        if (!path) continue;
        await driver.tools.verify(key, path).catch((error: unknown) => {
          logger.error({ tool: key }, `the configured ${key} cannot be used: ${messageOf(error)}`);
        });
      }
    }
  }

  /** Mends what an earlier version has left unsigned, or described otherwise in the catalog. */
  private async upgradeBackups(): Promise<void> {
    const { index, logger } = this.parts;
    await index.upgrade().catch((error: unknown) => {
      logger.error({ err: error }, `the backups could not be compared with the catalog: ${messageOf(error)}`);
    });
  }

  /** A key that was lost was replaced by a new one, which opens nothing of what the old one has sealed. */
  private async tellLocked(): Promise<void> {
    const { connections, logger } = this.parts;
    const names = await connections.locked();
    if (names.length === 0) return;
    logger.error(
      { connections: names },
      `the passwords of these connections were sealed with another secret key and cannot be opened: ${names.join(', ')}. ` +
        'Restore SECRET_KEY_FILE, or give the passwords again.',
    );
  }

  /** Connections, schedules and the list of backups come back from storage. Without storage there is nothing to lose. */
  private async bringBack(): Promise<void> {
    const { catalogRebuild, logger } = this.parts;
    try {
      if (!(await catalogRebuild.isNeeded())) return;
      const { connections, schedules, backups } = await catalogRebuild.rebuild();
      if (connections + schedules + backups === 0) return;
      logger.warn({ connections, schedules, backups }, 'the catalog was gone and is rebuilt from storage');
    } catch (error) {
      logger.error({ err: error }, `the catalog could not be rebuilt from storage: ${messageOf(error)}`);
    }
  }
}
