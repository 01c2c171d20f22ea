import type { RestoreRecord } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import type { JobHandler, JobRequest } from '@app/jobs';
import type { RestoreSettlement } from '../restore-settlement.js';
import type { RestoreUndo } from '../restore-undo.js';

/** Drops the copies that restores have left and whose time is over. */
export function expiryJob(): JobRequest {
  return { type: 'expiry', payload: {}, lockKey: 'expiry', urgency: 'background', abandonedByRestart: true };
}

/** Brings an interrupted restore to its end, before anything else works on its database. */
export function settleJob(record: RestoreRecord): JobRequest {
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

export class SettleJob implements JobHandler {
  constructor(private readonly settlement: RestoreSettlement) {}

  async run({ lockKey }: { lockKey: string | null }): Promise<JsonObject> {
    await this.settlement.settleDatabase(lockKey ?? '');
    return {};
  }
}
