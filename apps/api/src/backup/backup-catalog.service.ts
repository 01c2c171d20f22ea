import { Inject, Injectable } from '@nestjs/common';
import { everyRow } from '@app/catalog';
import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Clock, CompareDepth, Manifest } from '@app/domain';
import { adoptJob, BackupListing, groupByDatabase, verifyJob } from '@app/core';
import type { BackupRecord, VerifiableLevel } from '@app/core';
import { domainEvent } from '@app/events';
import type { JobQueue } from '@app/jobs';
import { CATALOG, CLOCK, JOB_QUEUE } from '../foundation/tokens.js';
import { pageOf } from '../http/requests/page-query.js';
import type { BackupPageQuery } from './backup.dto.js';

/** Lists backups, and reads, pins, adopts and verifies single ones. */
@Injectable()
export class BackupCatalogService {
  constructor(
    private readonly listing: BackupListing,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Lists everything in a folder. */
  list(location: string | undefined): Promise<BackupRecord[]> {
    return this.listing.list(location);
  }

  async page(query: BackupPageQuery): Promise<{ records: BackupRecord[]; next: string | undefined; total: number }> {
    const { backup_location: location, folders, connection_id: connectionId, search, status, sort, order } = query;
    return this.listing.page({
      ...(location === undefined ? {} : { location }),
      ...(folders === 'all' ? { everywhere: true } : {}),
      ...(connectionId === undefined ? {} : { connectionId: await this.sameDatabase(connectionId) }),
      ...(search === undefined ? {} : { search }),
      ...(status === undefined ? {} : { status }),
      ...(sort === undefined ? {} : { sort }),
      ...(order === undefined ? {} : { order }),
      ...pageOf(query),
    });
  }

  /** A database counts once, however many connections reach it. */
  private async sameDatabase(connectionId: string): Promise<string | string[]> {
    const connections = await everyRow((query) => this.catalog.connections.page(query));
    const group = groupByDatabase(connections).find((members) => members.some(({ id }) => id === connectionId)) ?? [];
    return group.length > 1 ? group.map(({ id }) => id) : connectionId;
  }

  /** Returns any copy if several folders hold the backup. Throws BACKUP_NOT_FOUND. */
  async find(id: string): Promise<{ record: BackupRecord; manifest: Manifest | undefined }> {
    return this.listing.find(id);
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    const { record } = await this.listing.find(id);
    const { connectionId = null } = record;
    await this.catalog.transaction(async ({ backups, outbox }) => {
      await backups.pin(id, pinned, this.clock.now().getTime());
      await outbox.append([domainEvent('BackupPinned', { backupId: id, connectionId, pinned })]);
    });
  }

  /** Adopts a backup as a job, since this reads the whole file. */
  async adopt(id: string): Promise<JobRecord> {
    const { address, record } = await this.listing.find(id);
    return this.queue.enqueue(adoptJob({ id, address, database: record.database }));
  }

  /** Throws NOT_A_BACKUP for a file without a manifest. */
  async verify(
    id: string,
    level: VerifiableLevel,
    compare: CompareDepth | undefined,
    patience: 'waits' | 'async',
  ): Promise<JobRecord> {
    const { record, manifest, address } = await this.listing.find(id);
    if (manifest === undefined) {
      throw new DomainError('NOT_A_BACKUP', `${record.path} was not written by this service.`, {
        hint: 'There is no manifest to compare it with. A restore checks it as far as can be.',
      });
    }
    const connection =
      record.connectionId === undefined ? undefined : await this.catalog.connections.get(record.connectionId);
    const job = verifyJob({ id, address, database: manifest.database }, level, connection, compare);
    return this.queue.enqueue({ ...job, abandonedByRestart: patience === 'waits' });
  }
}
