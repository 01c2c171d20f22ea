import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import type { BackupRecord } from '@app/engine';
import { BackupService } from '../backup/backup.service.js';
import { ActiveConnection } from '../connection/active-connection.js';
import { APP_CONFIG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { Schedule } from '@app/jobs';
import { WakeUpTime } from './wake-up-time.js';

const JOB_NAME = 'weekly-backup';
/** A clock set back by less does not bring a run twice; one set back by more was wrong when it ran. */
const CLOCK_CORRECTION_MS = 24 * 3_600_000;

export interface LastRun {
  /** On the clocks of the schedule's zone. */
  at: string;
  success: boolean;
  message: string;
}

export interface SchedulerStatus {
  running: boolean;
  /** On the clocks of the schedule's zone; undefined while the scheduler is stopped. */
  nextBackup: string | undefined;
  schedule: Schedule;
  lastRun: LastRun | undefined;
}

/** Makes a backup of the wanted connection whenever the schedule is due. */
@Injectable()
export class SchedulerService implements OnApplicationBootstrap {
  private readonly schedule: Schedule;
  /** The next due instant; undefined while the scheduler is stopped. */
  private due: Date | undefined;
  /** The latest due instant that has had its run. */
  private served: Date | undefined;
  private lastRun: LastRun | undefined;

  constructor(
    private readonly backups: BackupService,
    private readonly active: ActiveConnection,
    private readonly settings: SettingsStore,
    private readonly jobs: SchedulerRegistry,
    @Inject(APP_CONFIG) config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.schedule = new Schedule(config.schedule.expression, config.schedule.timezone);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.job.setTime(new WakeUpTime(this.schedule, this.clock));
    const { scheduler } = await this.settings.load();
    if (scheduler.running) this.begin();
  }

  /** NOT_CONNECTED when there is nothing to back up. */
  async start(): Promise<void> {
    this.active.requireWanted();
    await this.remember(true);
    this.begin();
  }

  async stop(): Promise<void> {
    await this.remember(false);
    this.due = undefined;
    void this.job.stop();
  }

  status(): SchedulerStatus {
    return {
      running: this.due !== undefined,
      nextBackup: this.due === undefined ? undefined : this.schedule.localTime(this.due),
      schedule: this.schedule,
      lastRun: this.lastRun,
    };
  }

  /** What the schedule does, now. Fails as it does; the failure counts as the last run either way. */
  async runNow(): Promise<BackupRecord> {
    const at = this.schedule.localTime(this.clock.now());
    try {
      const record = await this.backups.createScheduled();
      this.lastRun = { at, success: true, message: `Backup created successfully at ${record.path}` };
      return record;
    } catch (error) {
      this.lastRun = { at, success: false, message: messageOf(error) };
      throw error;
    }
  }

  /** Declares the specification's default; {@link onApplicationBootstrap} sets the time and zone of the settings. */
  @Cron('0 0 * * 6', { name: JOB_NAME, disabled: true, unrefTimeout: true })
  async wakeUp(): Promise<void> {
    const now = this.clock.now();
    if (this.due === undefined) return;
    const wasDue = now >= this.due;
    if (wasDue) this.served = this.due;
    // Anew each time: the clock may have been set.
    this.due = this.nextAfter(now);
    if (!wasDue) return;
    this.logger.info({ next: this.schedule.localTime(this.due) }, 'scheduled backup begins');
    await this.runNow().catch((error: unknown) => {
      this.logger.error({ err: error }, `scheduled backup failed: ${messageOf(error)}`);
    });
  }

  private begin(): void {
    this.due ??= this.nextAfter(this.clock.now());
    this.job.start();
  }

  /** One run for one due time, also when the clock is corrected just after it. */
  private nextAfter(now: Date): Date {
    const served = this.served?.getTime() ?? 0;
    const ahead = served > now.getTime() && served - now.getTime() < CLOCK_CORRECTION_MS;
    return this.schedule.next(ahead ? new Date(served) : now);
  }

  private async remember(running: boolean): Promise<void> {
    await this.settings.update(({ scheduler }) => {
      scheduler.running = running;
    });
  }

  private get job() {
    return this.jobs.getCronJob(JOB_NAME);
  }
}
