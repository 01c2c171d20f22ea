import { Inject, Injectable } from '@nestjs/common';
import type { BackupRow, Catalog, JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import { BackupListing, BackupRemoval } from '@app/core';
import type { BackupRecord } from '@app/core';
import { CATALOG } from '../foundation/tokens.js';

const AT_ONCE = 500;

/** Deletes a backup on request, unless something still needs it. */
@Injectable()
export class BackupDeletionService {
  constructor(
    private readonly listing: BackupListing,
    private readonly removal: BackupRemoval,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /**
   * Returns the deleted backup, and what its database does not have any more. Throws BACKUP_NOT_FOUND; BACKUP_IN_USE
   * when it is pinned, read by a job or needed to undo a restore; NOT_A_BACKUP and BACKUP_DAMAGED for a file that may be
   * foreign.
   */
  async delete(id: string): Promise<{ record: BackupRecord; warnings: string[] }> {
    const { record, row, manifest } = await this.listing.find(id);
    if (record.status === 'foreign') {
      throw new DomainError('NOT_A_BACKUP', `${record.path} was not written by this service.`, {
        hint: 'The service never deletes foreign files. Remove it by hand.',
      });
    }
    if (manifest === undefined) {
      throw new DomainError(
        'BACKUP_DAMAGED',
        `The manifest of ${record.path} cannot be read or belongs to another file.`,
        { hint: 'The service cannot tell whose file it is. Remove it by hand.' },
      );
    }
    if (record.pinned) throw inUse(record, 'is pinned', 'Take the pin away first: POST /api/backups/:id/pin.');
    await this.refuseWhileRead(record);
    await this.refuseWhileUndone(record);
    if (!(await this.removal.removeBackup(row))) {
      throw inUse(record, 'was changed or pinned meanwhile', 'Look at it again.');
    }
    return { record, warnings: await this.lossesOf(record, row) };
  }

  private async refuseWhileRead(record: BackupRecord): Promise<void> {
    const { rows } = await this.catalog.jobs.page({
      states: ['queued', 'running'],
      types: ['verify', 'restore'],
      limit: AT_ONCE,
    });
    const reader = rows.find((job) => reads(job, record));
    if (reader === undefined) return;
    const what = reader.type === 'verify' ? 'verified' : 'restored';
    throw inUse(record, `is being ${what}`, `Wait for the job ${reader.id}, or cancel it.`);
  }

  private async refuseWhileUndone(record: BackupRecord): Promise<void> {
    const restore = (await this.catalog.restores.needing([record.id])).get(record.id);
    if (restore === undefined) return;
    throw inUse(record, 'is needed to undo a restore', `Give that up first: DELETE /api/restores/${restore}/undo.`);
  }

  private async lossesOf({ status, database }: BackupRecord, { databaseKey }: BackupRow): Promise<string[]> {
    if (status !== 'complete' || databaseKey === null) return [];
    const rest = (await this.catalog.backups.ofDatabase(databaseKey)).filter(({ kind }) => kind !== 'safety');
    if (rest.length === 0) return [`That was the last backup of "${database}".`];
    const verified = rest.some(
      ({ verification, verificationFailed }) => verification === 'restored' && !verificationFailed,
    );
    return verified ? [] : [`No backup of "${database}" is verified by a restore.`];
  }
}

function reads({ payload, type }: JobRecord, { id, path }: BackupRecord): boolean {
  return type === 'verify' ? payload['backup_id'] === id : payload['file'] === path;
}

function inUse({ path }: BackupRecord, why: string, hint: string): DomainError {
  return new DomainError('BACKUP_IN_USE', `${path} ${why}. Nothing was deleted.`, { hint });
}
