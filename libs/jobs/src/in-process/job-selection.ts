import type { JobRecord } from '@app/catalog';
import { BinaryHeap } from './binary-heap.js';
import { RoundRobin } from './round-robin.js';

/** The fields of a queued job that are needed to choose the next one. */
export type Candidate = Readonly<
  Pick<JobRecord, 'id' | 'priority' | 'connectionId' | 'lockKey' | 'createdAt' | 'runAfter' | 'abandonedByRestart'>
>;

interface Entry {
  readonly candidate: Candidate;
  /** The order of arrival, for jobs that were made in the same millisecond. */
  readonly number: number;
  place: 'ready' | 'behind-lock' | 'gone';
}

/**
 * Chooses the next queued job: the most urgent first, equally urgent jobs by round robin over the connections, and the older
 * one of a connection first. A job whose lock key is held waits until the key is free. Every step costs O(log n).
 */
export class JobSelection {
  private readonly entries = new Map<string, Entry>();
  /** The queues, the highest priority first. */
  private levels: { priority: number; ready: RoundRobin<Entry> }[] = [];
  private readonly held = new Set<string>();
  /**
   * Jobs whose key was held, the best first. When a key becomes free, only the best of them returns to the ready ones, as the
   * others would find it held again.
   */
  private readonly behind = new Map<string, BinaryHeap<Entry>>();
  /** Timed steps: a job becomes ready, or a key that somebody else holds is tried again. */
  private readonly later = new BinaryHeap<{ at: number; entry?: Entry; key?: string }>((a, b) => a.at < b.at);
  private readonly numbers = new WeakMap<Candidate, number>();
  private arrivals = 0;

  get size(): number {
    return this.entries.size;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  candidates(): Candidate[] {
    return [...this.entries.values()].map(({ candidate }) => candidate);
  }

  /** Adds a job, unless it waits already. */
  add(candidate: Candidate): void {
    if (this.has(candidate.id)) return;
    this.enter({ candidate, number: this.numberOf(candidate), place: 'ready' });
  }

  remove(id: string): Candidate | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    const { lockKey } = entry.candidate;
    // The withdrawn job may have been the one that was to take a free key before the others.
    const first = entry.place === 'ready' && lockKey !== null && !this.held.has(lockKey);
    entry.place = 'gone';
    if (first) this.letOneThrough(lockKey);
    return entry.candidate;
  }

  clear(): void {
    for (const { id } of this.candidates()) this.remove(id);
  }

  /** Returns the next job, which holds its key until {@link release}. */
  take(now: number): Candidate | undefined {
    this.wake(now);
    for (const { ready } of this.levels) {
      const entry = ready.take((one) => this.isFit(one));
      if (entry === undefined) continue;
      const { candidate } = entry;
      this.entries.delete(candidate.id);
      if (candidate.lockKey !== null) this.held.add(candidate.lockKey);
      return candidate;
    }
    return undefined;
  }

  /** Frees the key of a job that {@link take} returned. */
  release({ lockKey }: Candidate): void {
    if (lockKey === null) return;
    this.held.delete(lockKey);
    this.letOneThrough(lockKey);
  }

  /** Puts back a job that {@link take} returned, as somebody else holds its key, and tries it again later. */
  postpone(candidate: Candidate, until: number): void {
    if (candidate.lockKey === null) {
      this.add({ ...candidate, runAfter: until });
      return;
    }
    this.add(candidate);
    this.later.push({ at: until, key: candidate.lockKey });
  }

  /** Returns the time when {@link take} may return a job that is not ready now, if nothing else happens. */
  nextChangeAt(): number | undefined {
    for (let next = this.later.peek(); next !== undefined; next = this.later.peek()) {
      if (next.entry?.place !== 'gone') return next.at;
      this.later.pop();
    }
    return undefined;
  }

  /** A job that is put back keeps its place among those of the same millisecond. */
  private numberOf(candidate: Candidate): number {
    const number = this.numbers.get(candidate) ?? this.arrivals + 1;
    this.numbers.set(candidate, number);
    this.arrivals = Math.max(this.arrivals, number);
    return number;
  }

  private wake(now: number): void {
    for (let next = this.later.peek(); next !== undefined && next.at <= now; next = this.later.peek()) {
      this.later.pop();
      if (next.key !== undefined) {
        this.held.delete(next.key);
        this.letOneThrough(next.key);
      } else if (next.entry?.place === 'ready') this.makeReady(next.entry);
    }
  }

  private enter(entry: Entry): void {
    const { id, runAfter, createdAt } = entry.candidate;
    this.entries.set(id, entry);
    // Its time is not later than its creation, so it never had to wait, also when the clock was set.
    if (runAfter > createdAt) this.later.push({ at: runAfter, entry });
    else this.makeReady(entry);
  }

  private makeReady(entry: Entry): void {
    const { priority, connectionId } = entry.candidate;
    entry.place = 'ready';
    this.levelOf(priority).add(connectionId ?? '', entry);
  }

  private isFit(entry: Entry): boolean {
    if (entry.place === 'gone') return false;
    const { lockKey } = entry.candidate;
    if (lockKey === null || !this.held.has(lockKey)) return true;
    entry.place = 'behind-lock';
    let waiting = this.behind.get(lockKey);
    if (waiting === undefined) this.behind.set(lockKey, (waiting = new BinaryHeap(isBefore)));
    waiting.push(entry);
    return false;
  }

  private letOneThrough(lockKey: string): void {
    const waiting = this.behind.get(lockKey);
    let entry = waiting?.pop();
    while (entry?.place === 'gone') entry = waiting?.pop();
    if (waiting?.size === 0) this.behind.delete(lockKey);
    if (entry !== undefined) this.makeReady(entry);
  }

  private levelOf(priority: number): RoundRobin<Entry> {
    const known = this.levels.find((level) => level.priority === priority);
    if (known !== undefined) return known.ready;
    const ready = new RoundRobin<Entry>(isBefore);
    this.levels = [...this.levels, { priority, ready }].toSorted((a, b) => b.priority - a.priority);
    return ready;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.candidate.priority !== b.candidate.priority) return a.candidate.priority > b.candidate.priority;
  if (a.candidate.createdAt !== b.candidate.createdAt) return a.candidate.createdAt < b.candidate.createdAt;
  return a.number < b.number;
}

export function candidateOf(job: JobRecord): Candidate {
  const { id, priority, connectionId, lockKey, createdAt, runAfter, abandonedByRestart } = job;
  return { id, priority, connectionId, lockKey, createdAt, runAfter, abandonedByRestart };
}
