import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalog } from '@app/catalog';
import { messageOf, SerialExecutor } from '@app/domain';
import type { Clock, Logger } from '@app/domain';

const DAY_MS = 24 * 3_600_000;
const STEP = 500;

/** Removes jobs that ended long ago, once a day, in steps that block no other work. */
export class JobPruning {
  private timer: NodeJS.Timeout | undefined;
  private readonly work = new SerialExecutor();
  private ended = false;

  constructor(
    private readonly parts: { catalog: Catalog; clock: Clock; logger: Logger; keepMs: number },
    private readonly everyMs = DAY_MS,
  ) {}

  begin(): void {
    this.timer = setInterval(() => this.prune(), this.everyMs).unref();
    this.prune();
  }

  async end(): Promise<void> {
    this.ended = true;
    clearInterval(this.timer);
    await this.work.idle();
  }

  private prune(): void {
    void this.work.run(() => this.step());
  }

  private async step(): Promise<void> {
    const { catalog, clock, logger, keepMs } = this.parts;
    try {
      const before = clock.now().getTime() - keepMs;
      while (!this.ended && (await catalog.jobs.prune(before, STEP)) === STEP) await nextTurn();
    } catch (error) {
      logger.warn({ err: error }, `old jobs could not be removed: ${messageOf(error)}`);
    }
  }
}
