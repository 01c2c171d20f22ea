import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { AppConfig } from '@app/config';
import { messageOf, SerialExecutor } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { Schedule, ScheduleDispatcher } from '@app/jobs';
import { APP_CONFIG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { WakeUpTime } from './wake-up-time.js';

/** The job of the `cron` package whose timer wakes for all schedules; it is declared by the SchedulerService. */
export const TIMER_JOB = 'weekly-backup';

/** Runs the dispatcher whenever a schedule is due, one run after the other, and sets the timer accordingly. */
@Injectable()
export class ScheduleTimer implements OnModuleDestroy {
  private readonly work = new SerialExecutor();
  private stopped = false;

  constructor(
    private readonly dispatcher: ScheduleDispatcher,
    private readonly jobs: SchedulerRegistry,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Makes up missed runs, and keeps the schedules from then on. */
  begin(): Promise<void> {
    const { expression, timezone } = this.config.schedule;
    const nextDueAt = (): number | undefined => this.dispatcher.nextDueAt();
    this.job.setTime(new WakeUpTime(new Schedule(expression, timezone), this.clock, nextDueAt));
    return this.inTurn(() => this.dispatcher.start());
  }

  /** Runs what is due. */
  tick(): Promise<void> {
    return this.inTurn(() => this.dispatcher.tick());
  }

  /** Sets the timer again. Call this after any change of a schedule. */
  changed(): Promise<void> {
    return this.inTurn(() => this.dispatcher.refresh());
  }

  /** Waits for the end of the running work, so that the catalog may be closed. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.work.idle();
  }

  /** When the catalog is out of reach, the schedules go on once it is back. */
  private inTurn(work: () => Promise<unknown>): Promise<void> {
    return this.work.run(async () => {
      if (this.stopped) return;
      try {
        await work();
      } catch (error) {
        this.logger.error({ err: error }, `the schedules could not be served: ${messageOf(error)}`);
      }
      this.rearm();
    });
  }

  private rearm(): void {
    void this.job.stop();
    if (!this.stopped) this.job.start();
  }

  private get job() {
    return this.jobs.getCronJob(TIMER_JOB);
  }
}
