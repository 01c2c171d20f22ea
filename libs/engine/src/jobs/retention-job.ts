import type { ConnectionRecord, JobRecord, ScheduleRecord } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import type { JobHandler, JobRequest } from '@app/jobs';
import { databaseKey } from '../database-key.js';
import type { RetentionService } from '../retention.js';

/** Applies the policy of a connection, or of one of its schedules, now. */
export function retentionJob(connection: ConnectionRecord, schedule?: ScheduleRecord): JobRequest {
  return {
    type: 'retention',
    connectionId: connection.id,
    scheduleId: schedule?.id,
    lockKey: databaseKey(connection),
    payload: { database: connection.database },
    abandonedByRestart: true,
  };
}

export class RetentionJob implements JobHandler {
  constructor(private readonly retention: RetentionService) {}

  async run({ connectionId, scheduleId }: JobRecord): Promise<JsonObject> {
    const group = scheduleId === null ? { connectionId: connectionId ?? '' } : { scheduleId };
    return { ...(await this.retention.applyNow(group)) } as unknown as JsonObject;
  }
}
