import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord, JobRecord, NewEvent, ScheduleRecord } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { DomainError } from '@app/domain';
import type { Clock } from '@app/domain';
import { ConnectionStore, DEFAULT_SCHEDULE_ID } from '@app/core';
import { domainEvent } from '@app/events';
import { nextDue } from '@app/jobs';
import { BackupService } from '../backup/backup.service.js';
import { APP_CONFIG, CATALOG, CLOCK } from '../foundation/tokens.js';
import { ScheduleCheck } from './schedule-check.js';
import { ScheduleTimer } from './schedule-timer.js';
import { ScheduleCoverage } from './schedule-coverage.service.js';
import { lastRunsOf } from './schedule-runs.js';
import { SchedulerService } from './scheduler.service.js';

/** The decisions of a user about a schedule. */
export type SchedulePlan = Pick<
  ScheduleRecord,
  'name' | 'action' | 'sourceConnectionId' | 'cron' | 'timezone' | 'enabled' | 'options' | 'retention' | 'jitterSeconds'
> & { connectionId: string };

/** An absent part keeps its value, or has the default in a new schedule. */
export type ScheduleEdit = { [Part in keyof SchedulePlan]?: SchedulePlan[Part] | undefined };

export interface ScheduleView {
  record: ScheduleRecord;
  lastRun: JobRecord | undefined;
  isDefault: boolean;
  /** Ids of the connections that it backs up, or restores into. */
  covered: readonly string[];
}

/** The parts of the default schedule that the settings, `config.ini` and the active connection determine. */
const SET_ELSEWHERE = ['connectionId', 'action', 'sourceConnectionId', 'cron', 'timezone'] as const;

/** Lets users change the schedules of the catalog. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly check: ScheduleCheck,
    private readonly connections: ConnectionStore,
    private readonly scheduler: SchedulerService,
    private readonly timer: ScheduleTimer,
    private readonly backups: BackupService,
    private readonly coverage: ScheduleCoverage,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async page(query: {
    connectionId?: string;
    limit: number;
    after?: string;
  }): Promise<{ views: ScheduleView[]; next: string | undefined }> {
    const { rows, next } = await this.catalog.schedules.page(query);
    return { views: await this.viewsOf(rows), next };
  }

  /** SCHEDULE_NOT_FOUND. */
  async get(id: string): Promise<ScheduleView> {
    return this.viewOf(await this.record(id));
  }

  /** CONNECTION_NOT_FOUND, or what {@link ScheduleCheck} finds. */
  async create(edit: ScheduleEdit & Pick<SchedulePlan, 'connectionId' | 'cron'>): Promise<ScheduleView> {
    const { connectionId, cron, enabled = true, action = 'backup' } = edit;
    const now = this.clock.now();
    const plan = {
      connectionId,
      cron,
      enabled,
      action,
      sourceConnectionId: edit.sourceConnectionId ?? null,
      timezone: edit.timezone ?? this.config.schedule.timezone,
      options: edit.options ?? {},
      retention: edit.retention ?? null,
      jitterSeconds: edit.jitterSeconds ?? 0,
    };
    const { connection, source } = await this.check.plan(plan);
    const record: ScheduleRecord = {
      ...plan,
      id: randomUUID(),
      name: edit.name ?? nameOf(connection, source),
      servedDueAt: null,
      nextDueAt: enabled ? nextDue({ ...plan, servedDueAt: null }, now.getTime()) : null,
      createdAt: now.getTime(),
      updatedAt: now.getTime(),
    };
    await this.catalog.transaction(async ({ schedules, outbox }) => {
      await schedules.insert([record]);
      await outbox.append([scheduleChanged(record.id, 'created')]);
    });
    await this.timer.changed();
    return this.viewOf(record);
  }

  /** SCHEDULE_NOT_FOUND, CONNECTION_NOT_FOUND, or what {@link ScheduleCheck} finds. */
  async change(id: string, edit: ScheduleEdit): Promise<ScheduleView> {
    const before = await this.record(id);
    const { enabled, ...rest } = changesOf(before, edit);
    if (id === DEFAULT_SCHEDULE_ID && SET_ELSEWHERE.some((part) => part in rest)) throw setElsewhere();
    const after = { ...before, ...rest, ...(enabled === undefined ? {} : { enabled }) };
    if (Object.keys(rest).length > 0 && after.connectionId !== null) {
      await this.check.plan({ ...after, connectionId: after.connectionId });
    }
    if (id === DEFAULT_SCHEDULE_ID) return this.changeDefault(rest, enabled);
    const retimed = enabled !== undefined || rest.cron !== undefined || rest.timezone !== undefined;
    await this.update(id, {
      ...rest,
      ...(enabled === undefined ? {} : { enabled }),
      // The schedule counts from now on: neither a pause nor earlier times are made up.
      ...(retimed ? { nextDueAt: after.enabled ? nextDue(after, this.clock.now().getTime()) : null } : {}),
    });
    await this.timer.changed();
    return this.get(id);
  }

  /** Removes a schedule and returns it. Its backups stay. Throws SCHEDULE_NOT_FOUND, or UNSUPPORTED for the default. */
  async remove(id: string): Promise<ScheduleRecord> {
    if (id === DEFAULT_SCHEDULE_ID) {
      throw new DomainError('UNSUPPORTED', 'The default schedule cannot be deleted.', {
        hint: 'Pause it with POST /api/scheduler/stop, or by "enabled": false.',
      });
    }
    const record = await this.record(id);
    await this.catalog.transaction(async ({ schedules, outbox }) => {
      if (!(await schedules.remove(id))) throw notFound(id);
      await outbox.append([scheduleChanged(id, 'removed')]);
    });
    await this.timer.changed();
    return record;
  }

  /** Runs a schedule now, paused or not. Throws SCHEDULE_NOT_FOUND. */
  async run(id: string): Promise<JobRecord> {
    if (id === DEFAULT_SCHEDULE_ID) return this.scheduler.runNow('async');
    return this.backups.runNow(await this.record(id), 'async');
  }

  /** SCHEDULE_NOT_FOUND; CONNECTION_NOT_FOUND for the default one before there was a connection. */
  async connectionOf(id: string): Promise<ConnectionRecord> {
    const { connectionId, name } = await this.record(id);
    if (connectionId !== null) return this.connections.get(connectionId);
    throw new DomainError('CONNECTION_NOT_FOUND', `The schedule "${name}" has no connection yet.`, {
      hint: 'Connect with POST /api/connect.',
    });
  }

  private async changeDefault(rest: Partial<ScheduleRecord>, enabled: boolean | undefined): Promise<ScheduleView> {
    if (Object.keys(rest).length > 0) {
      await this.update(DEFAULT_SCHEDULE_ID, rest);
      await this.scheduler.reload();
      await this.timer.changed();
    }
    if (enabled === true) await this.scheduler.start();
    if (enabled === false) await this.scheduler.stop();
    return this.get(DEFAULT_SCHEDULE_ID);
  }

  private async update(id: string, change: Partial<ScheduleRecord>): Promise<void> {
    const updatedAt = this.clock.now().getTime();
    await this.catalog.transaction(async ({ schedules, outbox }) => {
      if ((await schedules.update(id, { ...change, updatedAt })) === undefined) throw notFound(id);
      await outbox.append([scheduleChanged(id, 'changed')]);
    });
  }

  private async record(id: string): Promise<ScheduleRecord> {
    const record = await this.catalog.schedules.get(id);
    if (record === undefined) throw notFound(id);
    return record;
  }

  private async viewOf(record: ScheduleRecord): Promise<ScheduleView> {
    const [view] = await this.viewsOf([record]);
    return view as ScheduleView;
  }

  private async viewsOf(records: readonly ScheduleRecord[]): Promise<ScheduleView[]> {
    const runs = await lastRunsOf(
      this.catalog,
      records.map(({ id }) => id),
    );
    const covered = await this.coverage.covered(records);
    return records.map((record) => ({
      record,
      lastRun: runs.get(record.id),
      isDefault: record.id === DEFAULT_SCHEDULE_ID,
      covered: covered.get(record.id) ?? [],
    }));
  }
}

