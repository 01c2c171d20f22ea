import type { Catalog } from '@app/catalog';
import { catalogCopyJob, expiryJob, recoveryJob, sweepJob } from '@app/core';
import type { RestoreRecovery, StorageSweep } from '@app/core';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import type { JobQueue } from '@app/jobs';

export interface HousekeepingParts {
  clock: Clock;
  logger: Logger;
  recovery: RestoreRecovery;
  sweep: StorageSweep;
  catalog: Catalog;
  queue: JobQueue;
}

/** Each hour, for a machine that sleeps at night has its day, too. */
const DAILY_LOOK_MS = 3_600_000;
/** How late a copy may be dropped, and how long a server that came back waits to be put in order. */
const RESTORES_LOOK_MS = 60_000;

/** A little more than a lease lasts: only this process knows what it has seen in the storages before. */
const SWEEP_AGAIN_MS = 660_000;

/** Does what is due again and again, by one of the instances that share a catalog. */
export class Housekeeping {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(private readonly parts: HousekeepingParts) {}

  async begin(): Promise<void> {
    const daily = this.guarded(() => this.beginDay());
    this.timers.push(
      setInterval(() => void daily(), DAILY_LOOK_MS).unref(),
      setInterval(() => void this.guarded(() => this.lookAtRestores())(), RESTORES_LOOK_MS).unref(),
      setInterval(() => void this.guarded(() => this.sweepAgain())(), SWEEP_AGAIN_MS).unref(),
    );
    await daily();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private guarded(work: () => Promise<void>): () => Promise<void> {
    const { logger } = this.parts;
    return () =>
      work().catch((error: unknown) => {
        logger.error({ err: error }, `the housekeeping was not begun: ${messageOf(error)}`);
      });
  }

  private async beginDay(): Promise<void> {
    const { clock, queue } = this.parts;
    const day = clock.now().toISOString().slice(0, 10);
    for (const job of [catalogCopyJob(), sweepJob()]) {
      await queue.enqueue({ ...job, uniqueKey: `${job.type}:${day}` });
    }
  }

  private async sweepAgain(): Promise<void> {
    const { sweep, queue } = this.parts;
    if (sweep.undecided) await queue.enqueue(sweepJob());
  }

  /** Also what another instance left that has died since. The minute is the key: one of the instances does it. */
  private async lookAtRestores(): Promise<void> {
    const { clock, catalog, recovery, queue } = this.parts;
    const now = clock.now();
    const minute = now.toISOString().slice(0, 16);
    await catalog.restores.endInterrupted(now.getTime());
    for (const record of await recovery.pending()) {
      await queue.enqueue({ ...recoveryJob(record), uniqueKey: `settle:${record.id}:${minute}` });
    }
    if ((await catalog.restores.expired(1)).length === 0) return;
    await queue.enqueue({ ...expiryJob(), uniqueKey: `expiry:${minute}` });
  }
}
