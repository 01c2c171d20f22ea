import { Inject, Injectable } from '@nestjs/common';
import type { BackupRow, Catalog, KeyPeriod } from '@app/catalog';
import { BackupIndex } from '@app/core';
import type { DamageState } from '@app/core';
import type { StorageRegistry } from '@app/storage';
import { CATALOG, STORAGES } from '../foundation/tokens.js';

/** How many backups are searched for the newest usable one and for the newest one that was verified by a restore. */
const RECENT = 100;

export interface DatabaseBackups {
  /** The complete backups, newest first. */
  rows: readonly BackupRow[];
  /** The newest of them whose file is there and can be read. */
  newest: BackupRow | undefined;
  damage: DamageState;
}

/** The backups by which a database is protected, as their files are now. */
@Injectable()
export class UsableBackups {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly index: BackupIndex,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
  ) {}

  /** The backups of a database under all keys by which it was ever backed up. */
  async of(periods: readonly KeyPeriod[]): Promise<DatabaseBackups> {
    const found = await Promise.all(
      periods.flatMap(({ key, from, until }) =>
        (['complete', 'damaged'] as const).map((status) =>
          this.catalog.backups.ofDatabase(key, { status, from, until, limit: RECENT }),
        ),
      ),
    );
    // A file that was altered in place does not change its folder: each is looked at.
    const refreshed = await this.index.refresh(found.flat());
    // A safety backup holds what somebody meant to replace: it is not what a database is protected by.
    const all = refreshed.filter(({ kind }) => kind !== 'safety').toSorted((a, b) => b.createdAt - a.createdAt);
    const rows = all.filter(({ status, verificationFailed }) => status === 'complete' && !verificationFailed);
    const newest = await this.firstReadable(rows);
    const failed = all.filter(
      (row) => !rows.includes(row) || (newest !== undefined && row.createdAt > newest.createdAt),
    );
    return { rows, newest, damage: damageOf(newest, newest === undefined ? all : failed) };
  }

  private async firstReadable(rows: readonly BackupRow[]): Promise<BackupRow | undefined> {
    for (const row of rows) if (await this.storages.of(row).isReadable(row.key)) return row;
    return undefined;
  }
}

function damageOf(newest: BackupRow | undefined, failed: readonly BackupRow[]): DamageState {
  if (newest === undefined) return failed.length > 0 ? 'all' : 'none';
  return failed.some(({ createdAt }) => createdAt > newest.createdAt) ? 'newest' : 'none';
}
