import type { Catalog, StoredEvent } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import { readEvent } from '../registry/domain-event.js';
import type { DomainEvent } from '../registry/domain-event.js';
import type { Subscriber } from './subscriber.js';

const BATCH = 200;

export interface ReaderParts {
  catalog: Catalog;
  logger: Logger;
  /** The instance that reads; undefined for a subscriber of each process, whose position is not kept. */
  owner: string | undefined;
  leaseMs: number;
}

/** Brings a subscriber the events that it has not seen, and keeps its position. */
export class Reader {
  /** Up to here the subscriber has seen everything; undefined: not known yet. */
  private position: number | undefined;
  private leased = false;

  constructor(
    private readonly subscriber: Subscriber,
    private readonly parts: ReaderParts,
  ) {}

  get name(): string {
    return this.subscriber.name;
  }

  /** Decides from which event on the subscriber reads, which is the next one for a new subscriber. */
  async begin(): Promise<void> {
    const { catalog, owner } = this.parts;
    if (this.position !== undefined) return;
    this.position = owner === undefined ? await catalog.outbox.last() : await this.lease();
  }

  /** Delivers some events. Returns whether there may be more. Rejects when the subscriber or the catalog fails. */
  async deliver(signal: AbortSignal): Promise<boolean> {
    await this.begin();
    // Another instance reads for it; its position will be known once that one has ended.
    if (this.position === undefined) return false;
    const last = await this.parts.catalog.outbox.last();
    let found = await this.next(this.position);
    if (found.length > 0 && this.parts.owner !== undefined) {
      const kept = await this.lease();
      if (kept === undefined) return false;
      // Another instance may have read further meanwhile.
      this.position = Math.max(kept, this.position);
      found = await this.next(this.position);
    }
    if (found.length === 0) {
      // It is not written: these events are of no interest, and are passed over again after a crash.
      this.position = Math.max(this.position, last);
      return false;
    }
    await this.handle(found, signal);
    await this.moveTo(found.at(-1)?.position ?? 0);
    return found.length === BATCH;
  }

  /** Notes the position also where only events of no interest were passed over, so that these can be forgotten. */
  async note(): Promise<void> {
    const { position } = this;
    if (this.parts.owner === undefined || position === undefined) return;
    const kept = await this.lease();
    if (kept !== undefined && kept < position) await this.moveTo(position);
    await this.release();
  }

  async release(): Promise<void> {
    const { catalog, owner } = this.parts;
    if (owner === undefined || !this.leased) return;
    this.leased = false;
    await catalog.outbox.release(this.name, owner);
  }

  private next(after: number): Promise<StoredEvent[]> {
    return this.parts.catalog.outbox.after(after, BATCH, this.subscriber.events);
  }

  private async handle(found: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    const events: DomainEvent[] = [];
    for (const stored of found) {
      const event = readEvent(stored);
      if (event !== undefined) events.push(event);
      else
        this.parts.logger.warn(
          { subscriber: this.name, event: stored.name },
          'an event of a newer version was passed over',
        );
    }
    let renewed = Promise.resolve();
    const renew = (): void => {
      renewed = this.renew();
    };
    const renewal = this.leased ? setInterval(renew, this.parts.leaseMs / 3).unref() : undefined;
    try {
      if (events.length > 0) await this.subscriber.handle(events, signal);
    } finally {
      clearInterval(renewal);
      // Otherwise it could come after the lease is given up.
      await renewed;
    }
  }

  private async moveTo(position: number): Promise<void> {
    const { catalog, owner, logger } = this.parts;
    if (owner !== undefined && !(await catalog.outbox.advance(this.name, owner, position))) {
      logger.warn(
        { subscriber: this.name },
        'another instance has taken a subscriber over, and may deliver events again',
      );
      this.leased = false;
      return;
    }
    this.position = position;
  }

  private async lease(): Promise<number | undefined> {
    const { catalog, owner = '', leaseMs } = this.parts;
    const position = await catalog.outbox.lease(this.name, owner, leaseMs);
    this.leased = position !== undefined;
    return position;
  }

  private async renew(): Promise<void> {
    const { catalog, owner = '', leaseMs, logger } = this.parts;
    await catalog.outbox.lease(this.name, owner, leaseMs).catch((error: unknown) => {
      logger.warn({ err: error, subscriber: this.name }, `a lease was not renewed: ${messageOf(error)}`);
    });
  }
}
