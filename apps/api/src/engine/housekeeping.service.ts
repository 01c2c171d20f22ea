import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { catalogCopyJob, sweepJob } from '@app/engine';
import type { JobQueue } from '@app/jobs';
import { CLOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';

/** Each hour, for a machine that sleeps at night has its day, too. */
const LOOK_MS = 3_600_000;

/** What is to be done once a day, by one of the instances that share a catalog. */
@Injectable()
export class HousekeepingService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
    await this.look();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const day = this.clock.now().toISOString().slice(0, 10);
    try {
      for (const job of [catalogCopyJob(), sweepJob()]) {
        await this.queue.enqueue({ ...job, uniqueKey: `${job.type}:${day}` });
      }
    } catch (error) {
      this.logger.error({ err: error }, `the day's housekeeping was not begun: ${messageOf(error)}`);
    }
  }
}
