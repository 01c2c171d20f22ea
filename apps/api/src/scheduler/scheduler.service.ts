import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Catalog, JobRecord, ScheduleRecord } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import { messageOf, SerialExecutor } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { DEFAULT_SCHEDULE_ID } from '@app/core';
import { domainEvent, EventLog } from '@app/events';
import { nextDue, Schedule } from '@app/jobs';
import type { Subscription } from '@app/events';
import { BackupService } from '../backup/backup.service.js';
import { ActiveConnection } from '../connection/active-connection.js';
import { APP_CONFIG, CATALOG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { lastRunsOf, messageOfRun, timeOfRun } from './schedule-runs.js';
import { ScheduleTimer, TIMER_JOB } from './schedule-timer.js';

export interface LastRun {
  /** On the clocks of the schedule's zone. */
  at: string;
  startedAt: Date;
  success: boolean;
  message: string;
}

export interface SchedulerStatus {
  running: boolean;
  /** On the clocks of the schedule's zone; undefined while the scheduler is stopped. */
  nextBackup: string | undefined;
  nextBackupAt: Date | undefined;
  schedule: Schedule;
  lastRun: LastRun | undefined;
}

type Change = Partial<Omit<ScheduleRecord, 'id'>>;

/**
 * The schedule of the specification: one row among the others, which follows the settings (when), `config.ini` (whether)
 * and the active connection (what), and also covers every database that has no schedule of its own. It drives the
 * timer of all.
 */
@Injectable()
export class SchedulerService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly schedule: Schedule;
  /** The row as last seen in the catalog, so that the status can be told at once. */
  private row: ScheduleRecord;
  private lastRun: LastRun | undefined;
  private lastRunDueAt: number | null = null;
  /** Changes of the row run one after the other, so that file, catalog and memory never disagree. */
  private readonly work = new SerialExecutor();
  private subscription: Subscription | undefined;

  constructor(
    private readonly timer: ScheduleTimer,
    private readonly backups: BackupService,
    private readonly active: ActiveConnection,
    private readonly settings: SettingsStore,
    private readonly events: EventLog,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(APP_CONFIG) config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.schedule = new Schedule(config.schedule.expression, config.schedule.timezone);
    const now = clock.now().getTime();
    this.row = {
      id: DEFAULT_SCHEDULE_ID,
      name: 'Weekly backup',
      connectionId: null,
      action: 'backup',
      sourceConnectionId: null,
      cron: this.schedule.expression,
      timezone: this.schedule.timezone,
      enabled: false,
      options: {},
      retention: null,
      jitterSeconds: 0,
      nextDueAt: null,
      servedDueAt: null,
      createdAt: now,
      updatedAt: now,
    };
  }

  /** Takes over the settings and the file before anything is due. */
  async onModuleInit(): Promise<void> {
    await this.load();
    const { expression: cron, timezone } = this.schedule;
    const { scheduler } = await this.settings.load();
    const sameTimes = this.row.cron === cron && this.row.timezone === timezone;
    if (sameTimes && this.row.enabled === scheduler.running) return;
    this.row = { ...this.row, cron, timezone };
    await this.save({ cron, timezone, ...this.switched(scheduler.running) });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = this.events.subscribe((event) => {
      if (event.type === 'job' && event.job.scheduleId === DEFAULT_SCHEDULE_ID) this.noteRun(event.job);
      if (event.type === 'connection' && event.change === 'removed') void this.safely(() => this.load());
    });
    await this.inTurn(() => this.followConnection());
    await this.timer.begin();
    await this.reload();
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }

  /** Throws NOT_CONNECTED when there is nothing to back up. */
  start(): Promise<void> {
    return this.change(async () => {
      const { id: connectionId } = this.active.requireWanted();
      await this.remember(true);
      await this.save({ connectionId, ...(this.row.enabled ? {} : this.switched(true)) });
    });
  }

  stop(): Promise<void> {
    return this.change(async () => {
      await this.remember(false);
      await this.save(this.switched(false));
    });
  }

  status(): SchedulerStatus {
    const { enabled, nextDueAt } = this.row;
    const due = enabled && nextDueAt !== null ? new Date(nextDueAt) : undefined;
    return {
      running: enabled,
      nextBackup: due === undefined ? undefined : this.schedule.localTime(due),
      nextBackupAt: due,
      schedule: this.schedule,
      lastRun: this.lastRun,
    };
  }

  /** Runs the schedule now, as a job. Throws NOT_CONNECTED without a connection. */
  async runNow(patience: 'waits' | 'async'): Promise<JobRecord> {
    const { id: connectionId } = this.active.requireWanted();
    return this.backups.runNow({ ...this.row, connectionId }, patience);
  }

  /** Takes over what others have changed in the catalog. */
  reload(): Promise<void> {
    return this.inTurn(() => this.load());
  }

  /**
   * Declares the specification's default, whose time and zone are those of the settings, see {@link onModuleInit}. The
   * timer wakes for every other schedule as well.
   */
  @Cron('0 0 * * 6', { name: TIMER_JOB, disabled: true, unrefTimeout: true })
  async wakeUp(): Promise<void> {
    await this.safely(() => this.followConnection());
    await this.timer.tick();
    await this.safely(() => this.load());
  }

  /** The row is deleted with its connection, and inserted again afterwards. */
  private async load(): Promise<void> {
    const { schedules } = this.catalog;
    this.row = (await schedules.get(DEFAULT_SCHEDULE_ID)) ?? (await this.insert({ ...this.row, connectionId: null }));
    const last = (await lastRunsOf(this.catalog, [DEFAULT_SCHEDULE_ID])).get(DEFAULT_SCHEDULE_ID);
    if (last !== undefined) this.noteRun(last);
  }

  private noteRun(job: JobRecord): void {
    if (job.finishedAt === null) return;
    // If one run covers several databases, a failed one is reported, whichever ended last.
    const sameRun = job.dueAt !== null && job.dueAt === this.lastRunDueAt;
    if (sameRun && this.lastRun?.success === false && job.state === 'succeeded') return;
    this.lastRunDueAt = job.dueAt;
    const startedAt = new Date(timeOfRun(job));
    const at = this.schedule.localTime(startedAt);
    this.lastRun = { at, startedAt, success: job.state === 'succeeded', message: messageOfRun(job) };
  }

  /** The schedule backs up the connected database, or without a connection the last connected one. */
  private async followConnection(): Promise<void> {
    const connectionId = this.active.wanted?.id;
    if (connectionId !== undefined && connectionId !== this.row.connectionId) await this.save({ connectionId });
  }

  /** Runs that fell into the pause are not made up. */
  private switched(on: boolean): Pick<ScheduleRecord, 'enabled' | 'nextDueAt'> {
    return { enabled: on, nextDueAt: on ? nextDue(this.row, this.clock.now().getTime()) : null };
  }

  private async save(change: Change): Promise<void> {
    const stamped = { ...change, updatedAt: this.clock.now().getTime() };
    const changed = await this.catalog.transaction(async ({ schedules, outbox }) => {
      const row = await schedules.update(DEFAULT_SCHEDULE_ID, stamped);
      if (row !== undefined) {
        await outbox.append([domainEvent('ScheduleChanged', { scheduleId: DEFAULT_SCHEDULE_ID, change: 'changed' })]);
      }
      return row;
    });
    this.row = changed ?? (await this.insert({ ...this.row, ...stamped }));
  }

  /** Another instance that starts at the same time may be first. */
  private async insert(row: ScheduleRecord): Promise<ScheduleRecord> {
    try {
      await this.catalog.transaction(async ({ schedules, outbox }) => {
        await schedules.insert([row]);
        await outbox.append([domainEvent('ScheduleChanged', { scheduleId: row.id, change: 'created' })]);
      });
      return row;
    } catch (error) {
      const other = await this.catalog.schedules.get(row.id);
      if (other === undefined) throw error;
      return other;
    }
  }

  private change(work: () => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      await work();
      await this.timer.changed();
      this.events.publish({ type: 'status' });
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    return this.work.run(work);
  }

  /** Logs an error of work that nobody waits for; the next wake-up tries again. */
  private async safely(work: () => Promise<void>): Promise<void> {
    await this.inTurn(work).catch((error: unknown) => {
      this.logger.error({ err: error }, `the default schedule could not be updated: ${messageOf(error)}`);
    });
  }

  private async remember(running: boolean): Promise<void> {
    await this.settings.update(({ scheduler }) => {
      scheduler.running = running;
    });
  }
}
