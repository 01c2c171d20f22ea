import type { RestoreRecord } from '@app/catalog';
import type { DriverRegistry } from '@app/drivers';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, Nothing, TypedHandler, TypedJob } from '@app/jobs';
import type { ConnectionStore } from '../connections/connection-store.js';
import { underLock } from '../connections/under-lock.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';

interface RecoveryPayload {
  database?: string;
  restore_id: string;
}

/** The type is stored under the name that it had first. */
export const RECOVERY_JOB = new JobDefinition<RecoveryPayload, Nothing>('settle');

/** Brings an interrupted restore to its end, before anything else works on its database, and drops the databases that it left. */
export function recoveryJob(record: RestoreRecord): JobRequest {
  return RECOVERY_JOB.request(
    { database: record.database, restore_id: record.id },
    {
      connectionId: record.connectionId ?? undefined,
      lockKey: record.databaseKey,
      urgency: 'manual',
      abandonedByRestart: true,
    },
  );
}

export class RecoveryJob implements TypedHandler<RecoveryPayload, Nothing> {
  constructor(
    private readonly recovery: RestoreRecovery,
    private readonly connections: Pick<ConnectionStore, 'paramsOf'>,
    private readonly drivers: DriverRegistry,
  ) {}

  async run({ lockKey, connectionId, payload }: TypedJob<RecoveryPayload>, work: JobContext): Promise<Nothing> {
    const clear = (): Promise<void> => this.recovery.clear(lockKey ?? '', work.signal);
    const { database } = payload;
    // Without its connection it fails, and says so.
    if (connectionId === null || database === undefined) {
      await clear();
      return {};
    }
    const target = { ...(await this.connections.paramsOf(connectionId)), database };
    await underLock(this.drivers.get(target.dbType), target, work, 'goes on', clear);
    return {};
  }
}
