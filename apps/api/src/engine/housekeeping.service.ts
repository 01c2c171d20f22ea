import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { catalogCopyJob, expiryJob, RestoreRecovery, recoveryJob, StorageSweep, sweepJob } from '@app/core';
import type { JobQueue } from '@app/jobs';
import { CATALOG, CLOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';

/** Each hour, for a machine that sleeps at night has its day, too. */
const DAILY_LOOK_MS = 3_600_000;
/** How late a copy may be dropped, and how long a server that came back waits to be put in order. */
const RESTORES_LOOK_MS = 60_000;

/** A little more than a lease lasts: only this process knows what it has seen in the storages before. */
const SWEEP_AGAIN_MS = 660_000;

/** What is to be done again and again, by one of the instances that share a catalog. */
@Injectable()
export class HousekeepingService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly recovery: RestoreRecovery,
    private readonly sweep: StorageSweep,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const daily = this.guarded(() => this.beginDay());
    this.timers.push(
      setInterval(() => void daily(), DAILY_LOOK_MS).unref(),
      setInterval(() => void this.guarded(() => this.lookAtRestores())(), RESTORES_LOOK_MS).unref(),
      setInterval(() => void this.guarded(() => this.sweepAgain())(), SWEEP_AGAIN_MS).unref(),
    );
    await daily();
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private guarded(work: () => Promise<void>): () => Promise<void> {
    return () =>
      work().catch((error: unknown) => {
        this.logger.error({ err: error }, `the housekeeping was not begun: ${messageOf(error)}`);
      });
  }

  private async beginDay(): Promise<void> {
    const day = this.clock.now().toISOString().slice(0, 10);
    for (const job of [catalogCopyJob(), sweepJob()]) {
      await this.queue.enqueue({ ...job, uniqueKey: `${job.type}:${day}` });
    }
  }

  private async sweepAgain(): Promise<void> {
    if (this.sweep.undecided) await this.queue.enqueue(sweepJob());
  }

  /** Also what another instance left that has died since. The minute is the key: one of the instances does it. */
  private async lookAtRestores(): Promise<void> {
    const now = this.clock.now();
    const minute = now.toISOString().slice(0, 16);
    await this.catalog.restores.endInterrupted(now.getTime());
    for (const record of await this.recovery.pending()) {
      await this.queue.enqueue({ ...recoveryJob(record), uniqueKey: `settle:${record.id}:${minute}` });
    }
    if ((await this.catalog.restores.expired(1)).length === 0) return;
    await this.queue.enqueue({ ...expiryJob(), uniqueKey: `expiry:${minute}` });
  }
}
