import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { givenQueues, named, PAST_RUN, until } from '../testing/queue-fixture.js';

const GRACE = 3_600_000;
const abandoned = { abandonedByRestart: true };
const scheduled = { scheduleId: 's1', dueAt: new Date(5_000), uniqueKey: 's1:1970', urgency: 'scheduled' } as const;

describe.each(CATALOG_KINDS)('the end of a queue on %s', (kind) => {
  const given = givenQueues(kind);

  describe('by a shutdown', () => {
    it('lets running jobs finish, begins no other, and refuses new ones', async () => {
      const { queue, handler } = await given.start();
      const a = await queue.enqueue(named('a'));
      const b = await queue.enqueue(named('b'));
      await handler.begun('a');
      const waiting = [queue.ended(a.id), queue.ended(b.id)] as const;
      const down = queue.shutdown(GRACE);
      await expect(queue.enqueue(named('c'))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      await expect(waiting[1]).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      await handler.finish('a', { path: 'x' });
      expect(await waiting[0]).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
      await down;
      expect(handler.order).toEqual(['a']);
      expect((await given.stored(b.id)).state).toBe('queued');
      await expect(queue.ended(b.id)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      expect(await queue.ended(a.id)).toMatchObject({ state: 'succeeded' });
      expect(await given.catalog.instances.all()).toEqual([]);
    });

    it('ends jobs that nobody expects to run later', async () => {
      const { queue, handler } = await given.start();
      await queue.enqueue(named('a'));
      const { id } = await queue.enqueue(named('b', abandoned));
      await handler.begun('a');
      const ended = queue.ended(id);
      const down = queue.shutdown(GRACE);
      expect(await ended).toMatchObject({ state: 'interrupted', failure: { code: 'SHUTTING_DOWN' } });
      await handler.finish('a');
      await down;
      expect((await given.stored(id)).state).toBe('interrupted');
    });

    it('stops running jobs after the grace time and waits for their clean-up, sooner when it is asked again', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a', { maxAttempts: 3 }));
      const { work } = await handler.begun('a');
      const down = queue.shutdown(GRACE);
      expect(work.signal.aborted).toBe(false);
      const hastened = queue.shutdown(0);
      await until(() => work.signal.aborted);
      expect((await given.stored(id)).state).toBe('running');
      await handler.fail('a', new DomainError('CANCELLED', 'Nothing of it is left.'));
      await Promise.all([down, hastened]);
      expect(await given.stored(id)).toMatchObject({
        state: 'interrupted',
        failure: { code: 'INTERRUPTED', message: 'The service ended while the job ran. Nothing of it is left.' },
      });
      expect(await given.catalog.instances.all()).toEqual([]);
    });

    it('leaves a job that fails meanwhile to its next attempt', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a', { maxAttempts: 2 }));
      await handler.begun('a');
      const ended = expect(queue.ended(id)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      const down = queue.shutdown(GRACE);
      await handler.fail('a', new DomainError('BUSY', 'Locked.'));
      await Promise.all([ended, down]);
      expect(await given.stored(id)).toMatchObject({ state: 'queued', attempt: 1 });
    });

    it('does nothing to a queue that never began', async () => {
      const { queue } = given.prepare();
      const { id } = await queue.enqueue(named('a'));
      await queue.shutdown(GRACE);
      const { queue: next, handler } = await given.start();
      await handler.finish('a');
      expect((await next.ended(id)).state).toBe('succeeded');
    });

    it('leaves its jobs to the next start, which repeats a scheduled backup that was stopped', async () => {
      const { queue, handler } = await given.start();
      const a = await queue.enqueue(named('a', scheduled));
      const b = await queue.enqueue(named('b'));
      const { work } = await handler.begun('a');
      const down = queue.shutdown(0);
      await until(() => work.signal.aborted);
      await handler.fail('a', new DomainError('CANCELLED', 'x'));
      await down;
      const next = await given.start();
      await next.handler.finish('b');
      await next.handler.finish('a');
      await next.queue.ended(b.id);
      const repeat = (await given.catalog.jobs.byUniqueKey('s1:1970#2')) as JobRecord;
      expect(await next.queue.ended(repeat.id)).toMatchObject({ state: 'succeeded', retryOf: a.id, dueAt: 5_000 });
      expect((await given.stored(a.id)).state).toBe('interrupted');
      expect(next.handler.order.toSorted()).toEqual(['a', 'b']);
    });
  });

  describe('by a crash', () => {
    const dead = { id: PAST_RUN, host: 'here', pid: 1 };

    /** Leaves the catalog as a killed instance does. */
    async function crashed(...jobs: Partial<JobRecord>[]): Promise<JobRecord[]> {
      await given.catalog.instances.beat(dead);
      const records = jobs.map((job) => aJob({ owner: dead.id, payload: { name: String(job.id) }, ...job }));
      await given.catalog.jobs.insert(records);
      return records;
    }

    it('ends or runs each job, and doubles none', async () => {
      const running = { state: 'running', startedAt: 2_000, attempt: 1 } as const;
      await crashed(
        { id: 'manual running', ...running, lockKey: 'shop' },
        { id: 'restore running', ...running, type: 'restore', scheduleId: 's2', uniqueKey: 's2:x' },
        { id: 'scheduled running', ...running, scheduleId: 's1', uniqueKey: 's1:x', dueAt: 5_000, maxAttempts: 3 },
        { id: 'cancelled running', ...running, scheduleId: 's3', uniqueKey: 's3:x', cancelRequestedAt: 3_000 },
        { id: 'queued', lockKey: 'shop' },
        { id: 'abandoned', type: 'restore', abandonedByRestart: true },
        { id: 'done', state: 'succeeded', finishedAt: Date.now() },
      );
      const { queue, handler } = await given.start({ concurrency: 2 });
      const repeat = (await given.catalog.jobs.byUniqueKey('s1:x#2')) as JobRecord;
      expect(repeat).toMatchObject({ retryOf: 'scheduled running', dueAt: 5_000, scheduleId: 's1', maxAttempts: 3 });
      await handler.finish('queued');
      await handler.finish('scheduled running');
      await Promise.all([queue.ended('queued'), queue.ended(repeat.id)]);
      const states = new Map<string, string>();
      for (const { id, state } of (await given.catalog.jobs.page({ limit: 50 })).rows) states.set(id, state);
      expect(Object.fromEntries(states)).toEqual({
        'manual running': 'interrupted',
        'restore running': 'interrupted',
        'scheduled running': 'interrupted',
        'cancelled running': 'interrupted',
        queued: 'succeeded',
        abandoned: 'interrupted',
        done: 'succeeded',
        [repeat.id]: 'succeeded',
      });
      expect((await given.stored('manual running')).failure).toMatchObject({ code: 'INTERRUPTED' });
      expect((await given.stored('abandoned')).failure?.message).toContain('Nothing was changed.');
      expect(handler.order.toSorted()).toEqual(['queued', 'scheduled running']);
    });

    it('stops repeating a job that crashes the service each time', async () => {
      const [first] = await crashed({ scheduleId: 's1', uniqueKey: 's1:x', state: 'running' });
      let last = first?.id;
      for (let crash = 1; crash <= 6; crash += 1) {
        const { queue } = await given.start({ concurrency: 0 });
        await queue.shutdown(0);
        const repeat = await given.catalog.jobs.byUniqueKey(`s1:x#${crash + 1}`);
        expect(repeat?.retryOf).toBe(crash <= 5 ? last : undefined);
        if (repeat === undefined) break;
        last = repeat.id;
        await given.catalog.instances.signOff(dead.id);
        await given.catalog.instances.beat(dead);
        await given.catalog.jobs.update(repeat.id, ['queued'], { state: 'running', owner: dead.id });
      }
    });

    it('takes over the jobs of every predecessor when nobody else can use the catalog', async () => {
      await crashed({ id: 'queued' });
      await given.catalog.instances.bury(dead.id);
      const alive = { id: 'alive', host: 'here', pid: process.pid };
      await given.catalog.instances.beat(alive);
      await given.catalog.jobs.insert([aJob({ id: 'x', owner: 'alive', payload: { name: 'x' } })]);
      const { queue, handler } = await given.start({ alone: true });
      await handler.finish('x');
      expect((await queue.ended('x')).state).toBe('succeeded');
    });

    it('67: does not touch the jobs of living instances, whatever host and process they name', async () => {
      for (const host of ['here', 'elsewhere']) {
        // No process of this machine has this number (Linux ends at 2^22).
        await given.catalog.instances.beat({ id: host, host, pid: 2 ** 22 + 1 });
        await given.catalog.jobs.insert([aJob({ id: `of ${host}`, owner: host })]);
      }
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('mine'));
      await handler.finish('mine');
      await queue.ended(id);
      expect(handler.order).toEqual(['mine']);
      expect((await given.stored('of here')).owner).toBe('here');
      expect((await given.stored('of elsewhere')).owner).toBe('elsewhere');
    });

    it('is handled by only one of several starts', async () => {
      await crashed(...Array.from({ length: 40 }, (_, i) => ({ id: `q${i}` })), {
        id: 'r',
        state: 'running',
        scheduleId: 's1',
        uniqueKey: 's1:x',
      });
      const queues = await Promise.all([1, 2, 3].map(() => given.start({ concurrency: 50 })));
      const order = () => queues.flatMap(({ handler }) => handler.order);
      await until(() => order().length === 41);
      expect(new Set(order()).size).toBe(41);
      expect(queues.filter(({ handler }) => handler.order.length > 0)).toHaveLength(1);
    });
  });
});
