import { Inject, Injectable } from '@nestjs/common';
import type { ConnectionRecord, JobRecord, ScheduleRecord } from '@app/catalog';
import type { BackupOptions } from '@app/domain';
import { backupJob, BackupRunner, ConnectionStore, workOf } from '@app/core';
import type { JobQueue, JobRequest } from '@app/jobs';
import { ActiveConnection } from '../connection/active-connection.js';
import { JOB_QUEUE } from '../foundation/tokens.js';

export interface ManualBackup extends BackupOptions {
  /** Default: the active connection. */
  connectionId: string | undefined;
}

/** Whether the caller waits for the end. A job that a caller was told has failed must not run after a restart. */
type Patience = 'waits' | 'async';

/** Starts backups as jobs. Refuses a request that cannot succeed before it becomes a job. */
@Injectable()
export class BackupService {
  constructor(
    private readonly active: ActiveConnection,
    private readonly connections: ConnectionStore,
    private readonly backups: BackupRunner,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  async backup(order: ManualBackup, patience: Patience): Promise<JobRecord> {
    const { connectionId, ...rest } = order;
    const connection = await this.connectionFor(connectionId);
    await this.backups.check({ ...rest, connection });
    return this.enqueue(backupJob(connection, { ...rest, kind: 'manual' }), patience);
  }

  /** Runs a schedule's action now. Also tries a server that has not answered since the start. */
  async runNow(schedule: ScheduleRecord, patience: Patience): Promise<JobRecord> {
    const connection = await this.connections.get(schedule.connectionId ?? this.active.requireWanted().id);
    return this.enqueue(workOf(schedule, connection), patience);
  }

  private async connectionFor(id: string | undefined): Promise<ConnectionRecord> {
    return this.connections.get(id ?? this.active.require().id);
  }

  private enqueue(request: JobRequest, patience: Patience): Promise<JobRecord> {
    const abandonedByRestart = patience === 'waits' || request.abandonedByRestart === true;
    return this.queue.enqueue({ ...request, abandonedByRestart });
  }
}
