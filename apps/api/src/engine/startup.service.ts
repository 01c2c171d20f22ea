import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import { errorCodeOf, makeFolder, messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import {
  BackupIndex,
  CatalogRebuild,
  ConnectionStore,
  sweepRuntimeFolder,
  RestoreRecovery,
  recoveryJob,
  sweepJob,
} from '@app/core';
import type { JobQueue } from '@app/jobs';
import { BackupLocations } from '@app/storage';
import { APP_CONFIG, CATALOG, CLOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';

/**
 * The order of a start, before any request is answered or schedule is due: folders, what a killed predecessor left,
 * the catalog if it is gone, the jobs.
 */
@Injectable()
export class StartupService implements OnModuleInit {
  constructor(
    private readonly locations: BackupLocations,
    private readonly index: BackupIndex,
    private readonly rebuild: CatalogRebuild,
    private readonly recovery: RestoreRecovery,
    private readonly settings: SettingsStore,
    private readonly connections: ConnectionStore,
    private readonly drivers: DriverRegistry,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.prepareFolders();
    await this.checkTools();
    await this.bringBack();
    await this.upgradeBackups();
    await this.tellLocked();
    await this.queue.start();
    await this.recoverRestores();
    const sweep = await this.queue.enqueue({ ...sweepJob(), urgency: 'manual' });
    await this.queue.ended(sweep.id);
  }

  /**
   * What a restore of a killed predecessor has left. Not waited for: a server that does not answer must not keep the
   * service from starting, and nothing else begins on such a database before it is settled.
   */
  private async recoverRestores(): Promise<void> {
    await this.catalog.restores.endInterrupted(this.clock.now().getTime());
    for (const record of await this.recovery.pending()) await this.queue.enqueue(recoveryJob(record));
  }

  /** A folder that is not there is reported by the readiness check; it does not keep the service from telling so. */
  private async prepareFolders(): Promise<void> {
    try {
      await makeFolder(this.config.dataDir);
      await sweepRuntimeFolder(this.config.runtimeDir);
    } catch (error) {
      this.logger.error({ err: error }, `the folders could not be prepared (${errorCodeOf(error) ?? 'unknown fault'})`);
    }
    for (const root of this.locations.roots) {
      await this.locations.prepareRoot(root).catch((error: unknown) => {
        this.logger.error({ err: error }, `the storage ${root} could not be prepared: ${messageOf(error)}`);
      });
    }
  }

  /** Said at once, and again by each job that needs the tool. */
  private async checkTools(): Promise<void> {
    const { tools } = await this.settings.load();
    for (const driver of this.drivers.all()) {
      for (const key of driver.tools.keys) {
        const path = tools[key];
        if (!path) continue;
        await driver.tools.verify(key, path).catch((error: unknown) => {
          this.logger.error({ tool: key }, `the configured ${key} cannot be used: ${messageOf(error)}`);
        });
      }
    }
  }

  /** What an earlier version has left unsigned, or described otherwise in the catalog. */
  private async upgradeBackups(): Promise<void> {
    await this.index.upgrade().catch((error: unknown) => {
      this.logger.error({ err: error }, `the backups could not be compared with the catalog: ${messageOf(error)}`);
    });
  }

  /** A key that was lost was replaced by a new one, which opens nothing of what the old one has sealed. */
  private async tellLocked(): Promise<void> {
    const names = await this.connections.locked();
    if (names.length === 0) return;
    this.logger.error(
      { connections: names },
      `the passwords of these connections were sealed with another secret key and cannot be opened: ${names.join(', ')}. ` +
        'Restore SECRET_KEY_FILE, or give the passwords again.',
    );
  }

  /** Connections, schedules and the list of backups come back from storage. Without storage there is nothing to lose. */
  private async bringBack(): Promise<void> {
    try {
      if (!(await this.rebuild.isNeeded())) return;
      const { connections, schedules, backups } = await this.rebuild.rebuild();
      if (connections + schedules + backups === 0) return;
      this.logger.warn({ connections, schedules, backups }, 'the catalog was gone and is rebuilt from storage');
    } catch (error) {
      this.logger.error({ err: error }, `the catalog could not be rebuilt from storage: ${messageOf(error)}`);
    }
  }
}
