import type { ConnectionRecord, JobRecord } from '@app/catalog';
import type {
  BackupFormat,
  BackupKind,
  CompareDepth,
  Compression,
  JsonObject,
  ToolPaths,
  VerificationLevel,
  ConnectionParams,
} from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { BackupRunner } from '../backup/backup-runner.js';
import type { ConnectionStore } from '../connections/connection-store.js';
import { databaseKey } from '../inventory/database-key.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import { onTarget } from './on-target.js';

export interface BackupOptions {
  kind: BackupKind;
  name?: string | undefined;
  location?: string | undefined;
  format?: BackupFormat | undefined;
  compression?: Compression | undefined;
  verification?: VerificationLevel | undefined;
  compare?: CompareDepth | undefined;
}

/** Backs up a connection's database. */
export function backupJob(connection: ConnectionRecord, order: BackupOptions): JobRequest {
  return {
    type: 'backup',
    connectionId: connection.id,
    lockKey: databaseKey(connection),
    payload: { database: connection.database, ...order },
  };
}

export class BackupJob implements JobHandler {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly drivers: DriverRegistry,
    private readonly backups: BackupRunner,
    private readonly recovery: Pick<RestoreRecovery, 'recoverDatabase'>,
    private readonly tools: () => Promise<ToolPaths>,
  ) {}

  async run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const connection = await this.connections.paramsOf(job.connectionId ?? '');
    const { drivers, recovery } = this;
    return onTarget({ drivers, recovery }, { job, target: connection, work, lost: 'goes on' }, (locked) =>
      this.backUp(job, connection, locked),
    );
  }

  private async backUp(job: JobRecord, connection: ConnectionParams, work: JobContext): Promise<JsonObject> {
    const { kind, name, location, format, compression, verification, compare } = job.payload as JsonObject &
      BackupOptions;
    const connectionId = job.connectionId ?? '';
    const record = await this.backups.run(
      {
        connection,
        connectionId,
        scheduleId: job.scheduleId ?? undefined,
        kind,
        name,
        location,
        format,
        compression,
        verification,
        compare,
        tools: await this.tools(),
      },
      work,
    );
    return record as unknown as JsonObject;
  }
}

/** The result of a backup job that succeeded. */
export function backupOf(result: JsonObject): BackupRecord {
  return result as unknown as BackupRecord;
}
