import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError, silentLogger } from '@app/domain';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { JobRun } from './job-run.js';
import { SettableClock } from '../testing/queue-fixture.js';

const START = Date.parse('2026-11-21T00:00:00Z');

describe('the progress and log of a running job', () => {
  const given = givenCatalog('sqlite');
  let clock: SettableClock;
  let told: JobRecord[];
  let writes: number;
  let failWrites: boolean;
  const signal = new AbortController().signal;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    clock = new SettableClock(START);
    [told, writes, failWrites] = [[], 0, false];
  });

  afterEach(() => jest.useRealTimers());

  async function begin(redact = (text: string) => text): Promise<JobRun> {
    const job = aJob({ state: 'running' });
    await given.catalog.jobs.insert([job]);
    const { jobs } = given.catalog;
    const counting: Pick<Catalog['jobs'], 'update'> = {
      update: (...change) => {
        writes += 1;
        return failWrites ? Promise.reject(new DomainError('CATALOG_UNAVAILABLE', 'x')) : jobs.update(...change);
      },
    };
    const catalog = { jobs: counting } as unknown as Catalog;
    return new JobRun(job, { catalog, clock, logger: silentLogger, redact, tell: (one) => told.push(one) });
  }

  const written = async (run: JobRun) => (await given.catalog.jobs.get(run.job.id)) as JobRecord;
  /** Waits for pending work, and then lets time pass. */
  async function pass(ms: number): Promise<void> {
    for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
    clock.time += ms;
    jest.advanceTimersByTime(ms);
    for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
  }

  it('are written and published at once, then at most twice a second, and always at the end', async () => {
    const run = await begin();
    const { progress } = run.contextFor(signal);
    for (let bytes = 0; bytes < 1_000; bytes += 1) progress({ phase: 'dump', bytes });
    await pass(0);
    expect([writes, told.length]).toEqual([1, 1]);
    await pass(500);
    expect([writes, told.length]).toEqual([2, 2]);
    expect(told.at(-1)?.progress).toMatchObject({ phase: 'dump', bytes: 999, totalBytes: null });
    expect((await written(run)).progress).toMatchObject({ bytes: 999 });
    await pass(5_000);
    expect(writes).toBe(2);
    progress({ bytes: 1_000 });
    await pass(0);
    expect(writes).toBe(3);
  });

  it('keep figures that a call does not give, and add rate and time left', async () => {
    const run = await begin();
    const { progress } = run.contextFor(signal);
    progress({ phase: 'dump', totalBytes: 1_000, totalTables: 7 });
    clock.time += 2_000;
    progress({ bytes: 200, tables: 1 });
    expect(run.state.progress).toEqual({
      ...{ phase: 'dump', bytes: 200, totalBytes: 1_000, tables: 1, totalTables: 7 },
      ...{ bytesPerSecond: 100, secondsLeft: 8 },
    });
    await run.close();
  });

  it('keep the last 200 lines with their time, each cut, on one line and without secrets', async () => {
    const run = await begin((text) => text.replaceAll('hunter2', '***'));
    const { log } = run.contextFor(signal);
    for (let i = 0; i < 250; i += 1) log(`line ${i}`);
    log('x'.repeat(600));
    log('two\r\nlines\u0000 with hunter2\n');
    const { log: lines } = run.state;
    expect(lines).toHaveLength(200);
    expect(lines[0]).toBe('2026-11-21T00:00:00.000Z line 52');
    expect(lines.at(-2)).toBe(`2026-11-21T00:00:00.000Z ${'x'.repeat(500)}`);
    expect(lines.at(-1)).toBe('2026-11-21T00:00:00.000Z two lines with ***');
    await pass(1_000);
    expect((await written(run)).log).toEqual(lines);
  });

  it('survive a catalog that does not answer, and are written when it answers again', async () => {
    const run = await begin();
    const { progress } = run.contextFor(signal);
    failWrites = true;
    progress({ phase: 'dump', bytes: 1 });
    await pass(500);
    failWrites = false;
    progress({ bytes: 2 });
    await pass(500);
    expect((await written(run)).progress).toMatchObject({ bytes: 2 });
  });

  it('are not written after its end', async () => {
    const run = await begin();
    const { progress, log } = run.contextFor(signal);
    progress({ phase: 'dump' });
    await pass(1_000);
    await run.close();
    const before = writes;
    progress({ bytes: 5 });
    log('too late');
    await pass(2_000);
    expect(writes).toBe(before);
  });

  it('allow a retry until the handler forbids it', async () => {
    const run = await begin();
    expect(run.mayRetry).toBe(true);
    run.contextFor(signal).noRetry();
    expect(run.mayRetry).toBe(false);
  });
});
