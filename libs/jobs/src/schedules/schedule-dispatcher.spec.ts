import type { JobRecord, ScheduleRecord } from '@app/catalog';
import { silentLogger } from '@app/domain';
import type { Logger } from '@app/domain';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { allPages, after } from '../../../catalog/src/testing/given-catalog.js';
import { aSchedule } from '../../../catalog/src/testing/sample-records.js';
import { ScheduleDispatcher } from './schedule-dispatcher.js';
import type { ScheduleDispatcherOptions } from './schedule-dispatcher.js';
import { faultyCatalog } from '../testing/faulty-catalog.js';
import { givenQueues, SettableClock } from '../testing/queue-fixture.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const time = (iso: string) => Date.parse(iso);

describe.each(CATALOG_KINDS)('ScheduleDispatcher on %s', (kind) => {
  const given = givenQueues(kind);
  let clock: SettableClock;

  beforeEach(() => {
    clock = new SettableClock(time('2026-11-18T12:00:00Z'));
  });

  /** Makes a dispatcher whose queue does not run its jobs. */
  function dispatcher(options: Partial<ScheduleDispatcherOptions> = {}): ScheduleDispatcher {
    const { queue } = given.prepare({ clock });
    return new ScheduleDispatcher({
      catalog: given.catalog,
      queue,
      clock,
      logger: silentLogger,
      catchUpMs: DAY_MS,
      requestsOf: (due) =>
        Promise.resolve(
          due.map(({ schedule }) => ({ type: 'backup', payload: {}, scheduleId: schedule.id, urgency: 'scheduled' })),
        ),
      ...options,
    });
  }

  async function insert(...schedules: Partial<ScheduleRecord>[]): Promise<ScheduleRecord[]> {
    const records = schedules.map((some) => aSchedule({ nextDueAt: time('2026-11-21T00:00:00Z'), ...some }));
    await given.catalog.schedules.insert(records);
    return records;
  }

  const jobs = (): Promise<JobRecord[]> =>
    allPages((position) => given.catalog.jobs.page({ limit: 500, ...after(position) }));
  const dueTimes = async (): Promise<string[]> =>
    (await jobs()).map(({ dueAt }) => new Date(dueAt ?? 0).toISOString()).toSorted();
  const schedule = async (id: string) => (await given.catalog.schedules.get(id)) as ScheduleRecord;

  describe('makes a job of a schedule that is due', () => {
    it('once, when it is due, and knows when the next is', async () => {
      const [weekly] = await insert({ id: 'weekly' }, { id: 'paused', enabled: false, nextDueAt: null });
      const scheduler = dispatcher();
      expect(scheduler.nextDueAt()).toBeUndefined();
      await scheduler.start();
      expect(scheduler.nextDueAt()).toBe(weekly?.nextDueAt);
      clock.time = time('2026-11-20T23:59:59Z');
      await scheduler.tick();
      expect(await jobs()).toEqual([]);
      clock.time = time('2026-11-21T00:00:00Z');
      await scheduler.tick();
      await scheduler.tick();
      expect(await jobs()).toMatchObject([
        {
          scheduleId: 'weekly',
          dueAt: clock.time,
          uniqueKey: 'weekly:2026-11-21T00:00:00.000Z',
          state: 'queued',
          runAfter: clock.time,
        },
      ]);
      expect(scheduler.nextDueAt()).toBe(time('2026-11-28T00:00:00Z'));
      expect((await schedule('weekly')).servedDueAt).toBe(time('2026-11-21T00:00:00Z'));
    });

    it('and hands it to its queue, which runs it', async () => {
      await insert({ id: 's', nextDueAt: clock.time });
      const { queue, handler } = await given.start({ clock });
      const scheduler = dispatcher({
        queue,
        requestsOf: (due) =>
          Promise.resolve(due.map((one) => ({ type: 'backup', payload: { name: 'x' }, scheduleId: one.schedule.id }))),
      });
      await scheduler.start();
      const [job] = await jobs();
      await handler.finish('x');
      expect((await queue.ended(job?.id ?? '')).state).toBe('succeeded');
    });

    it('exactly once for each of 10,000 that are due at the same instant, with several dispatchers (FAILURES 43, 44)', async () => {
      const due = time('2026-11-21T00:00:00Z');
      await insert(...Array.from({ length: 10_000 }, (_, i) => ({ id: `s${i}`, createdAt: i })));
      const schedulers = [dispatcher(), dispatcher(), dispatcher()];
      await Promise.all(schedulers.map((one) => one.start()));
      clock.time = due;
      // PostgreSQL may refuse one of them because of a deadlock; the others go on, and it works the next time.
      await Promise.allSettled(schedulers.map((one) => one.tick()));
      await Promise.all(schedulers.map((one) => one.tick()));
      const made = await jobs();
      expect(made).toHaveLength(10_000);
      expect(new Set(made.map(({ scheduleId }) => scheduleId)).size).toBe(10_000);
      expect(made.every(({ dueAt }) => dueAt === due)).toBe(true);
      expect(schedulers.map((one) => one.nextDueAt())).toEqual(Array(3).fill(due + 7 * DAY_MS));
    });

    it('except for one that cannot be served, and goes on with the others', async () => {
      await insert({ id: 'a' }, { id: 'b', cron: 'nonsense' }, { id: 'c', timezone: 'Mars/Olympus' }, { id: 'd' });
      const errors: object[] = [];
      const logger: Logger = { ...silentLogger, error: (fields) => errors.push(fields) };
      const scheduler = dispatcher({
        logger,
        requestsOf: (due) =>
          Promise.resolve(
            due
              .filter((one) => one.schedule.id !== 'a')
              .map((one) => ({ type: 'backup', payload: {}, scheduleId: one.schedule.id })),
          ),
      });
      clock.time = time('2026-11-21T00:00:00Z');
      await scheduler.start();
      await scheduler.tick();
      expect((await jobs()).map(({ scheduleId }) => scheduleId)).toEqual(['d']);
      expect((await schedule('a')).nextDueAt).toBe(time('2026-11-28T00:00:00Z'));
      expect((await schedule('b')).nextDueAt).toBeNull();
      expect(errors).toHaveLength(2);
    });

    it('spread over the configured time, the same in every process', async () => {
      const jitterSeconds = 600;
      await insert(...Array.from({ length: 50 }, (_, i) => ({ id: `s${i}`, jitterSeconds })));
      clock.time = time('2026-11-21T00:00:00Z');
      await dispatcher().start();
      const offsets = new Map((await jobs()).map((job) => [job.scheduleId, job.runAfter - (job.dueAt ?? 0)]));
      const values = [...offsets.values()];
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThan(jitterSeconds * 1_000);
      expect(new Set(values).size).toBeGreaterThan(45);
      expect(offsets.get('s0')).toBe(OFFSET_OF_S0);
    });
  });

  describe('after a time without service', () => {
    it.each([
      // [why, cron, was waiting for, up again at, the runs, waits for then]
      ['nothing was missed', '0 0 * * 6', '2026-11-21T00:00Z', '2026-11-20T10:00Z', [], '2026-11-21T00:00Z'],
      [
        'one was missed',
        '0 0 * * 6',
        '2026-11-21T00:00Z',
        '2026-11-21T10:00Z',
        ['2026-11-21T00:00Z'],
        '2026-11-28T00:00Z',
      ],
      [
        'three were missed: the latest',
        '0 0 * * *',
        '2026-11-18T00:00Z',
        '2026-11-20T10:00Z',
        ['2026-11-20T00:00Z'],
        '2026-11-21T00:00Z',
      ],
      [
        'thousands were missed: the latest',
        '*/5 * * * *',
        '2026-01-01T00:00Z',
        '2026-11-20T10:03Z',
        ['2026-11-20T10:00Z'],
        '2026-11-20T10:05Z',
      ],
      [
        'a yearly one a day ago, to the minute',
        '0 3 1 1 *',
        '2026-01-01T03:00Z',
        '2026-01-02T03:00Z',
        ['2026-01-01T03:00Z'],
        '2027-01-01T03:00Z',
      ],
      [
        'a yearly one more than a day ago',
        '0 3 1 1 *',
        '2026-01-01T03:00Z',
        '2026-01-02T03:01Z',
        [],
        '2027-01-01T03:00Z',
      ],
      [
        'the weekly one more than a day ago',
        '0 0 * * 6',
        '2026-11-21T00:00Z',
        '2026-11-22T00:01Z',
        [],
        '2026-11-28T00:00Z',
      ],
    ])('%s', async (_, cron, waitedFor, upAt, runs, next) => {
      await insert({ id: 's', cron, nextDueAt: time(waitedFor) });
      clock.time = time(upAt);
      const scheduler = dispatcher();
      await scheduler.start();
      await scheduler.tick();
      await dispatcher().start();
      expect(await dueTimes()).toEqual(runs.map((run) => new Date(run).toISOString()));
      expect((await schedule('s')).nextDueAt).toBe(time(next));
    });

    it('skips and logs a run that was missed for too long', async () => {
      await insert({ id: 's' });
      clock.time = time('2026-11-25T00:00:00Z');
      const warnings: object[] = [];
      await dispatcher({ logger: { ...silentLogger, warn: (fields) => warnings.push(fields) } }).start();
      expect(warnings).toEqual([{ schedule: 's', due: '2026-11-21T00:00:00.000Z' }]);
      expect((await schedule('s')).servedDueAt).toBe(time('2026-11-21T00:00:00Z'));
    });

    it('does not count a run as missed that another instance is about to start', async () => {
      await insert({ id: 's' });
      clock.time = time('2026-11-21T00:00:59Z');
      await dispatcher({ catchUpMs: 0 }).start();
      expect(await dueTimes()).toEqual(['2026-11-21T00:00:00.000Z']);
    });

    it('makes up the latest run after the machine was asleep for any time', async () => {
      await insert({ id: 's' });
      const scheduler = dispatcher();
      await scheduler.start();
      clock.time = time('2026-11-24T12:00:00Z');
      await scheduler.tick();
      expect(await dueTimes()).toEqual(['2026-11-21T00:00:00.000Z']);
    });
  });

  describe('when the clock is set', () => {
    it('does not run twice when the clock is corrected backwards just after a run', async () => {
      await insert({ id: 's' });
      const scheduler = dispatcher();
      await scheduler.start();
      for (const at of [
        '2026-11-21T00:05:00Z',
        '2026-11-20T23:50:00Z',
        '2026-11-21T00:00:30Z',
        '2026-11-20T01:00:00Z',
      ]) {
        clock.time = time(at);
        await scheduler.tick();
        await dispatcher().start();
      }
      expect(await dueTimes()).toEqual(['2026-11-21T00:00:00.000Z']);
      expect(scheduler.nextDueAt()).toBe(time('2026-11-28T00:00:00Z'));
    });

    it.each(['while it runs', 'between two runs'])(
      'comes back to the right time when it was far ahead %s',
      async (when) => {
        await insert({ id: 's', nextDueAt: time('2027-11-20T00:00:00Z') });
        clock.time = time('2027-11-18T12:00:00Z');
        let scheduler = dispatcher();
        await scheduler.start();
        expect(scheduler.nextDueAt()).toBe(time('2027-11-20T00:00:00Z'));
        clock.time = time('2026-11-18T12:00:00Z');
        if (when === 'between two runs') scheduler = dispatcher();
        await scheduler.tick();
        expect(scheduler.nextDueAt()).toBe(time('2026-11-21T00:00:00Z'));
      },
    );

    it('runs at the right time although it had run by a clock far ahead', async () => {
      await insert({ id: 's', nextDueAt: time('2026-11-21T00:00:00Z') });
      const scheduler = dispatcher();
      clock.time = time('2026-11-28T00:00:00Z');
      await scheduler.start();
      expect(await dueTimes()).toEqual(['2026-11-28T00:00:00.000Z']);
      clock.time = time('2026-11-18T12:00:00Z');
      await scheduler.tick();
      for (const at of ['2026-11-21T00:00:00Z', '2026-11-28T00:00:00Z']) {
        clock.time = time(at);
        await scheduler.tick();
      }
      expect(await dueTimes()).toEqual([
        '2026-11-21T00:00:00.000Z',
        '2026-11-28T00:00:00.000Z',
        '2026-11-28T00:00:00.000Z',
      ]);
    });
  });

  describe('when the catalog fails', () => {
    it('makes its jobs at the next call', async () => {
      await insert({ id: 's' });
      let failing = true;
      const scheduler = dispatcher({
        requestsOf: (due) =>
          failing
            ? Promise.reject(new Error('x'))
            : Promise.resolve(due.map((one) => ({ type: 'backup', payload: {}, scheduleId: one.schedule.id }))),
      });
      clock.time = time('2026-11-21T00:00:00Z');
      await expect(scheduler.start()).rejects.toThrow('x');
      expect(await jobs()).toEqual([]);
      failing = false;
      clock.time += 3 * MINUTE_MS;
      await scheduler.tick();
      expect(await dueTimes()).toEqual(['2026-11-21T00:00:00.000Z']);
    });

    it('loses no jobs when the answer to the transaction is lost', async () => {
      await insert({ id: 's' });
      const { queue, handler } = await given.start({ clock });
      let lost = false;
      const { catalog } = faultyCatalog(given.catalog);
      const forgetful = new Proxy(catalog, {
        get: (target, name: keyof typeof catalog) => {
          if (name !== 'transaction' || lost) return target[name];
          return async (work: Parameters<typeof catalog.transaction>[0]) => {
            await given.catalog.transaction(work);
            lost = true;
            throw new Error('the answer got lost');
          };
        },
      });
      const scheduler = dispatcher({
        catalog: forgetful,
        queue,
        requestsOf: (due) =>
          Promise.resolve(due.map((one) => ({ type: 'backup', payload: { name: 'x' }, scheduleId: one.schedule.id }))),
      });
      clock.time = time('2026-11-21T00:00:00Z');
      await expect(scheduler.start()).rejects.toThrow('lost');
      const [job] = await jobs();
      await scheduler.tick();
      await handler.finish('x');
      expect((await queue.ended(job?.id ?? '')).state).toBe('succeeded');
      expect(await jobs()).toHaveLength(1);
    });
  });

  it('follows changes of schedules', async () => {
    const scheduler = dispatcher();
    await scheduler.start();
    expect(scheduler.nextDueAt()).toBeUndefined();
    await insert({ id: 's' });
    await scheduler.refresh();
    expect(scheduler.nextDueAt()).toBe(time('2026-11-21T00:00:00Z'));
  });
});

/** The expected delay in milliseconds: the first four bytes of SHA-256 of `s0:2026-11-21T00:00:00.000Z` as a share of 600 s. */
const OFFSET_OF_S0 = 154_219;
