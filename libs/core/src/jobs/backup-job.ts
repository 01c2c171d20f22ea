import type { ConnectionRecord } from '@app/catalog';
import type { BackupKind, BackupOptions, ConnectionParams, ToolPaths } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import { domainEvent } from '@app/events';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { BackupRunner } from '../backup/backup-runner.js';
import type { ConnectionStore } from '../connections/connection-store.js';
import { databaseKey } from '../inventory/database-key.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import { onTarget } from './on-target.js';

interface BackupPayload extends BackupOptions {
  database: string;
  kind: BackupKind;
}

export const BACKUP_JOB = new JobDefinition<BackupPayload, BackupRecord>('backup', (job) => {
  const { id: jobId, connectionId, scheduleId, dueAt, payload, attempt: attempts } = job;
  const failure = job.failure ?? { code: 'INTERNAL', message: 'The backup failed.' };
  // The backup exists; `VerificationFailed` tells what is wrong with it.
  if (failure.code === 'VERIFICATION_FAILED' || failure.code === 'BACKUP_DAMAGED') return [];
  const { database } = payload;
  return [domainEvent('BackupFailed', { jobId, connectionId, scheduleId, dueAt, database, attempts, failure })];
});

/** Backs up a connection's database. */
export function backupJob(connection: ConnectionRecord, options: BackupOptions & { kind: BackupKind }): JobRequest {
  return BACKUP_JOB.request(
    { database: connection.database, ...options },
    { connectionId: connection.id, lockKey: databaseKey(connection) },
  );
}

export class BackupJob implements TypedHandler<BackupPayload, BackupRecord> {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly drivers: DriverRegistry,
    private readonly backups: BackupRunner,
    private readonly recovery: Pick<RestoreRecovery, 'recoverDatabase'>,
    private readonly tools: () => Promise<ToolPaths>,
  ) {}

  async run(job: TypedJob<BackupPayload>, work: JobContext): Promise<BackupRecord> {
    const connection = await this.connections.paramsOf(job.connectionId ?? '');
    const { drivers, recovery } = this;
    return onTarget({ drivers, recovery }, { job, target: connection, work, lost: 'goes on' }, (locked) =>
      this.backUp(job, connection, locked),
    );
  }

  private async backUp(
    { payload, connectionId, scheduleId }: TypedJob<BackupPayload>,
    connection: ConnectionParams,
    work: JobContext,
  ): Promise<BackupRecord> {
    const { database: _, ...options } = payload;
    const tools = await this.tools();
    return this.backups.run(
      { ...options, connection, connectionId: connectionId ?? '', scheduleId: scheduleId ?? undefined, tools },
      work,
    );
  }
}
