import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { someOf } from '@app/domain';
import type { ScheduleState } from './protection.js';
import { groupByDatabase } from '../connections/same-database.js';

/** The id of the default schedule, which the specification demands. */
export const DEFAULT_SCHEDULE_ID = 'default';

/**
 * Returns the connections that a schedule backs up: its own one. The default schedule belongs to the active connection, and
 * also backs up every other database without a schedule of its own, each once, by its oldest connection.
 */
export function coveredConnections(
  schedule: Pick<ScheduleRecord, 'id' | 'connectionId'>,
  connections: readonly ConnectionRecord[],
  schedules: readonly ScheduleRecord[],
): ConnectionRecord[] {
  const own = connections.filter(({ id }) => id === schedule.connectionId);
  if (schedule.id !== DEFAULT_SCHEDULE_ID) return own;
  const others = groupByDatabase(connections).filter(
    (group) => !group.some(({ id }) => id === schedule.connectionId) && ownSchedules(group, schedules).length === 0,
  );
  return [...own, ...others.map(([oldest]) => oldest as ConnectionRecord)];
}

/** Returns the schedules that back up a database when they are enabled. The database is given by all its connections. */
export function schedulesOf(
  group: readonly ConnectionRecord[],
  schedules: readonly ScheduleRecord[],
): ScheduleRecord[] {
  const own = ownSchedules(group, schedules);
  const usual = schedules.filter(
    ({ id, connectionId }) =>
      id === DEFAULT_SCHEDULE_ID && (own.length === 0 || group.some((connection) => connection.id === connectionId)),
  );
  return [...own, ...usual];
}

function ownSchedules(group: readonly ConnectionRecord[], schedules: readonly ScheduleRecord[]): ScheduleRecord[] {
  const ids = new Set(group.map(({ id }) => id));
  return schedules.filter(
    ({ id, action, connectionId }) =>
      id !== DEFAULT_SCHEDULE_ID && action === 'backup' && connectionId !== null && ids.has(connectionId),
  );
}

/** Returns sentences that name the databases without a scheduled backup and say what to do; none when all are scheduled. */
export function unscheduledWarnings(
  connections: readonly ConnectionRecord[],
  schedules: readonly ScheduleRecord[],
): string[] {
  const preferred = schedules.find(({ id }) => id === DEFAULT_SCHEDULE_ID)?.connectionId;
  const paused: string[] = [];
  const stopped: string[] = [];
  for (const group of groupByDatabase(connections)) {
    // The active connection, by which people know the database, or the oldest one.
    const name = titleOf(group.find(({ id }) => id === preferred) ?? (group[0] as ConnectionRecord));
    const state = scheduleStateOf(schedulesOf(group, schedules));
    if (state === 'paused') paused.push(name);
    if (state === 'stopped') stopped.push(name);
  }
  return [
    ...sentence(stopped, 'the scheduler is stopped. POST /api/scheduler/start starts it.'),
    ...sentence(paused, 'what is scheduled is paused. PATCH /api/schedules/:id with "enabled": true resumes it.'),
  ];
}

/** Returns the state of the schedules that back up a database, see {@link schedulesOf}. */
export function scheduleStateOf(schedules: readonly ScheduleRecord[]): ScheduleState {
  if (schedules.some(({ enabled, nextDueAt }) => enabled && nextDueAt !== null)) return 'scheduled';
  return schedules.some(({ id }) => id !== DEFAULT_SCHEDULE_ID) ? 'paused' : 'stopped';
}

/** Returns the name of a connection for people. */
export function titleOf({ label, database, host }: Pick<ConnectionRecord, 'label' | 'database' | 'host'>): string {
  return label ?? `${database} on ${host}`;
}

function sentence(names: readonly string[], why: string): string[] {
  if (names.length === 0) return [];
  const quoted = names.map((name) => `"${name}"`);
  return [`No backup of ${someOf(quoted)} is scheduled: ${why}`];
}
