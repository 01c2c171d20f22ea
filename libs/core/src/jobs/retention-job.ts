import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { JobDefinition } from '@app/jobs';
import type { JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import { databaseKey } from '../inventory/database-key.js';
import type { RetentionOutcome, RetentionService } from '../retention/retention.js';

interface RetentionPayload {
  database: string;
  /** Absent: the policy of the connection. */
  schedule_id?: string | undefined;
}

export const RETENTION_JOB = new JobDefinition<RetentionPayload, RetentionOutcome>('retention');

/** Applies the policy of a connection, or of one of its schedules, now. This does not count as a run of that schedule. */
export function retentionJob(connection: ConnectionRecord, schedule?: ScheduleRecord): JobRequest {
  return RETENTION_JOB.request(
    { database: connection.database, schedule_id: schedule?.id },
    { connectionId: connection.id, lockKey: databaseKey(connection), abandonedByRestart: true },
  );
}

export class RetentionJob implements TypedHandler<RetentionPayload, RetentionOutcome> {
  constructor(private readonly retention: RetentionService) {}

  async run({ connectionId, payload }: TypedJob<RetentionPayload>): Promise<RetentionOutcome> {
    const { schedule_id: scheduleId } = payload;
    return this.retention.applyNow(
      typeof scheduleId === 'string' ? { scheduleId } : { connectionId: connectionId ?? '' },
    );
  }
}
