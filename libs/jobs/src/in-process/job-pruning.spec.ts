import { silentLogger } from '@app/domain';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { JobPruning } from './job-pruning.js';
import { SettableClock, until } from '../testing/queue-fixture.js';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const DAY_MS = 24 * 3_600_000;

describe('JobPruning', () => {
  const given = givenCatalog('sqlite');

  it('removes all jobs that ended long ago, again and again', async () => {
    const clock = new SettableClock(NOW);
    const { catalog } = given;
    const ended = (id: string, daysAgo: number) =>
      aJob({ id, state: 'succeeded', finishedAt: NOW - daysAgo * DAY_MS - 1 });
    await catalog.jobs.insert([
      ...Array.from({ length: 1_100 }, (_, i) => ended(`old ${i}`, 90)),
      ended('young', 89),
      aJob({ id: 'waiting', createdAt: NOW - 1_000 * DAY_MS }),
    ]);
    const pruning = new JobPruning({ catalog, clock, logger: silentLogger, keepMs: 90 * DAY_MS }, 10);
    pruning.begin();
    const left = async () => (await catalog.jobs.page({ limit: 500 })).rows.map(({ id }) => id).toSorted();
    await until(async () => (await left()).length === 2);
    expect(await left()).toEqual(['waiting', 'young']);
    clock.time += DAY_MS;
    await until(async () => (await left()).length === 1);
    await pruning.end();
  });
});
