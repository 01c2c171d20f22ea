import { isIPv6 } from 'node:net';
import type { Clock } from '@app/domain';

export interface AttemptLimiterOptions {
  /** The number of failures without a wait, as people mistype. */
  freeFailures?: number;
  /** The first wait, which doubles with each further failure. */
  firstDelayMs?: number;
  maxDelayMs?: number;
  /** How long after its last failure a source is forgotten. */
  forgetAfterMs?: number;
  /** The limit of remembered sources; the one that failed longest ago is dropped first. */
  maxSources?: number;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** Slows down the guessing of passwords: after some failures a source has to wait, longer each time. */
export class AttemptLimiter {
  /** The sources, the oldest failure first, as a `Map` keeps the order of insertion. */
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

  /** Returns the milliseconds that a source still has to wait before its next attempt; 0 when it may try. */
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

/** Returns the source of an address: an IPv4 address, or an IPv6 /64, all addresses of which one machine may use. */
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
