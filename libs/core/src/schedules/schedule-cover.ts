import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import type { ScheduleState } from './protection.js';
import { groupByDatabase } from '../connections/same-database.js';

/** The schedule of the specification. */
export const DEFAULT_SCHEDULE_ID = 'default';

/**
 * What a schedule backs up: its own connection. The default one, which is of the active connection, backs up every
 * other database as well that has no schedule of its own, each once, by its oldest connection.
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

/** The schedules by which a database, given by all its connections, is backed up when they are enabled. */
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

const SHOWN_NAMES = 5;

/** What nobody backs up by itself, in whole sentences with the way out; none when all is scheduled. */
export function unscheduledWarnings(
  connections: readonly ConnectionRecord[],
  schedules: readonly ScheduleRecord[],
): string[] {
  const preferred = schedules.find(({ id }) => id === DEFAULT_SCHEDULE_ID)?.connectionId;
  const paused: string[] = [];
  const stopped: string[] = [];
  for (const group of groupByDatabase(connections)) {
    // The active one, by which people know it, or the oldest.
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

/** Of the schedules by which a database is backed up: see {@link schedulesOf}. */
export function scheduleStateOf(schedules: readonly ScheduleRecord[]): ScheduleState {
  if (schedules.some(({ enabled, nextDueAt }) => enabled && nextDueAt !== null)) return 'scheduled';
  return schedules.some(({ id }) => id !== DEFAULT_SCHEDULE_ID) ? 'paused' : 'stopped';
}

/** What people call a connection. */
export function titleOf({ label, database, host }: Pick<ConnectionRecord, 'label' | 'database' | 'host'>): string {
  return label ?? `${database} on ${host}`;
}

function sentence(names: readonly string[], why: string): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, SHOWN_NAMES).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return [`No backup of ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')} is scheduled: ${why}`];
}
