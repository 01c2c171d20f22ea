import { join } from 'node:path';
import type { Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { scheduledJobRequests } from '@app/core';
import { EventLog } from '@app/events';
import { InProcessQueue, JobDefinition, ScheduleDispatcher } from '@app/jobs';
import { addConnections, chunksOf, withCatalogs } from './catalogs.js';
import { median, rounded, timed } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';

const SIZES = [100, 1_000, 10_000];
const ROUNDS = 3;
const DUE = Date.UTC(2026, 0, 5, 12);
const HOUR_MS = 3_600_000;

/** One schedule for each of so many databases, all due at once, become jobs that do nothing. */
export const dispatch: BenchPart = {
  name: 'dispatch',
  title: `Schedules that are due at the same instant, until the last job is done (median of ${ROUNDS})`,
  async run({ folder, tell }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    await withCatalogs(async (kind) => {
      const rounds = new Map<number, Round[]>(SIZES.map((count) => [count, []]));
      // The sizes in turns, so that a busy minute of the machine meets them all.
      for (let round = 1; round <= ROUNDS; round += 1) {
        for (const count of SIZES) {
          tell(`${kind.name}: ${count} schedules, round ${round}`);
          const clock = { at: DUE - HOUR_MS, now: () => new Date(clock.at) };
          const catalog = await kind.open(join(folder, `${kind.name}-${count}-${round}`), clock);
          try {
            rounds.get(count)?.push(await measure(catalog, count, clock));
          } finally {
            await catalog.close();
          }
        }
      }
      const [least = Number.NaN] = SIZES;
      const costOf = (count: number): number =>
        (median((rounds.get(count) ?? []).map(({ doneMs }) => doneMs)) * 1000) / count;
      for (const count of SIZES) {
        rows.push({
          catalog: kind.name,
          schedules: count,
          'jobs made, ms': rounded(median((rounds.get(count) ?? []).map(({ madeMs }) => madeMs)), 0),
          'jobs done, ms': rounded((costOf(count) * count) / 1000, 0),
          'µs per job': rounded(costOf(count), 0),
          [`against ${least}`]: rounded(costOf(count) / costOf(least), 2),
        });
      }
    });
    return rows;
  },
};

interface Round {
  /** Until every job is in the catalog; some are done by then. */
  madeMs: number;
  doneMs: number;
}

async function measure(catalog: Catalog, count: number, clock: { at: number; now(): Date }): Promise<Round> {
  const connections = await addConnections(catalog, count);
  for (const some of chunksOf(connections)) await catalog.schedules.insert(some.map(scheduleOf));
  const events = new EventLog();
  const common = { catalog, clock, logger: silentLogger };
  const instance = { id: 'bench', host: 'bench', pid: process.pid };
  const queue = new InProcessQueue({ ...common, events, concurrency: 2, instance });
  queue.register(new JobDefinition('backup'), { run: () => Promise.resolve({}) });
  const requestsOf = scheduledJobRequests(catalog, silentLogger);
  const dispatcher = new ScheduleDispatcher({ ...common, queue, catchUpMs: 24 * HOUR_MS, requestsOf });
  await queue.start();
  await dispatcher.start();

  let left = count;
  const done = new Promise<void>((resolve) => {
    events.subscribe((event) => {
      if (event.type !== 'job' || event.job.state !== 'succeeded') return;
      left -= 1;
      if (left === 0) resolve();
    });
  });
  clock.at = DUE;
  let madeMs = 0;
  const doneMs = await timed(async () => {
    madeMs = await timed(() => dispatcher.tick());
    await done;
  });
  await queue.shutdown(0);
  await check(catalog, count);
  return { madeMs, doneMs };
}

/** Exactly one job each, which succeeded. */
async function check(catalog: Catalog, count: number): Promise<void> {
  const served = new Set<string | null>();
  let jobs = 0;
  let after: string | undefined;
  do {
    const page = await catalog.jobs.page({ limit: 500, ...(after === undefined ? {} : { after }) });
    jobs += page.rows.length;
    for (const { scheduleId, state } of page.rows) if (state === 'succeeded') served.add(scheduleId);
    after = page.next;
  } while (after !== undefined);
  if (jobs !== count || served.size !== count) {
    throw new Error(
      `${count} schedules became ${jobs} jobs, of which ${served.size} schedules have one that succeeded`,
    );
  }
}

function scheduleOf({ id, createdAt }: ConnectionRecord): ScheduleRecord {
  return {
    id: `schedule-of-${id}`,
    name: `Backup of ${id}`,
    connectionId: id,
    action: 'backup',
    sourceConnectionId: null,
    cron: '0 12 * * *',
    timezone: 'UTC',
    enabled: true,
    options: {},
    retention: null,
    jitterSeconds: 0,
    nextDueAt: DUE,
    servedDueAt: null,
    createdAt,
    updatedAt: createdAt,
  };
}
