import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord, JobRecord, RestoreRecord } from '@app/catalog';
import { SettingsStore } from '@app/config';
import { ConnectionStore, restoreJob, RestoreRunner, RestoreUndo, undoJob } from '@app/core';
import type { RestorePlan, UndoneRestore } from '@app/core';
import type { RestoreOptions } from '@app/domain';
import type { JobContext, JobQueue } from '@app/jobs';
import { ActiveConnection } from '../connection/active-connection.js';
import { CATALOG, JOB_QUEUE } from '../foundation/tokens.js';

export interface ManualRestore extends RestoreOptions {
  /** Default: the active connection. */
  connectionId: string | undefined;
  file: string;
}

export interface RestorePage {
  rows: UndoneRestore[];
  next: string | undefined;
  /** The bytes of all previous databases that are kept, not only of those on this page. */
  undoBytes: number;
}

/** Starts restores and undos as jobs. Refuses a request that cannot succeed before it becomes a job. */
@Injectable()
export class RestoresService {
  constructor(
    private readonly active: ActiveConnection,
    private readonly connections: ConnectionStore,
    private readonly restores: RestoreRunner,
    private readonly undos: RestoreUndo,
    private readonly settings: SettingsStore,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  async restore({ connectionId, ...order }: ManualRestore): Promise<JobRecord> {
    const connection = await this.connectionFor(connectionId);
    await this.restores.check(order, connection.dbType);
    return this.queue.enqueue(restoreJob(connection, order));
  }

  /** Plans a restore. It does not wait for other jobs, since it only reads; but it hashes the whole file. */
  async plan({ connectionId, ...order }: ManualRestore, signal: AbortSignal): Promise<RestorePlan> {
    const { id } = await this.connectionFor(connectionId);
    const connection = await this.connections.paramsOf(id);
    const { tools } = await this.settings.load();
    return this.restores.plan({ ...order, connection, connectionId: id, tools }, lookingOnly(signal));
  }

  /** RESTORE_NOT_FOUND, UNDO_UNAVAILABLE. */
  async undo(id: string): Promise<JobRecord> {
    return this.queue.enqueue(undoJob(await this.undos.check(id)));
  }

  /** Drops what is kept to undo a restore now. Throws RESTORE_NOT_FOUND and UNDO_UNAVAILABLE. */
  drop(id: string): Promise<RestoreRecord> {
    return this.undos.dropCopy(id);
  }

  async page(query: { limit: number; after?: string }): Promise<RestorePage> {
    const { restores } = this.catalog;
    const { rows, next } = await restores.page(query);
    // The views are made first, because they find out what is gone and takes no space any more.
    const views = await this.undos.views(rows);
    return { rows: views, next, undoBytes: await restores.keptBytes() };
  }

  /** RESTORE_NOT_FOUND. */
  async get(id: string): Promise<UndoneRestore> {
    const record = await this.undos.get(id);
    return (await this.undos.views([record]))[0] ?? { record, undoing: undefined };
  }

  /** The record of a restore that has just ended; undefined if there is none. */
  async recordOf(id: string | undefined): Promise<RestoreRecord | undefined> {
    return id === undefined ? undefined : this.catalog.restores.get(id);
  }

  private async connectionFor(id: string | undefined): Promise<ConnectionRecord> {
    return this.connections.get(id ?? this.active.require().id);
  }
}

function lookingOnly(signal: AbortSignal): JobContext {
  const nothing = (): void => undefined;
  return { signal, progress: nothing, log: nothing, noRetry: nothing, givesWay: (wait) => wait() };
}
