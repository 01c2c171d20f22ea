import { AttemptLimiter } from './attempt-limiter.js';

class FakeClock {
  private time = Date.UTC(2026, 0, 1);
  now(): Date {
    return new Date(this.time);
  }
  advance(ms: number): void {
    this.time += ms;
  }
}

describe('AttemptLimiter', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  function failTimes(limiter: AttemptLimiter, address: string, times: number): void {
    for (let i = 0; i < times; i += 1) limiter.failed(address);
  }

  it('permits some wrong attempts, then demands a wait, twice as long each time up to a limit', () => {
    const limiter = new AttemptLimiter(clock, { freeFailures: 2, firstDelayMs: 1_000, maxDelayMs: 3_000 });
    failTimes(limiter, '10.0.0.1', 2);
    expect(limiter.waitMs('10.0.0.1')).toBe(0);
    limiter.failed('10.0.0.1');
    expect(limiter.waitMs('10.0.0.1')).toBe(1_000);
    limiter.failed('10.0.0.1');
    expect(limiter.waitMs('10.0.0.1')).toBe(2_000);
    failTimes(limiter, '10.0.0.1', 20);
    expect(limiter.waitMs('10.0.0.1')).toBe(3_000);
    clock.advance(2_500);
    expect(limiter.waitMs('10.0.0.1')).toBe(500);
    clock.advance(500);
    expect(limiter.waitMs('10.0.0.1')).toBe(0);
  });

  it('forgets after a success, and after a long time without failure', () => {
    const limiter = new AttemptLimiter(clock, { freeFailures: 0, maxDelayMs: 60_000, forgetAfterMs: 60_000 });
    limiter.failed('10.0.0.1');
    limiter.succeeded('10.0.0.1');
    expect(limiter.waitMs('10.0.0.1')).toBe(0);
    failTimes(limiter, '10.0.0.1', 10);
    clock.advance(60_000);
    limiter.failed('10.0.0.1');
    expect(limiter.waitMs('10.0.0.1')).toBe(1_000);
  });

  it('counts addresses separately, but all addresses of one machine together', () => {
    const limiter = new AttemptLimiter(clock, { freeFailures: 0 });
    limiter.failed('10.0.0.1');
    expect(limiter.waitMs('::ffff:10.0.0.1')).toBe(1_000);
    expect(limiter.waitMs('10.0.0.2')).toBe(0);
    limiter.failed('2001:db8::1');
    expect(limiter.waitMs('2001:0db8:0:0:ffff::2')).toBe(1_000);
    expect(limiter.waitMs('2001:db8:0:1::1')).toBe(0);
  });

  it('remembers no more sources than its limit, and drops the one that failed longest ago', () => {
    const limiter = new AttemptLimiter(clock, { freeFailures: 0, maxSources: 2 });
    limiter.failed('10.0.0.1');
    limiter.failed('10.0.0.2');
    limiter.failed('10.0.0.1');
    limiter.failed('10.0.0.3');
    expect(limiter.waitMs('10.0.0.2')).toBe(0);
    expect(limiter.waitMs('10.0.0.1')).toBeGreaterThan(0);
    expect(limiter.waitMs('10.0.0.3')).toBeGreaterThan(0);
  });
});
