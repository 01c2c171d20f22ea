import { Audit } from './repositories/audit-repository.js';
import { Backups } from './repositories/backup-repository.js';
import type { Catalog, CatalogRow } from './catalog.js';
import { exportRows } from './rows/export-rows.js';
import { importRows } from './rows/import-rows.js';
import { Connections } from './repositories/connection-repository.js';
import { Instances } from './repositories/instance-repository.js';
import { Jobs } from './repositories/job-repository.js';
import { Outbox } from './repositories/outbox-repository.js';
import { Restores } from './repositories/restore-repository.js';
import { Schedules } from './repositories/schedule-repository.js';
import type { Session } from './session.js';
import { Storages } from './repositories/storage-repository.js';
import { StorageRoots } from './repositories/storage-roots.js';

/** The id of the catalog, which changes when the rows of a copy are imported. */
export interface CatalogIdentity {
  id: string;
}

export class SqlCatalog implements Catalog {
  readonly connections: Connections;
  readonly schedules: Schedules;
  readonly backups: Backups;
  readonly jobs: Jobs;
  readonly restores: Restores;
  readonly audit: Audit;
  readonly instances: Instances;
  readonly storages: Storages;
  readonly storageRoots: StorageRoots;
  readonly outbox: Outbox;

  constructor(
    private readonly session: Session,
    private readonly identity: CatalogIdentity,
    private readonly visible?: () => readonly string[],
  ) {
    this.connections = new Connections(session);
    this.schedules = new Schedules(session);
    this.backups = new Backups(session, visible);
    this.jobs = new Jobs(session);
    this.restores = new Restores(session);
    this.audit = new Audit(session);
    this.instances = new Instances(session);
    this.storages = new Storages(session);
    this.storageRoots = new StorageRoots(session);
    this.outbox = new Outbox(session);
  }

  get id(): string {
    return this.identity.id;
  }

  seeing(storageIds: () => readonly string[]): Catalog {
    return new SqlCatalog(this.session, this.identity, storageIds);
  }

  transaction<T>(work: (catalog: Catalog) => Promise<T>): Promise<T> {
    return this.session.transaction((session) => work(new SqlCatalog(session, this.identity, this.visible)));
  }

  exportRows(): AsyncIterable<CatalogRow> {
    return exportRows(this.session);
  }

  async importRows(id: string, rows: AsyncIterable<CatalogRow>): Promise<void> {
    await importRows(this.session, id, rows);
    this.identity.id = id;
  }

  async ping(): Promise<void> {
    // The check writes, as a full disk can still be read.
    await this.session.db
      .updateTable('catalogInfo')
      .set((column) => ({ value: column.ref('value') }))
      .where('name', '=', 'id')
      .execute();
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
