import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { AuditRecord, Catalog, Page } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { CATALOG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { RejectionBudget } from './rejection-budget.js';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 365;
const PRUNED_AT_ONCE = 1_000;
const REFUSALS_PER_MINUTE = 100;
/** How long a shutdown waits for the last answers and for their records. */
const LAST_WORDS_MS = 1_000;

export type AuditEntry = Omit<AuditRecord, 'id'>;

/** Records who changed what, and who tried to. An error here never fails the call. */
@Injectable()
export class AuditTrail implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly underWay = new Set<Promise<void>>();
  private readonly refusals: RejectionBudget;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.refusals = new RejectionBudget(clock, REFUSALS_PER_MINUTE, () =>
      this.logger.warn({}, 'very many requests are refused: the audit trail does not name all of them'),
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.follow(this.prune()), DAY_MS).unref();
    this.follow(this.prune());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, LAST_WORDS_MS);
    });
    await Promise.race([Promise.all(this.underWay), patience]);
    clearTimeout(timer);
  }

  page(query: { limit: number; after?: string }): Promise<Page<AuditRecord>> {
    return this.catalog.audit.page(query);
  }

  /**
   * Call this when a request comes; `entry` resolves when it has been answered. `refused`: no controller saw it; only a
   * limited number of these is recorded. A shutdown waits for both, for a moment.
   */
  expect(entry: Promise<{ entry: AuditEntry; refused: boolean }>): void {
    this.follow(this.write(entry));
  }

  private async write(answered: Promise<{ entry: AuditEntry; refused: boolean }>): Promise<void> {
    let lost: Partial<AuditEntry> = {};
    try {
      const { entry, refused } = await answered;
      if (refused && !this.refusals.take()) return;
      const { actor, action, subject, status } = entry;
      lost = { actor, action, subject, status };
      await this.catalog.audit.insert({ id: randomUUID(), ...entry });
    } catch (error) {
      this.logger.error({ err: error, ...lost }, `the audit trail could not be written: ${messageOf(error)}`);
    }
  }

  private async prune(): Promise<void> {
    try {
      const before = this.clock.now().getTime() - KEPT_DAYS * DAY_MS;
      let gone: number;
      do gone = await this.catalog.audit.prune(before, PRUNED_AT_ONCE);
      while (gone === PRUNED_AT_ONCE);
    } catch (error) {
      this.logger.error({ err: error }, `the audit trail could not be pruned: ${messageOf(error)}`);
    }
  }

  private follow(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }
}
