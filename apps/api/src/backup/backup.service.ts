import { Injectable } from '@nestjs/common';
import { SettingsStore } from '@app/config';
import type { BackupFormat, Compression } from '@app/domain';
import { BackupListing, BackupRunner, RestoreRunner } from '@app/engine';
import type { BackupRecord, RestoreOutcome } from '@app/engine';
import { ActiveConnection } from '../connection/active-connection.js';

export interface ManualBackup {
  name: string | undefined;
  location: string | undefined;
  format: BackupFormat | undefined;
  compression: Compression | undefined;
}

export interface Restore {
  file: string;
  targetDatabase: string | undefined;
  skipOwnership: boolean;
}

/** Backups and restores of the active connection, with the tools of the settings. */
@Injectable()
export class BackupService {
  constructor(
    private readonly active: ActiveConnection,
    private readonly settings: SettingsStore,
    private readonly backups: BackupRunner,
    private readonly listing: BackupListing,
    private readonly restores: RestoreRunner,
  ) {}

  async create(backup: ManualBackup): Promise<BackupRecord> {
    const connection = this.active.require().params;
    const { tools } = await this.settings.load();
    return this.backups.run({ ...backup, connection, kind: 'manual', tools });
  }

  /** Into the default folder, in the default format. Also tries a server that has not answered since the start. */
  async createScheduled(): Promise<BackupRecord> {
    const connection = this.active.requireWanted();
    const { tools } = await this.settings.load();
    return this.backups.run({ connection, kind: 'scheduled', tools });
  }

  list(location: string | undefined): Promise<BackupRecord[]> {
    return this.listing.list(location);
  }

  async restore(restore: Restore): Promise<RestoreOutcome> {
    const connection = this.active.require().params;
    const { tools } = await this.settings.load();
    return this.restores.run({ ...restore, connection, tools });
  }
}
