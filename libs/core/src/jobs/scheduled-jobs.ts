import type { Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import type { Logger } from '@app/domain';
import type { JobRequest } from '@app/jobs';
import { coveredConnections, DEFAULT_SCHEDULE_ID } from '../schedules/schedule-cover.js';
import { everyRow } from '../schedules/every-row.js';
import { backupJob } from './backup-job.js';
import { restoreJob } from './restore-job.js';

/** A backup that fails for the network or a lock is tried again: nobody is there to do it. */
const SCHEDULED_ATTEMPTS = 3;

/**
 * What is to be done for schedules that are due: one job for each database that a schedule covers. One without a
 * connection to act on is passed over, and logged.
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
        // One run for each database; whichever connection is active when two instances look.
        ...(schedule.id === DEFAULT_SCHEDULE_ID ? { uniqueKey: connection.id } : {}),
      }));
    });
  };
}

/** A name of one's own is for the one database that the schedule is of: the files of others are called by theirs. */
function ofDatabase(schedule: ScheduleRecord, connection: ConnectionRecord): ScheduleRecord {
  if (schedule.connectionId === connection.id) return schedule;
  const { name: _, ...options } = schedule.options;
  return { ...schedule, options };
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
