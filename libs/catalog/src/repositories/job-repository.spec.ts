import { JOB_STATES } from '@app/domain';
import type { JobState } from '@app/domain';
import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import type { JobQuery, JobRecord } from '../records.js';
import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { after, allPages, givenCatalog } from '../testing/given-catalog.js';
import { aJob } from '../testing/sample-records.js';

const ENDED: Partial<JobRecord> = { state: 'succeeded', startedAt: 1, finishedAt: 2 };

describe.each(EVERY_CATALOG)('jobs in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  const ids = (jobs: readonly JobRecord[]): string[] => jobs.map(({ id }) => id);

  /** Opens the same catalog as another instance. */
  async function withAnother<T>(work: (other: Catalog) => Promise<T>): Promise<T> {
    const other = await openCatalog(given.options);
    try {
      return await work(other);
    } finally {
      await other.close();
    }
  }

  it('are returned with all fields', async () => {
    const full = aJob({
      type: 'restore',
      state: 'failed',
      lockKey: 'k',
      connectionId: 'c',
      scheduleId: 's',
      dueAt: 1_790_000_000_000,
      uniqueKey: 'u',
      retryOf: 'r',
      priority: -5,
      abandonedByRestart: true,
      payload: { database: 'shop', list: [1, null, { a: 'ä\u0000' }] },
      result: { ok: true },
      failure: { code: 'NO_SPACE', message: 'm', hint: 'h' },
      progress: {
        phase: 'load',
        bytes: 2 ** 40,
        totalBytes: null,
        tables: 1,
        totalTables: 2,
        bytesPerSecond: 0.5,
        secondsLeft: null,
      },
      log: ['one', 'two'],
      attempt: 2,
      maxAttempts: 3,
      runAfter: 4,
      cancelRequestedAt: 5,
      startedAt: 6,
      finishedAt: 7,
    });
    const plain = aJob();
    await given.catalog.jobs.insert([full, plain]);
    expect(await given.catalog.jobs.get(full.id)).toEqual(full);
    expect(await given.catalog.jobs.get(plain.id)).toEqual(plain);
    expect(await given.catalog.jobs.byUniqueKey('u')).toEqual(full);
    expect(await given.catalog.jobs.byUniqueKey('none')).toBeUndefined();
  });

  it('are one for each unique key, for any number of instances at once (FAILURES 43, 44)', async () => {
    await withAnother(async (other) => {
      const batch = (): JobRecord[] =>
        Array.from({ length: 700 }, (_, index) => aJob({ uniqueKey: `schedule@${index}` }));
      const inserted = await Promise.all([
        given.catalog.jobs.insert(batch()),
        other.jobs.insert(batch().toReversed()),
        given.catalog.jobs.insert(batch()),
      ]);
      expect(inserted.flat()).toHaveLength(700);
      const there = await allPages((at) => given.catalog.jobs.page({ limit: 500, ...after(at) }));
      expect(new Set(ids(there))).toEqual(new Set(inserted.flat()));
    });
  });

  it('without a unique key are always inserted', async () => {
    expect(await given.catalog.jobs.insert([aJob(), aJob()])).toHaveLength(2);
    expect(await given.catalog.jobs.insert([])).toEqual([]);
  });

  it('are claimed by exactly one of many callers', async () => {
    const jobs = Array.from({ length: 200 }, (_, index) => aJob({ lockKey: `database-${index}` }));
    await given.catalog.jobs.insert(jobs);
    await withAnother(async (other) => {
      const outcomes = await Promise.all(
        jobs.flatMap(({ id }) => [given.catalog, other].map((catalog) => catalog.jobs.claim(id, 'here', 5_000))),
      );
      expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(200);
      expect(outcomes.filter((outcome) => outcome === 'gone')).toHaveLength(200);
    });
    const running = await allPages((at) => given.catalog.jobs.page({ states: ['running'], limit: 50, ...after(at) }));
    expect(running).toHaveLength(200);
    expect(running.every(({ attempt, startedAt }) => attempt === 1 && startedAt === 5_000)).toBe(true);
  });

  it('run one at a time under one lock key, whoever claims them', async () => {
    const jobs = Array.from({ length: 200 }, () => aJob({ lockKey: 'shop' }));
    const free = aJob();
    await given.catalog.jobs.insert([...jobs, free]);
    await withAnother(async (other) => {
      const outcomes = await Promise.all(
        jobs.map(({ id }, index) => (index % 2 === 0 ? given.catalog : other).jobs.claim(id, 'here', 1)),
      );
      expect(outcomes.toSorted().join()).toBe(['claimed', ...Array.from({ length: 199 }, () => 'locked')].join());
      const winner = jobs[outcomes.indexOf('claimed')]?.id ?? '';
      expect(await given.catalog.jobs.claim(free.id, 'here', 1)).toBe('claimed');
      await given.catalog.jobs.update(winner, ['running'], { state: 'succeeded', finishedAt: 2 });
      const next = jobs.find(({ id }) => id !== winner)?.id ?? '';
      expect(await other.jobs.claim(next, 'here', 3)).toBe('claimed');
    });
  });

  it('can be claimed only by their owner, and only while they are queued', async () => {
    const job = aJob();
    const done = aJob(ENDED);
    await given.catalog.jobs.insert([job, done]);
    expect(await given.catalog.jobs.claim(job.id, 'elsewhere', 1)).toBe('gone');
    expect(await given.catalog.jobs.claim(done.id, 'here', 1)).toBe('gone');
    expect(await given.catalog.jobs.claim('none', 'here', 1)).toBe('gone');
    expect(await given.catalog.jobs.get(job.id)).toEqual(job);
  });

  it('change only in the given states', async () => {
    const job = aJob();
    await given.catalog.jobs.insert([job]);
    const change = { state: 'cancelled', finishedAt: 9, failure: { code: 'CANCELLED', message: 'm' } } as const;
    expect(await given.catalog.jobs.update(job.id, ['running'], change)).toBeUndefined();
    expect(await given.catalog.jobs.update(job.id, [], change)).toBeUndefined();
    expect(await given.catalog.jobs.update(job.id, ['queued', 'running'], {})).toEqual(job);
    expect(await given.catalog.jobs.get(job.id)).toEqual(job);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => given.catalog.jobs.update(job.id, ['queued', 'running'], change)),
    );
    expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([{ ...job, ...change }]);
    expect(await given.catalog.jobs.update('none', ['queued'], change)).toBeUndefined();
  });

  it('are listed newest first, by any choice of states, types, connection and schedule', async () => {
    const types = ['backup', 'restore', 'sweep'] as const;
    const jobs = Array.from({ length: 60 }, (_, index) =>
      aJob({
        createdAt: 1_000 - Math.floor(index / 2),
        type: types[index % 3] ?? 'backup',
        state: JOB_STATES[index % JOB_STATES.length] ?? 'queued',
        connectionId: index % 4 === 0 ? 'c' : null,
        scheduleId: index % 5 === 0 ? 's' : null,
      }),
    );
    await given.catalog.jobs.insert(jobs);
    const inOrder = jobs.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    const queries: Omit<JobQuery, 'limit'>[] = [
      {},
      { states: ['queued', 'running'] },
      { states: ['failed'] },
      { states: [...JOB_STATES] },
      { states: [] },
      { types: ['restore', 'sweep'] },
      { types: ['verify'] },
      { connectionId: 'c' },
      { scheduleId: 's' },
      { states: ['succeeded', 'failed', 'queued'], types: ['backup'], connectionId: 'c', scheduleId: 's' },
    ];
    for (const query of queries) {
      const expected = inOrder.filter(
        (job) =>
          (query.states?.includes(job.state) ?? true) &&
          (query.types?.includes(job.type) ?? true) &&
          (query.connectionId ?? job.connectionId) === job.connectionId &&
          (query.scheduleId ?? job.scheduleId) === job.scheduleId,
      );
      for (const limit of [1, 7, 100]) {
        const found = await allPages((at) => given.catalog.jobs.page({ ...query, limit, ...after(at) }));
        expect(ids(found)).toEqual(ids(expected));
      }
    }
  });

  it('that are unfinished are listed by priority, then in the order of their creation', async () => {
    const jobs = [
      aJob({ priority: 10, createdAt: 5 }),
      aJob({ priority: 0, createdAt: 1, state: 'running' }),
      aJob({ priority: 0, createdAt: 2 }),
      aJob({ priority: -1, createdAt: 0 }),
    ];
    await given.catalog.jobs.insert([...jobs.toReversed(), aJob(ENDED), aJob({ owner: 'elsewhere' })]);
    expect(await given.catalog.jobs.unfinished('here')).toEqual(jobs);
  });

  it('of a dead instance are taken over by exactly one other', async () => {
    const queued = Array.from({ length: 50 }, () => aJob({ owner: 'dead' }));
    const running = aJob({ owner: 'dead', state: 'running' });
    await given.catalog.jobs.insert([...queued, running, aJob({ owner: 'alive' })]);
    await withAnother(async (other) => {
      const takers = Array.from({ length: 10 }, (_, index) => `taker-${index}`);
      const taken = await Promise.all(
        takers.map((taker, index) => (index % 2 === 0 ? given.catalog : other).jobs.adopt('dead', taker)),
      );
      expect(taken.reduce((sum, count) => sum + count, 0)).toBe(50);
      const held = await Promise.all(takers.map((taker) => given.catalog.jobs.unfinished(taker)));
      expect(held.map(({ length }) => length)).toEqual(taken);
      expect(new Set(ids(held.flat()))).toEqual(new Set(ids(queued)));
    });
    expect(await given.catalog.jobs.unfinished('dead')).toEqual([running]);
  });

  it('of each schedule return the last one that ended', async () => {
    const last = aJob({ scheduleId: 'a', state: 'failed', finishedAt: 30, createdAt: 1 });
    const only = aJob({ scheduleId: 'b', ...ENDED });
    await given.catalog.jobs.insert([
      aJob({ scheduleId: 'a', state: 'succeeded', finishedAt: 20, createdAt: 2 }),
      last,
      aJob({ scheduleId: 'a' }),
      only,
      aJob({ scheduleId: 'c' }),
      aJob({ scheduleId: null, ...ENDED }),
    ]);
    const asked = ['a', 'b', 'c', ...Array.from({ length: 1_100 }, (_, index) => `none-${index}`)];
    expect(await given.catalog.jobs.lastFinished(asked)).toEqual(
      new Map([
        ['a', last],
        ['b', only],
      ]),
    );
    expect(await given.catalog.jobs.lastFinished([])).toEqual(new Map());
  });

  it('that ended long ago are removed, the oldest first, but for the last one of each schedule', async () => {
    const ended = (finishedAt: number, scheduleId: string | null = null, state: JobState = 'succeeded'): JobRecord =>
      aJob({ state, finishedAt, scheduleId });
    const [first, second, third] = [ended(10), ended(20), ended(30)];
    const [before, twin, last] = [ended(5, 's'), ended(6, 's'), ended(6, 's')];
    const lastOfOther = ended(1, 't', 'failed');
    const recent = ended(100);
    const unfinished = aJob({ scheduleId: 's' });
    await given.catalog.jobs.insert([first, second, third, before, twin, last, lastOfOther, recent, unfinished]);
    expect(await given.catalog.jobs.prune(100, 2)).toBe(2);
    const left = (): Promise<string[]> =>
      given.catalog.jobs.page({ limit: 50 }).then(({ rows }) => ids(rows).toSorted());
    const oneOfTwins = twin.id > last.id ? twin : last;
    expect(await left()).toEqual(ids([first, second, third, oneOfTwins, lastOfOther, recent, unfinished]).toSorted());
    expect(await given.catalog.jobs.prune(30, 100)).toBe(2);
    expect(await given.catalog.jobs.prune(100, 100)).toBe(1);
    expect(await given.catalog.jobs.prune(100, 100)).toBe(0);
    expect(await left()).toEqual(ids([oneOfTwins, lastOfOther, recent, unfinished]).toSorted());
  });

  it('are inserted by the ten thousand', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => aJob({ uniqueKey: `k${index}` }));
    expect(await given.catalog.jobs.insert(many)).toHaveLength(10_000);
    expect(await given.catalog.jobs.insert(many.map((job) => ({ ...job, id: `${job.id}#2` })))).toEqual([]);
  });
});
