import { JobSelection } from './job-selection.js';
import type { Candidate } from './job-selection.js';

const NOW = 1_000;
let number = 0;

function job(id: string, some: Partial<Candidate> = {}): Candidate {
  number += 1;
  const plain = { id, priority: 0, connectionId: 'c', lockKey: null, createdAt: number, runAfter: 0 };
  return { ...plain, abandonedByRestart: false, ...some };
}

function selectionOf(...jobs: Candidate[]): JobSelection {
  const selection = new JobSelection();
  for (const one of jobs) selection.add(one);
  return selection;
}

/** Takes all jobs, and releases each at once. */
function drain(selection: JobSelection, now = NOW): string[] {
  const order: string[] = [];
  for (let next = selection.take(now); next !== undefined; next = selection.take(now)) {
    order.push(next.id);
    selection.release(next);
  }
  return order;
}

describe('JobSelection', () => {
  it('takes the more urgent first, then the older', () => {
    const selection = selectionOf(
      job('background'),
      job('scheduled 1', { priority: 10 }),
      job('manual', { priority: 20 }),
      job('scheduled 2', { priority: 10 }),
    );
    expect(drain(selection)).toEqual(['manual', 'scheduled 1', 'scheduled 2', 'background']);
    expect(selection.size).toBe(0);
  });

  it('chooses by round robin over connections, and is first in, first out within each', () => {
    const selection = selectionOf(
      ...['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map((id) => job(id, { connectionId: id.charAt(0) })),
    );
    expect(drain(selection)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('lets a new connection wait for one job of a connection with many jobs at most', () => {
    const selection = selectionOf(...Array.from({ length: 100 }, (_, i) => job(`a${i}`, { connectionId: 'a' })));
    expect(selection.take(NOW)?.id).toBe('a0');
    selection.add(job('b0', { connectionId: 'b' }));
    expect(selection.take(NOW)?.id).toBe('a1');
    expect(selection.take(NOW)?.id).toBe('b0');
  });

  it('postpones a job whose lock key is held, without a disadvantage for its connection', () => {
    const selection = selectionOf(
      job('a1', { connectionId: 'a', lockKey: 'shop' }),
      job('a2', { connectionId: 'a', lockKey: 'shop' }),
      job('a3', { connectionId: 'a', lockKey: 'blog' }),
      job('b1', { connectionId: 'b' }),
    );
    const a1 = selection.take(NOW) as Candidate;
    expect(a1.id).toBe('a1');
    expect(selection.take(NOW)?.id).toBe('b1');
    expect(selection.take(NOW)?.id).toBe('a3');
    expect(selection.take(NOW)).toBeUndefined();
    selection.release(a1);
    expect(selection.take(NOW)?.id).toBe('a2');
  });

  it('gives a free key to the most urgent job that waits for it, then to the oldest', () => {
    const shop = { lockKey: 'shop' };
    const selection = selectionOf(job('first', shop), job('old', shop), job('older', { ...shop, createdAt: 0 }));
    const first = selection.take(NOW) as Candidate;
    const [older] = [first.id];
    expect(older).toBe('older');
    selection.add(job('manual', { ...shop, priority: 20 }));
    expect(selection.take(NOW)).toBeUndefined();
    selection.release(first);
    expect(drain(selection)).toEqual(['manual', 'first', 'old']);
  });

  it('forgets no job behind a lock when the next job for it is withdrawn', () => {
    const shop = { lockKey: 'shop' };
    const selection = selectionOf(job('1', shop), job('2', shop), job('3', shop), job('4', shop));
    const first = selection.take(NOW) as Candidate;
    expect(selection.take(NOW)).toBeUndefined();
    selection.remove('3');
    selection.release(first);
    selection.remove('2');
    expect(drain(selection)).toEqual(['4']);
  });

  it('holds back a job until its time', () => {
    const selection = selectionOf(job('later', { runAfter: 5_000 }), job('now'));
    expect(drain(selection)).toEqual(['now']);
    expect(selection.nextChangeAt()).toBe(5_000);
    expect(drain(selection, 4_999)).toEqual([]);
    expect(drain(selection, 5_000)).toEqual(['later']);
    expect(selection.nextChangeAt()).toBeUndefined();
  });

  it('does not hold back a job without a time when the clock was set back', () => {
    expect(drain(selectionOf(job('1', { createdAt: 9_000, runAfter: 9_000 })))).toEqual(['1']);
  });

  it('ignores the time of a withdrawn job', () => {
    const selection = selectionOf(job('sooner', { runAfter: 5_000 }), job('later', { runAfter: 6_000 }));
    selection.remove('sooner');
    expect(selection.nextChangeAt()).toBe(6_000);
    expect(drain(selection, 7_000)).toEqual(['later']);
  });

  it('retries a key that another instance holds after a while, without a delay for the others', () => {
    const shop = { lockKey: 'shop' };
    const selection = selectionOf(job('1', shop), job('2', shop), job('other'));
    selection.postpone(selection.take(NOW) as Candidate, 3_000);
    expect(selection.take(NOW)?.id).toBe('other');
    expect(selection.take(2_999)).toBeUndefined();
    expect(selection.nextChangeAt()).toBe(3_000);
    expect(selection.take(3_000)?.id).toBe('1');
    expect(selection.take(3_000)).toBeUndefined();
  });

  it('returns a job to its place when it is put back', () => {
    const same = { createdAt: 1 };
    const selection = selectionOf(job('1', same), job('2', same), job('3', same));
    const first = selection.take(NOW) as Candidate;
    selection.add(first);
    expect(drain(selection)).toEqual(['1', '2', '3']);
  });

  it('takes a job that is added twice once', () => {
    const one = job('1');
    expect(drain(selectionOf(one, one))).toEqual(['1']);
  });

  it.each([
    ['of one connection', () => 'c', () => null],
    ['of as many connections', (i: number) => `c${i}`, () => null],
    ['under one lock key', () => 'c', () => 'shop'],
    ['under as many lock keys', (i: number) => `c${i % 7}`, (i: number) => `shop${i}`],
    ['of 100 connections, each with a lock', (i: number) => `c${i % 100}`, (i: number) => `shop${i % 100}`],
  ])('looks at each of 10,000 jobs %s only a few times', (_, connectionOf, lockOf) => {
    let looks = 0;
    const selection = new JobSelection();
    for (let i = 0; i < 10_000; i += 1) {
      const plain = job(String(i), { connectionId: connectionOf(i) });
      const lockKey = lockOf(i);
      const counted = Object.defineProperty({ ...plain }, 'lockKey', {
        get: () => {
          looks += 1;
          return lockKey;
        },
      });
      selection.add(counted);
    }
    // It takes four at a time, as a queue does.
    const running: Candidate[] = [];
    let taken = 0;
    for (;;) {
      const next = running.length < 4 ? selection.take(NOW) : undefined;
      if (next !== undefined) {
        running.push(next);
        taken += 1;
        continue;
      }
      const ended = running.shift();
      if (ended === undefined) break;
      selection.release(ended);
    }
    expect(taken).toBe(10_000);
    expect(looks).toBeLessThan(10 * 10_000);
  });
});
