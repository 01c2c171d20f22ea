import type { JobRecord, RestoreRecord } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { ConnectionStore } from '../connections/connection-store.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import type { RestoreUndo } from '../restore/restore-undo.js';
import { underLock } from '../connections/under-lock.js';

/** Drops the previous databases of restores whose time is over. */
export function expiryJob(): JobRequest {
  return { type: 'expiry', payload: {}, lockKey: 'expiry', urgency: 'background', abandonedByRestart: true };
}

/** Recovers an interrupted restore before anything else works on its database, and drops the databases that it left. */
export function recoveryJob(record: RestoreRecord): JobRequest {
  return {
    type: 'settle',
    connectionId: record.connectionId ?? undefined,
    lockKey: record.databaseKey,
    payload: { database: record.database, restore_id: record.id },
    urgency: 'manual',
    abandonedByRestart: true,
  };
}

export class ExpiryJob implements JobHandler {
  constructor(private readonly undo: RestoreUndo) {}

  async run(): Promise<JsonObject> {
    return { ...(await this.undo.dropExpired()) };
  }
}

export class RecoveryJob implements JobHandler {
  constructor(
    private readonly recovery: RestoreRecovery,
    private readonly connections: Pick<ConnectionStore, 'paramsOf'>,
    private readonly drivers: DriverRegistry,
  ) {}

  async run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const recover = (): Promise<void> => this.recovery.clear(job.lockKey ?? '', work.signal);
    const { database } = job.payload as { database?: string };
    // Without its connection the recovery fails, and says so.
    if (job.connectionId === null || database === undefined) {
      await recover();
      return {};
    }
    const target = { ...(await this.connections.paramsOf(job.connectionId)), database };
    await underLock(this.drivers.get(target.dbType), target, work, 'goes on', recover);
    return {};
  }
}
