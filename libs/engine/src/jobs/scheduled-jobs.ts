import type { Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import type { Logger } from '@app/domain';
import type { JobRequest } from '@app/jobs';
import { backupJob } from './backup-job.js';
import { restoreJob } from './restore-job.js';

/** A backup that fails for the network or a lock is tried again: nobody is there to do it. */
const SCHEDULED_ATTEMPTS = 3;

/** What is to be done for schedules that are due. One without a connection to act on is passed over, and logged. */
export function scheduledJobRequests(catalog: Catalog, logger: Logger) {
  return async (due: readonly { schedule: ScheduleRecord; due: Date }[]): Promise<JobRequest[]> => {
    const ids = due.map(({ schedule }) => schedule.connectionId).filter((id) => id !== null);
    const connections = new Map(
      (await catalog.connections.getMany([...new Set(ids)])).map((connection) => [connection.id, connection]),
    );
    return due.flatMap(({ schedule, due: dueAt }) => {
      const connection = connections.get(schedule.connectionId ?? '');
      if (connection !== undefined) return [{ ...workOf(schedule, connection), ...timing(schedule, dueAt) }];
      logger.warn({ schedule: schedule.id }, 'a schedule is due that has no connection');
      return [];
    });
  };
}

/** The same job, for a run between the times. */
export function workOf(schedule: ScheduleRecord, connection: ConnectionRecord): JobRequest {
  const { skipOwnership = false, ...options } = schedule.options;
  const work =
    schedule.action === 'restore'
      ? restoreJob(connection, { sourceConnectionId: schedule.sourceConnectionId ?? '', skipOwnership })
      : backupJob(connection, { kind: 'scheduled', ...options });
  return { ...work, scheduleId: schedule.id };
}

function timing(schedule: ScheduleRecord, dueAt: Date): Partial<JobRequest> {
  return {
    dueAt,
    urgency: 'scheduled',
    maxAttempts: SCHEDULED_ATTEMPTS,
    ...(schedule.action === 'backup' ? { abandonedByRestart: false } : {}),
  };
}
