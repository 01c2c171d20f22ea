import type { BackupRow, Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Manifest, RetentionPolicy } from '@app/domain';
import { databaseKey } from '../inventory/database-key.js';

/** The schedule or connection whose policy is asked for. */
export type RetentionSubject = { connectionId: string } | { scheduleId: string };

/**
 * A set of backups that are judged together, folder by folder: they are of one database and under one policy. A schedule or a
 * connection with a policy of its own forms its own group; all others of the database share the policy of the service.
 */
export interface RetentionGroup {
  databaseKey: string;
  policy: RetentionPolicy;
  timezone: string;
  /** Safety backups have a count of their own, so that restores do not push out other backups. */
  safety: boolean;
  schedule?: ScheduleRecord;
  connection?: ConnectionRecord | undefined;
}

/** Whether a backup belongs to a group. The schedule or connection of an `orphan` was deleted, which deletes no backup (FAILURES 50). */
export type Membership = 'member' | 'orphan' | 'other';

export interface RetentionGroupsParts {
  catalog: Catalog;
  /** The policy where neither schedule nor connection has one. */
  defaultPolicy: RetentionPolicy;
  timezone: string;
}

/** Tells which backups belong together, by the present content of the catalog. */
export class RetentionGroups {
  constructor(private readonly parts: RetentionGroupsParts) {}

  /** Returns the group of a backup; undefined when its schedule or connection is gone, as no policy applies to it. */
  async ofBackup(made: Manifest): Promise<RetentionGroup | undefined> {
    const { schedules, connections } = this.parts.catalog;
    const key = databaseKey({ ...made, dbType: made.db_type });
    if (made.kind === 'safety') return this.safetyGroup(key);
    const schedule = made.schedule_id === undefined ? undefined : await schedules.get(made.schedule_id);
    const connection = made.connection_id === undefined ? undefined : await connections.get(made.connection_id);
    if (made.schedule_id !== undefined && schedule === undefined) return undefined;
    if (made.connection_id !== undefined && connection === undefined) return undefined;
    return schedule?.retention ? this.ofSchedule(key, schedule, schedule.retention) : this.ofDatabase(key, connection);
  }

  /**
   * Returns the groups that a subject's policy applies to. `policy` is used as if it were the subject's own. Throws
   * CONNECTION_NOT_FOUND or SCHEDULE_NOT_FOUND.
   */
  async ofSubject(subject: RetentionSubject, policy?: RetentionPolicy): Promise<RetentionGroup[]> {
    if ('connectionId' in subject) return this.ofConnection(subject.connectionId, policy);
    const schedule = await this.parts.catalog.schedules.get(subject.scheduleId);
    if (schedule === undefined) {
      throw new DomainError('SCHEDULE_NOT_FOUND', `There is no schedule ${subject.scheduleId}.`, {
        hint: 'GET /api/schedules lists them.',
      });
    }
    const own = policy ?? schedule.retention;
    if (own === null) return this.ofConnection(schedule.connectionId ?? '');
    const connection = await this.connection(schedule.connectionId ?? '');
    return [this.ofSchedule(databaseKey(connection), schedule, own)];
  }

  /** Sorts backups of the group's database. */
  async membershipsIn(group: RetentionGroup, rows: readonly BackupRow[]): Promise<Map<BackupRow, Membership>> {
    const { catalog } = this.parts;
    const schedules = new Map<string, ScheduleRecord | undefined>();
    for (const id of idsOf(rows, 'scheduleId')) schedules.set(id, await catalog.schedules.get(id));
    const connections = new Map(
      (await catalog.connections.getMany(idsOf(rows, 'connectionId'))).map((record) => [record.id, record]),
    );
    return new Map(rows.map((row) => [row, membership(group, row, schedules, connections)]));
  }

  private async ofConnection(id: string, policy?: RetentionPolicy): Promise<RetentionGroup[]> {
    const record = await this.connection(id);
    const connection = policy === undefined ? record : { ...record, retention: policy };
    const key = databaseKey(connection);
    return [this.ofDatabase(key, connection), this.safetyGroup(key)];
  }

  private async connection(id: string): Promise<ConnectionRecord> {
    const record = await this.parts.catalog.connections.get(id);
    if (record !== undefined) return record;
    throw new DomainError('CONNECTION_NOT_FOUND', `There is no connection ${id}.`, {
      hint: 'GET /api/connections lists them.',
    });
  }

  private ofSchedule(key: string, schedule: ScheduleRecord, policy: RetentionPolicy): RetentionGroup {
    return { databaseKey: key, policy, timezone: schedule.timezone, safety: false, schedule };
  }

  private ofDatabase(key: string, connection: ConnectionRecord | undefined): RetentionGroup {
    const { defaultPolicy, timezone } = this.parts;
    return { databaseKey: key, policy: connection?.retention ?? defaultPolicy, timezone, safety: false, connection };
  }

  private safetyGroup(key: string): RetentionGroup {
    const { defaultPolicy, timezone } = this.parts;
    return { databaseKey: key, policy: { keepLast: defaultPolicy.keepLast ?? 3 }, timezone, safety: true };
  }
}

function membership(
  group: RetentionGroup,
  row: BackupRow,
  schedules: ReadonlyMap<string, ScheduleRecord | undefined>,
  connections: ReadonlyMap<string, ConnectionRecord>,
): Membership {
  if (row.databaseKey !== group.databaseKey || (row.kind === 'safety') !== group.safety) return 'other';
  if (group.safety) return 'member';
  if (group.schedule !== undefined) return row.scheduleId === group.schedule.id ? 'member' : 'other';
  if (row.scheduleId !== null) {
    const schedule = schedules.get(row.scheduleId);
    if (schedule === undefined) return 'orphan';
    if (schedule.retention !== null) return 'other';
  }
  if (row.connectionId === null || row.connectionId === group.connection?.id) return 'member';
  const connection = connections.get(row.connectionId);
  if (connection === undefined) return 'orphan';
  return connection.retention === null && (group.connection?.retention ?? null) === null ? 'member' : 'other';
}

function idsOf(rows: readonly BackupRow[], key: 'scheduleId' | 'connectionId'): string[] {
  return [...new Set(rows.map((row) => row[key]).filter((id) => id !== null))];
}
