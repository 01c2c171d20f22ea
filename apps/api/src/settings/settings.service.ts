import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { textOfFolder } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import { BackupIndex } from '@app/core';
import type { BackupLocations, StorageRegistry, StorageSites } from '@app/storage';
import { APP_CONFIG, CATALOG, LOCATIONS, STORAGE_SITES, STORAGES } from '../foundation/tokens.js';
import { StorageStates } from '../overview/storage-states.js';
import type { SettingsResponse, StorageEntry } from './settings.dto.js';

/** The injection token of the version. */
export const VERSION = Symbol('Version');

const HOUR_MS = 3_600_000;

/** Shows the operator's settings as they are in effect, without secrets. */
@Injectable()
export class SettingsService {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(VERSION) private readonly version: string,
    private readonly index: BackupIndex,
    @Inject(LOCATIONS) private readonly locations: BackupLocations,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
    @Inject(STORAGE_SITES) private readonly sites: StorageSites,
    private readonly states: StorageStates,
  ) {}

  async inEffect(): Promise<SettingsResponse> {
    const { backup, verify, schedule, jobConcurrency, restore, catalog, host, port, adminPassword } = this.config;
    return {
      success: true,
      version: this.version,
      storage: await this.folders(),
      storage_problems: await this.sites.problems(),
      backup: {
        format: backup.format,
        compression: backup.compression,
        globals: backup.globals,
        verification: backup.verification,
        scheduled_verification: backup.scheduledVerification,
        compare: verify.compare,
        retention_count: backup.retentionCount,
      },
      schedule: {
        timezone: schedule.timezone,
        cron: schedule.expression,
        catch_up_hours: schedule.catchUpMs / HOUR_MS,
      },
      jobs: { concurrency: jobConcurrency },
      restore: { undo_hours: restore.undoHours },
      catalog: { kind: 'url' in catalog ? 'postgres' : 'sqlite' },
      access: { host, port, password: adminPassword !== undefined },
    };
  }

  accept(path: string): Promise<'accepted' | 'forgotten'> {
    return this.sites.accept(path);
  }

  /** The folders that are known to hold backups, and the folder for new ones. */
  private async folders(): Promise<StorageEntry[]> {
    await this.index.syncEverywhere();
    this.states.forget();
    const held = await this.catalog.backups.inFolders();
    const usual = await this.locations.forReading(undefined).catch(() => undefined);
    const sums = new Map(held.map(({ backups, bytes, ...folder }) => [textOfFolder(folder), { backups, bytes }]));
    const all: ArtifactFolder[] = [...(usual === undefined ? [] : [usual]), ...held];
    const entries: StorageEntry[] = [];
    for (const [name, folder] of new Map(all.map((each) => [textOfFolder(each), each]))) {
      const location = await this.storages.location(folder);
      if (location === undefined) continue;
      const space = await this.storages.of(folder).space(folder.folder);
      entries.push({
        path: location.display('.'),
        free_bytes: space?.free ?? null,
        total_bytes: space?.total ?? null,
        state: await this.states.of([folder]),
        ...(sums.get(name) ?? { backups: 0, bytes: 0 }),
      });
    }
    if (entries.length > 0) return entries;
    // The first backup makes this folder.
    const state = await this.states.of([undefined]);
    return [{ path: this.config.backupDir, free_bytes: null, total_bytes: null, state, backups: 0, bytes: 0 }];
  }
}