function scheduleChanged(scheduleId: string, change: 'created' | 'changed' | 'removed'): NewEvent {
  return domainEvent('ScheduleChanged', { scheduleId, change });
}

/** The given parts that differ. */
function changesOf(before: ScheduleRecord, edit: ScheduleEdit): Partial<SchedulePlan> {
  // A backup has no source, so a change of the action to it clears the source.
  const whole = edit.action === 'backup' ? { sourceConnectionId: null, ...definedParts(edit) } : edit;
  return Object.fromEntries(
    Object.entries(definedParts(whole)).filter(
      ([part, value]) => !isDeepStrictEqual(value, before[part as keyof SchedulePlan]),
    ),
  );
}

function definedParts(edit: ScheduleEdit): Partial<SchedulePlan> {
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
}

function nameOf(connection: ConnectionRecord, source: ConnectionRecord | undefined): string {
  const titleOf = ({ label, database, host }: ConnectionRecord): string => label ?? `${database} on ${host}`;
  return source === undefined
    ? `Backup of ${titleOf(connection)}`
    : `Restore of ${titleOf(source)} into ${titleOf(connection)}`;
}

function setElsewhere(): DomainError {
  return new DomainError('UNSUPPORTED', 'When the default schedule is due, and what it backs up, is set elsewhere.', {
    hint:
      'Set BACKUP_SCHEDULE and BACKUP_TIMEZONE in the environment; it backs up every database that has no schedule ' +
      'of its own. Or pause it, and add another schedule.',
  });
}

function notFound(id: string): DomainError {
  return new DomainError('SCHEDULE_NOT_FOUND', `There is no schedule ${id}.`, {
    hint: 'GET /api/schedules lists them.',
  });
}
