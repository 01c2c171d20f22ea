import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { DomainError, errorCodeOf } from '@app/domain';
import { BackupIndex, StorageIdentity } from '@app/core';
import { BackupLocations, LocalStorage, storageError } from '@app/storage';
import { APP_CONFIG, CATALOG } from '../foundation/tokens.js';
import { StorageStates } from '../overview/storage-states.js';
import type { SettingsResponse, StorageEntry, StorageProblem } from './settings.dto.js';

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
    private readonly locations: BackupLocations,
    private readonly storage: LocalStorage,
    private readonly identity: StorageIdentity,
    private readonly states: StorageStates,
  ) {}

  async inEffect(): Promise<SettingsResponse> {
    const { backup, verify, schedule, jobConcurrency, restore, catalog, host, port, adminPassword } = this.config;
    return {
      success: true,
      version: this.version,
      storage: await this.folders(),
      storage_problems: await this.problems(),
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

  /**
   * Answers `forgotten` for a mount below a root that is not there any more. Throws INVALID_PATH for a folder that is not
   * a storage; STORAGE_MISSING if the root itself is missing.
   */
  async accept(path: string): Promise<'accepted' | 'forgotten'> {
    const wanted = resolve(this.config.workingDirectory, path);
    const isRoot = this.locations.roots.includes(wanted);
    if (!isRoot && !(await this.identity.knows(wanted))) {
      throw new DomainError('INVALID_PATH', `${path} is no storage.`, {
        hint: `The storages are ${this.locations.roots.join(', ')}.`,
        fields: [{ field: 'path', message: 'must be one of the storages that the operator has set' }],
      });
    }
    if (!isRoot && (await isGone(wanted))) {
      await this.locations.requirePresent(dirname(wanted));
      await this.identity.forget(wanted);
      return 'forgotten';
    }
    await this.identity.accept(wanted).catch((error: unknown) => {
      throw storageError(error, `make ${path} the storage`);
    });
    if (isRoot) await this.locations.prepareRoot(wanted);
    return 'accepted';
  }

  private async problems(): Promise<StorageProblem[]> {
    const problems: StorageProblem[] = [];
    const { roots } = this.locations;
    const below = (await this.catalog.storages.paths()).filter((path) =>
      roots.some((root) => path.startsWith(`${root}/`)),
    );
    for (const path of new Set([...roots, ...below])) {
      await this.locations.requirePresent(path).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
        // A missing root hides its mounts: it is reported, not they.
        if (problems.some(({ message }) => message === error.message)) return;
        problems.push({ path, message: error.message, hint: error.hint ?? '' });
      });
    }
    return problems;
  }

  /** The folders that are known to hold backups, and the folder for new ones. */
  private async folders(): Promise<StorageEntry[]> {
    await this.index.syncEverywhere();
    this.states.forget();
    const held = await this.catalog.backups.inFolders();
    const usual = await this.locations.forReading(undefined).catch(() => undefined);
    const folders = new Set([...(usual === undefined ? [] : [usual.folder]), ...held.keys()]);
    const entries: StorageEntry[] = [];
    for (const folder of folders) {
      const location = await this.locations.at(folder);
      if (location === undefined) continue;
      const space = await this.storage.space(location);
      entries.push({
        path: location.display('.'),
        free_bytes: space?.free ?? null,
        total_bytes: space?.total ?? null,
        state: await this.states.of([folder]),
        ...(held.get(folder) ?? { backups: 0, bytes: 0 }),
      });
    }
    if (entries.length > 0) return entries;
    // The first backup makes this folder.
    const state = await this.states.of([undefined]);
    return [{ path: this.config.backupDir, free_bytes: null, total_bytes: null, state, backups: 0, bytes: 0 }];
  }
}

function isGone(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => errorCodeOf(error) === 'ENOENT',
  );
}
