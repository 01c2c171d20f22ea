import { randomUUID } from 'node:crypto';
import type { JobRecord } from '@app/catalog';
import type { VerificationLevel } from '@app/domain';

/** An event for watchers. It names what has changed; a watcher asks for the details. */
export type EventBody =
  /** The job comes without its log. */
  | { type: 'job'; job: JobRecord }
  | { type: 'backup'; change: 'published' | 'changed' | 'removed'; backupId: string; connectionId: string | null }
  /** How the verification of a backup up to `level` ended. `message` says what was wrong, or why it was not possible. */
  | {
      type: 'verification';
      outcome: 'passed' | 'failed' | 'unavailable';
      backupId: string;
      level: VerificationLevel;
      message: string;
    }
  /** The previous database of a restore is gone. The job events tell that a restore or undo has ended. */
  | { type: 'restore'; change: 'dropped'; restoreId: string; connectionId: string | null }
  | { type: 'storage'; change: 'created' | 'changed' | 'removed'; storageId: string }
  | { type: 'connection'; change: 'created' | 'changed' | 'removed' | 'activated'; connectionId: string }
  | { type: 'schedule'; change: 'created' | 'changed' | 'removed'; scheduleId: string }
  | { type: 'status' };

/** `id` is `<run>-<number>` and grows within one run of the service. */
export type ServiceEvent = EventBody & { id: string };

export type EventListener = (event: ServiceEvent) => void;

export interface Subscription {
  /** Events between `afterId` and now are lost (too old, or of another run), so the watcher must read everything again. */
  missed: boolean;
  unsubscribe(): void;
}

interface Watcher {
  listener: EventListener;
  /** The number of the last event that the watcher has received, or that came before it subscribed. */
  seen: number;
}

const KEPT_EVENTS = 1_000;

/** Keeps the last events of this process and sends them to watchers. */
export class EventLog {
  private readonly run = randomUUID().slice(0, 8);
  /** Event n stands at n modulo the capacity. */
  private readonly kept: ServiceEvent[] = [];
  private readonly watchers = new Set<Watcher>();
  private last = 0;
  private told = 0;
  private telling = false;

  constructor(private readonly capacity = KEPT_EVENTS) {}

  /** Returns the id from which a watcher resumes that has seen everything until now. */
  get lastId(): string {
    return this.idOf(this.last);
  }

  /** Every watcher gets every event in this order, also when a watcher publishes an event itself. */
  publish(body: EventBody): ServiceEvent {
    this.last += 1;
    const event = { ...body, id: this.idOf(this.last) };
    this.kept[this.last % this.capacity] = event;
    this.tell();
    return event;
  }

  /**
   * The listener gets the events since `afterId` before this method returns, and then every later event. Errors that it throws
   * are only logged.
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
        // A broken watcher must not stop a job.
      }
    }
  }

  /** Returns the events after an id; undefined when not all of them are kept. */
  private numberOf(id: string): number | undefined {
    const number = Number(id.slice(this.run.length + 1));
    const known = Number.isInteger(number) && id === this.idOf(number);
    return known && number <= this.last && number >= this.last - this.capacity ? number : undefined;
  }

  private idOf(number: number): string {
    return `${this.run}-${number}`;
  }
}
