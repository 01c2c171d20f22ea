import { isIPv6 } from 'node:net';
import type { Clock } from '@app/domain';

export interface AttemptLimiterOptions {
  /** Failures that cost nothing: people mistype. */
  freeFailures?: number;
  /** Wait after the first failure that costs something; doubled with each further one. */
  firstDelayMs?: number;
  maxDelayMs?: number;
  /** A source that did nothing wrong for so long is forgotten. */
  forgetAfterMs?: number;
  /** Sources remembered at most; the one that failed longest ago makes room. */
  maxSources?: number;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** Slows the guessing of passwords: after some failures a source has to wait, longer each time. */
export class AttemptLimiter {
  /** Oldest failure first: a `Map` keeps the order of insertion. */
  private readonly failures = new Map<string, Failures>();
  private readonly options: Required<AttemptLimiterOptions>;

  constructor(
    private readonly clock: Clock,
    options: AttemptLimiterOptions = {},
  ) {
    this.options = {
      freeFailures: 5,
      firstDelayMs: 1_000,
      maxDelayMs: 60_000,
      forgetAfterMs: 15 * 60_000,
      maxSources: 10_000,
      ...options,
    };
  }

  /** Milliseconds that the source still has to wait before its next attempt is looked at; 0 when it may try. */
  waitMs(address: string): number {
    const entry = this.entry(sourceOf(address));
    if (entry === undefined) return 0;
    const costly = entry.count - this.options.freeFailures;
    if (costly <= 0) return 0;
    const delay = Math.min(this.options.firstDelayMs * 2 ** (costly - 1), this.options.maxDelayMs);
    return Math.max(0, entry.lastAt + delay - this.now());
  }

  failed(address: string): void {
    const source = sourceOf(address);
    const count = (this.entry(source)?.count ?? 0) + 1;
    this.failures.delete(source);
    this.failures.set(source, { count, lastAt: this.now() });
    if (this.failures.size > this.options.maxSources) {
      const oldest = this.failures.keys().next();
      if (oldest.done !== true) this.failures.delete(oldest.value);
    }
  }

  succeeded(address: string): void {
    this.failures.delete(sourceOf(address));
  }

  private entry(source: string): Failures | undefined {
    const entry = this.failures.get(source);
    if (entry === undefined || this.now() - entry.lastAt < this.options.forgetAfterMs) return entry;
    this.failures.delete(source);
    return undefined;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

/** One source for each IPv4 address, and for each IPv6 /64, all of which one machine may use. */
function sourceOf(address: string): string {
  const plain = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':');
}
