import type { Catalog } from '@app/catalog';
import { messageOf, SerialExecutor } from '@app/domain';
import type { Logger } from '@app/domain';
import type { EventName } from '../registry/domain-event.js';
import { Reader } from './reader.js';
import type { Subscriber } from './subscriber.js';
import { Subscription } from './subscription.js';

const POLL_MS = 2_000;
const LEASE_MS = 60_000;
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000, 60_000];
const STOP_WITHIN_MS = 10_000;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;
const PRUNED_AT_ONCE = 5_000;

export interface EventDispatcherOptions {
  catalog: Catalog;
  logger: Logger;
  /** The id of this run of the service. */
  instance: string;
  /** No other process uses the catalog: what another instance had begun to read is read at once, and not only after its lease. */
  alone?: boolean;
  pollMs?: number;
  leaseMs?: number;
  retryDelaysMs?: readonly number[];
  /** How long events are kept that every subscriber has read. Default: 7 days. */
  keepReadMs?: number;
  /** How long events are kept in any case. Default: 90 days. */
  keepUnreadMs?: number;
}

/** Delivers the events of the outbox to subscribers: see {@link Subscriber}. */
export class EventDispatcher {
  private readonly subscribers = new Map<string, { subscriber: Subscriber; owner: string | undefined }>();
  private subscriptions: Subscription[] = [];
  private stopListening: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly pruning = new SerialExecutor();

  constructor(private readonly options: EventDispatcherOptions) {}

  /** For what must happen once for each event, in whichever process: the catalog keeps the position. To be called before {@link start}. */
  subscribe<Name extends EventName>(subscriber: Subscriber<Name>): void {
    this.add(subscriber, this.options.instance);
  }

  /** For what must happen in each process, such as hints for its watchers. It sees the events from {@link start} on. */
  subscribeHere<Name extends EventName>(subscriber: Subscriber<Name>): void {
    this.add(subscriber, undefined);
  }

  async start(): Promise<void> {
    const { catalog, logger, pollMs = POLL_MS, leaseMs = LEASE_MS, retryDelaysMs = RETRY_DELAYS_MS } = this.options;
    this.subscriptions = [...this.subscribers.values()].map(
      ({ subscriber, owner }) =>
        new Subscription(new Reader(subscriber, { catalog, logger, owner, leaseMs }), {
          logger,
          pollMs,
          retryDelaysMs,
        }),
    );
    if (this.options.alone === true) await catalog.outbox.releaseAll();
    this.stopListening = catalog.outbox.onAppended(() => this.notice());
    await Promise.all(this.subscriptions.map((one) => one.begin()));
    this.timer = setInterval(() => void this.prune(), PRUNE_EVERY_MS).unref();
  }

  /** Delivers what is there by now, waits for the subscribers as long as `withinMs` allows, and notes their positions. */
  async stop(withinMs = STOP_WITHIN_MS): Promise<void> {
    clearInterval(this.timer);
    this.stopListening?.();
    const ended = Promise.all([this.pruning.idle(), ...this.subscriptions.map((one) => one.end())]);
    this.subscriptions = [];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, withinMs, 'late')));
    if ((await Promise.race([ended, late])) === 'late') {
      this.options.logger.warn({}, 'a subscriber did not come to an end; the next start delivers its events again');
    }
    clearTimeout(timer);
  }

  /** Forgets old events. */
  prune(): Promise<void> {
    return this.pruning.run(() => this.pruneNow());
  }

  private async pruneNow(): Promise<void> {
    const { catalog, logger, keepReadMs = 7 * DAY_MS, keepUnreadMs = 90 * DAY_MS } = this.options;
    try {
      await Promise.all(this.subscriptions.map((one) => one.note()));
      const ages = { readMs: keepReadMs, unreadMs: keepUnreadMs, limit: PRUNED_AT_ONCE };
      while ((await catalog.outbox.prune(ages)) === PRUNED_AT_ONCE);
    } catch (error) {
      logger.warn({ err: error }, `old events were not removed: ${messageOf(error)}`);
    }
  }

  private notice(): void {
    for (const subscription of this.subscriptions) subscription.notice();
  }

  private add(subscriber: Subscriber, owner: string | undefined): void {
    const { name } = subscriber;
    if (this.subscribers.has(name)) throw new Error(`There are two subscribers named ${name}`);
    this.subscribers.set(name, { subscriber, owner });
  }
}
