import { silentLogger } from '@app/domain';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import type { AttemptEnd, JobAttempt } from './job-attempt.js';
import { JobDispatch } from './job-dispatch.js';
import { candidateOf } from './job-selection.js';
import { SettableClock } from '../testing/queue-fixture.js';

const PAUSE_MS = 2_000;

describe('JobDispatch', () => {
  let clock: SettableClock;
  let begun: { id: string; end: (end: AttemptEnd) => void }[];
  let dispatch: JobDispatch;

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new SettableClock(10_000);
    begun = [];
    dispatch = new JobDispatch({
      ...{ clock, logger: silentLogger, concurrency: 1, pauseMs: PAUSE_MS },
      attemptOf: ({ id }) => {
        const run = () => new Promise<AttemptEnd>((end) => begun.push({ id, end }));
        return { run } as unknown as JobAttempt;
      },
      onEnd: () => Promise.resolve(),
    });
    dispatch.open();
  });

  afterEach(() => jest.useRealTimers());

  const add = (id: string, runAfter = 0): void => dispatch.add([candidateOf(aJob({ id, runAfter }))]);
  const ids = (): string[] => begun.map(({ id }) => id);

  async function end(kind: 'over' | 'locked' | 'unclaimed'): Promise<void> {
    const last = begun.at(-1);
    last?.end(kind === 'over' ? { kind, job: aJob() } : { kind, error: new Error('x') });
    await jest.advanceTimersByTimeAsync(0);
  }

  async function pass(ms: number): Promise<void> {
    clock.time += ms;
    await jest.advanceTimersByTimeAsync(ms);
  }

  it('wakes up for a job when its time comes, but not while there is no room for it', async () => {
    add('later', 15_000);
    expect(jest.getTimerCount()).toBe(1);
    add('now');
    expect(ids()).toEqual(['now']);
    expect(jest.getTimerCount()).toBe(0);
    await pass(10_000);
    expect(ids()).toEqual(['now']);
    await end('over');
    expect(ids()).toEqual(['now', 'later']);
  });

  it('notices within half a minute that the clock was put forward', async () => {
    add('tomorrow', 10_000 + 86_400_000);
    clock.time += 86_400_000;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(ids()).toEqual(['tomorrow']);
  });

  it('tries a job whose lock another instance holds again after a pause', async () => {
    dispatch.add([candidateOf(aJob({ id: 'locked', lockKey: 'shop' }))]);
    await end('locked');
    expect(dispatch.isWaiting('locked')).toBe(true);
    await pass(PAUSE_MS - 1);
    expect(ids()).toEqual(['locked']);
    await pass(1);
    expect(ids()).toEqual(['locked', 'locked']);
  });

  it('asks a silent catalog for one job after a pause, not for every job at once', async () => {
    for (let i = 0; i < 100; i += 1) add(`job ${i}`);
    await end('unclaimed');
    expect(ids()).toEqual(['job 0']);
    await pass(PAUSE_MS);
    expect(ids()).toEqual(['job 0', 'job 0']);
    await end('over');
    expect(ids()).toEqual(['job 0', 'job 0', 'job 1']);
  });

  it('68: runs another job while one waits for a lock of others, and the waiting job then needs room again', async () => {
    const stop = new AbortController();
    add('waits');
    const held = Promise.withResolvers<string>();
    let got = '';
    void dispatch.giveWay('waits', () => held.promise, stop.signal).then((what) => (got = what));
    add('runs meanwhile');
    add('has to wait');
    expect(ids()).toEqual(['waits', 'runs meanwhile']);
    held.resolve('the lock');
    await jest.advanceTimersByTimeAsync(0);
    expect(got).toBe('');
    await end('over');
    expect([got, ids()]).toEqual(['the lock', ['waits', 'runs meanwhile']]);
    begun[0]?.end({ kind: 'over', job: aJob() });
    await jest.advanceTimersByTimeAsync(0);
    expect(ids()).toEqual(['waits', 'runs meanwhile', 'has to wait']);
  });

  it('68: continues a waiting job at once when it is told to stop, also after the dispatch was closed', async () => {
    const stop = new AbortController();
    add('waits');
    const failing = expect(
      dispatch.giveWay('waits', () => Promise.reject(new Error('given up')), stop.signal),
    ).rejects.toThrow('given up');
    add('runs meanwhile');
    await jest.advanceTimersByTimeAsync(0);
    dispatch.close();
    stop.abort();
    await failing;
    begun[0]?.end({ kind: 'over', job: aJob() });
    await end('over');
    expect(dispatch.running).toBe(0);
  });

  it('begins no job once it is closed, returns the waiting jobs, and waits for the running ones', async () => {
    add('running');
    add('waiting');
    expect(dispatch.close().map(({ id }) => id)).toEqual(['waiting']);
    let idle = false;
    void dispatch.idle().then(() => (idle = true));
    add('late');
    await jest.advanceTimersByTimeAsync(0);
    expect([idle, dispatch.running]).toEqual([false, 1]);
    await end('over');
    expect([idle, dispatch.running]).toEqual([true, 0]);
    expect(ids()).toEqual(['running']);
  });
});
