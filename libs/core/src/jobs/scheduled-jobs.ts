import { everyRow } from '@app/catalog';
import type { Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import type { Logger } from '@app/domain';
import type { JobRequest } from '@app/jobs';
import { coveredConnections, DEFAULT_SCHEDULE_ID } from '../schedules/schedule-cover.js';
import { backupJob } from './backup-job.js';
import { restoreJob } from './restore-job.js';

/** A scheduled backup that fails because of the network or a lock is tried again, since nobody is there to do it. */
const SCHEDULED_ATTEMPTS = 3;

/**
 * Makes the jobs of schedules that are due: one job for each database that a schedule covers. It skips and logs a schedule
 * that has no connection.
 */
export function scheduledJobRequests(catalog: Catalog, logger: Logger) {
  return async (due: readonly { schedule: ScheduleRecord; due: Date }[]): Promise<JobRequest[]> => {
    const many = due.some(({ schedule }) => schedule.id === DEFAULT_SCHEDULE_ID);
    const ids = due.map(({ schedule }) => schedule.connectionId).filter((id) => id !== null);
    const connections = many
      ? await everyRow((query) => catalog.connections.page(query))
      : await catalog.connections.getMany([...new Set(ids)]);
    const schedules = many ? await everyRow((query) => catalog.schedules.page(query)) : [];
    return due.flatMap(({ schedule, due: dueAt }) => {
      const covered = coveredConnections(schedule, connections, schedules);
      if (covered.length === 0) logger.warn({ schedule: schedule.id }, 'a schedule is due that has no connection');
      return covered.map((connection) => ({
        ...workOf(ofDatabase(schedule, connection), connection),
        ...timing(schedule, dueAt),
        // The key is the database, so that two instances make one run though they may see different active connections.
        ...(schedule.id === DEFAULT_SCHEDULE_ID ? { uniqueKey: connection.id } : {}),
      }));
    });
  };
}

/** A configured name applies only to the schedule's own database. The files of other databases are named after those. */
function ofDatabase(schedule: ScheduleRecord, connection: ConnectionRecord): ScheduleRecord {
  if (schedule.connectionId === connection.id) return schedule;
  const { name: _, ...options } = schedule.options;
  return { ...schedule, options };
}

/** Makes the same job for a run between the scheduled times. */
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
