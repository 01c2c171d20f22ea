import { randomUUID } from 'node:crypto';
import type { JobRecord } from '@app/catalog';
import type { VerificationLevel } from '@app/domain';

/** What happened, for those who watch. It names; whoever wants more asks for it. */
export type EventBody =
  /** The job comes without its log. */
  | { type: 'job'; job: JobRecord }
  | { type: 'backup'; change: 'published' | 'changed' | 'removed'; backupId: string; connectionId: string | null }
  /** How the attempt to prove a backup up to `level` ended; `message`: what was wrong, or why it could not be tried. */
  | {
      type: 'verification';
      outcome: 'passed' | 'failed' | 'unavailable';
      backupId: string;
      level: VerificationLevel;
      message: string;
    }
  /** What a restore had replaced is gone. That one was done or undone is told by its job. */
  | { type: 'restore'; change: 'dropped'; restoreId: string; connectionId: string | null }
  | { type: 'connection'; change: 'created' | 'changed' | 'removed' | 'activated'; connectionId: string }
  | { type: 'schedule'; change: 'created' | 'changed' | 'removed'; scheduleId: string }
  | { type: 'status' };

/** `id` grows within one run of the service: `<run>-<number>`. */
export type ServiceEvent = EventBody & { id: string };

export type EventListener = (event: ServiceEvent) => void;

export interface Subscription {
  /** Events between `afterId` and now are lost (too old, or of another run): what is shown must be read anew. */
  missed: boolean;
  unsubscribe(): void;
}

interface Watcher {
  listener: EventListener;
  /** The number of the last event that it has got, or that was before its time. */
  seen: number;
}

const KEPT_EVENTS = 1_000;

/** The last events of this process, told to whoever watches. */
export class EventLog {
  private readonly run = randomUUID().slice(0, 8);
  /** Event n stands at n modulo the capacity. */
  private readonly kept: ServiceEvent[] = [];
  private readonly watchers = new Set<Watcher>();
  private last = 0;
  private told = 0;
  private telling = false;

  constructor(private readonly capacity = KEPT_EVENTS) {}

  /** The id to resume from, for one who has seen everything until now. */
  get lastId(): string {
    return this.idOf(this.last);
  }

  /** Every watcher gets every event in this order, also when one of them publishes in turn. */
  publish(body: EventBody): ServiceEvent {
    this.last += 1;
    const event = { ...body, id: this.idOf(this.last) };
    this.kept[this.last % this.capacity] = event;
    this.tell();
    return event;
  }

  /**
   * The listener gets every event from now on, after those since `afterId`, which it has got when this returns. What it
   * throws is its own affair.
   */
  subscribe(listener: EventListener, afterId?: string): Subscription {
    const from = afterId === undefined ? this.last : this.numberOf(afterId);
    const watcher: Watcher = { listener, seen: from ?? this.last };
    this.catchUp(watcher);
    this.watchers.add(watcher);
    return { missed: from === undefined, unsubscribe: () => void this.watchers.delete(watcher) };
  }

  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    while (this.told < this.last) {
      this.told += 1;
      for (const watcher of this.watchers) if (watcher.seen < this.told) this.catchUp(watcher, this.told);
    }
    this.telling = false;
  }

  private catchUp(watcher: Watcher, until = this.last): void {
    while (watcher.seen < until) {
      watcher.seen += 1;
      const event = this.kept[watcher.seen % this.capacity];
      if (event === undefined) continue;
      try {
        watcher.listener(event);
      } catch {
        // A watcher that is broken must not keep a job from going on.
      }
    }
  }

  /** Undefined when not all events after it are kept. */
  private numberOf(id: string): number | undefined {
    const number = Number(id.slice(this.run.length + 1));
    const known = Number.isInteger(number) && id === this.idOf(number);
    return known && number <= this.last && number >= this.last - this.capacity ? number : undefined;
  }

  private idOf(number: number): string {
    return `${this.run}-${number}`;
  }
}
