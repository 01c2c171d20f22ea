import type { ConnectionRecord, JobRecord, ScheduleRecord } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import type { JobHandler, JobRequest } from '@app/jobs';
import { databaseKey } from '../inventory/database-key.js';
import type { RetentionService } from '../retention/retention.js';

/** Applies the policy of a connection, or of one of its schedules, now. This does not count as a run of that schedule. */
export function retentionJob(connection: ConnectionRecord, schedule?: ScheduleRecord): JobRequest {
  return {
    type: 'retention',
    connectionId: connection.id,
    lockKey: databaseKey(connection),
    payload: { database: connection.database, schedule_id: schedule?.id },
    abandonedByRestart: true,
  };
}

export class RetentionJob implements JobHandler {
  constructor(private readonly retention: RetentionService) {}

  async run({ connectionId, payload }: JobRecord): Promise<JsonObject> {
    const { schedule_id: scheduleId } = payload;
    const group = typeof scheduleId === 'string' ? { scheduleId } : { connectionId: connectionId ?? '' };
    return (await this.retention.applyNow(group)) as unknown as JsonObject;
  }
}
