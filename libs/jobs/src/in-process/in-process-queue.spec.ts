import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import type { EventLog } from '@app/events';
import { JobDefinition } from '../job-definition.js';
import { givenQueues, named, until } from '../testing/queue-fixture.js';

const unreachable = () => new DomainError('HOST_UNREACHABLE', 'Nothing answers at db:5432.');

function jobsTold(events: EventLog): JobRecord[] {
  const jobs: JobRecord[] = [];
  events.subscribe((event) => {
    if (event.type === 'job') jobs.push(event.job);
  });
  return jobs;
}

describe.each(CATALOG_KINDS)('InProcessQueue on %s', (kind) => {
  const given = givenQueues(kind);

  describe('runs a job', () => {
    it('and stores, publishes and returns its result, with the last progress of its handler', async () => {
      const { queue, handler, events } = await given.start();
      const told = jobsTold(events);
      const job = await queue.enqueue(named('a', { connectionId: 'c1' }));
      const { work, job: begun } = await handler.begun('a');
      expect(begun).toMatchObject({ id: job.id, state: 'running', attempt: 1 });
      expect(queue.running).toBe(1);
      const ended = queue.ended(job.id);
      work.progress({ phase: 'dump', bytes: 5 });
      work.log('the end');
      await handler.finish('a', { path: './shop.sql' });
      expect(await ended).toMatchObject({ state: 'succeeded', result: { path: './shop.sql' }, failure: null });
      const last = await given.stored(job.id);
      expect(last).toMatchObject({ state: 'succeeded', progress: { phase: 'dump', bytes: 5 } });
      expect(last.log.at(-1)).toContain('the end');
      expect(last.finishedAt).not.toBeNull();
      const states = told.map(({ state }) => state);
      expect(states.filter((state, i) => state !== states[i - 1])).toEqual(['queued', 'running', 'succeeded']);
      expect(told.every(({ log }) => log.length === 0)).toBe(true);
      expect(queue.running).toBe(0);
    });

    it('and shows its present state, also before it is written', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a'));
      const { work } = await handler.begun('a');
      for (let bytes = 0; bytes <= 100; bytes += 1) work.progress({ phase: 'dump', bytes });
      work.log('said just now');
      expect(await queue.get(id)).toMatchObject({ state: 'running', progress: { bytes: 100 } });
      expect((await queue.get(id))?.log.at(-1)).toContain('said just now');
      expect(await queue.get('none')).toBeUndefined();
    });

    it('and shows why it failed, but no details of an unexpected error', async () => {
      const { queue, handler } = await given.start();
      const [a, b] = [await queue.enqueue(named('a')), await queue.enqueue(named('b'))];
      await handler.fail('a', new DomainError('NO_SPACE', 'The disk is full.', { hint: 'Make room.' }));
      await handler.fail('b', new Error('secret.ts:7'));
      const failure = { code: 'NO_SPACE', message: 'The disk is full.', hint: 'Make room.' };
      expect(await queue.ended(a.id)).toMatchObject({ state: 'failed', failure });
      const unforeseen = await queue.ended(b.id);
      expect(unforeseen).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
      expect(JSON.stringify(unforeseen)).not.toContain('secret.ts');
    });

    it('and fails a job that has no handler', async () => {
      const { queue } = await given.start();
      const { id } = await queue.enqueue({ type: 'restore', payload: {} });
      expect(await queue.ended(id)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
    });

    it('once for many requests under one key, also after its end', async () => {
      const { queue, handler } = await given.start();
      const asked = ['a', 'b', 'c'].map((name) => queue.enqueue(named(name, { uniqueKey: 'monday' })));
      const ids = new Set((await Promise.all(asked)).map(({ id }) => id));
      expect(ids.size).toBe(1);
      await until(() => handler.running.length === 1);
      await handler.finish(handler.order[0] ?? '');
      await queue.ended([...ids][0] ?? '');
      expect([...ids]).toEqual([(await queue.enqueue(named('d', { uniqueKey: 'monday' }))).id]);
      expect(handler.order).toHaveLength(1);
    });

    it('only after the start of the queue, and not before its time', async () => {
      const { queue, handler } = given.prepare();
      await queue.enqueue(named('later', { runAfter: new Date(Date.now() + 3_600_000) }));
      const now = await queue.enqueue(named('now'));
      expect(handler.order).toEqual([]);
      await queue.start();
      await handler.finish('now');
      await queue.ended(now.id);
      const last = await queue.enqueue(named('last', { urgency: 'background' }));
      await handler.finish('last');
      await queue.ended(last.id);
      expect(handler.order).toEqual(['now', 'last']);
    });

    it('by the only handler of its type', async () => {
      const { queue, handler } = given.prepare();
      expect(() => queue.register(new JobDefinition('backup'), handler)).toThrow('two handlers');
      await expect(queue.ended('none')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    });
  });

  describe('chooses', () => {
    it('urgent jobs first, then by round robin over connections, in the order of each connection', async () => {
      const { queue, handler } = given.prepare();
      const requests = [
        named('background', { urgency: 'background' }),
        ...['a1', 'a2', 'a3'].map((name) => named(name, { urgency: 'scheduled', connectionId: 'a' })),
        ...['b1', 'b2'].map((name) => named(name, { urgency: 'scheduled', connectionId: 'b' })),
        named('manual', { connectionId: 'a' }),
      ];
      const ids: string[] = [];
      for (const request of requests) ids.push((await queue.enqueue(request)).id);
      await queue.start();
      const expected = ['manual', 'a1', 'b1', 'a2', 'b2', 'a3', 'background'];
      for (const name of expected) await handler.finish(name);
      await Promise.all(ids.map((id) => queue.ended(id)));
      expect(handler.order).toEqual(expected);
    });

    it('as many jobs as may run at a time, and one at a time under each lock key', async () => {
      const { queue, handler } = await given.start({ concurrency: 2 });
      for (const name of ['shop 1', 'shop 2', 'blog 1', 'blog 2']) {
        await queue.enqueue(named(name, { lockKey: name.slice(0, 4) }));
      }
      await handler.begun('shop 1');
      await handler.begun('blog 1');
      // Two jobs that are chosen at the same time may begin in either order.
      expect(handler.running.toSorted()).toEqual(['blog 1', 'shop 1']);
      await handler.finish('shop 1');
      await handler.begun('shop 2');
      expect(handler.running).toEqual(['blog 1', 'shop 2']);
      await handler.fail('shop 2', unreachable());
      await handler.finish('blog 1');
      await handler.finish('blog 2');
      await until(() => queue.running === 0);
      expect(handler.order.slice(2)).toEqual(['shop 2', 'blog 2']);
    });

    it('each of many jobs once', async () => {
      const { queue } = given.prepare({ concurrency: 4 });
      const seen = new Map<string, number>();
      queue.register(new JobDefinition('sweep'), {
        run: async (job) => {
          seen.set(job.id, (seen.get(job.id) ?? 0) + 1);
          return Promise.resolve({});
        },
      });
      const records = queue.recordsOf(
        Array.from({ length: 400 }, (_, i) => ({ type: 'sweep', payload: {}, lockKey: `key ${i % 50}` })),
      );
      await given.catalog.jobs.insert(records);
      await queue.start();
      queue.admit(records);
      await Promise.all(records.map(({ id }) => queue.ended(id)));
      expect(seen.size).toBe(400);
      expect([...seen.values()].every((times) => times === 1)).toBe(true);
    });
  });

  describe('tries again', () => {
    it('a job that failed because of the network, shows the reason meanwhile, and keeps it in the log', async () => {
      const { queue, handler, events } = await given.start({ retryDelaysMs: [20] });
      const told = jobsTold(events);
      const { id } = await queue.enqueue(named('a', { maxAttempts: 3, lockKey: 'shop' }));
      await handler.fail('a', unreachable());
      await handler.finish('a', { path: 'x' });
      const ended = await queue.ended(id);
      expect(ended).toMatchObject({ state: 'succeeded', attempt: 2, failure: null, result: { path: 'x' } });
      expect(ended.log.join()).toContain('Attempt 1 of 3 failed: Nothing answers at db:5432.');
      const waiting = told.filter(({ state, attempt }) => state === 'queued' && attempt === 1);
      expect(waiting[0]).toMatchObject({ failure: { code: 'HOST_UNREACHABLE' }, progress: null, finishedAt: null });
      expect(waiting[0]?.runAfter).toBeGreaterThan(waiting[0]?.createdAt ?? Infinity);
    });

    it('until the last attempt, whose failure counts', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a', { maxAttempts: 2 }));
      await handler.fail('a', unreachable());
      await handler.fail('a', new DomainError('CONNECTION_LOST', 'The server went away.'));
      const failure = { code: 'CONNECTION_LOST', message: 'The server went away.' };
      expect(await queue.ended(id)).toMatchObject({ state: 'failed', attempt: 2, failure });
      expect(handler.order).toHaveLength(2);
    });

    it('no job that has begun a step which must not be repeated', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a', { maxAttempts: 3 }));
      const { work } = await handler.begun('a');
      work.noRetry();
      await handler.fail('a', unreachable());
      expect(await queue.ended(id)).toMatchObject({ state: 'failed', attempt: 1 });
    });

    it('and lets other jobs run meanwhile', async () => {
      const { queue, handler } = await given.start({ retryDelaysMs: [3_600_000] });
      const failing = await queue.enqueue(named('failing', { maxAttempts: 2, lockKey: 'shop' }));
      const other = await queue.enqueue(named('other', { lockKey: 'shop' }));
      await handler.fail('failing', unreachable());
      await handler.finish('other');
      await queue.ended(other.id);
      expect(await given.stored(failing.id)).toMatchObject({ state: 'queued', failure: { code: 'HOST_UNREACHABLE' } });
    });
  });

  describe('cancels', () => {
    it('a queued job at once', async () => {
      const { queue, handler } = await given.start();
      await queue.enqueue(named('a'));
      const { id } = await queue.enqueue(named('b'));
      const ended = queue.ended(id);
      expect(await queue.cancel(id)).toMatchObject({ state: 'cancelled', failure: { code: 'CANCELLED' } });
      expect(await ended).toMatchObject({ state: 'cancelled' });
      await handler.finish('a');
      await until(() => queue.running === 0);
      expect(handler.order).toEqual(['a']);
    });

    it('a job that waits for its next attempt', async () => {
      const { queue, handler } = await given.start({ retryDelaysMs: [3_600_000] });
      const { id } = await queue.enqueue(named('a', { maxAttempts: 2 }));
      await handler.fail('a', unreachable());
      await until(async () => (await given.stored(id)).state === 'queued');
      expect(await queue.cancel(id)).toMatchObject({ state: 'cancelled' });
    });

    it('a running job by telling its handler, and waits for it to clean up', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a', { maxAttempts: 3 }));
      const { work } = await handler.begun('a');
      const asked = await queue.cancel(id);
      expect(asked.state).toBe('running');
      expect(asked.cancelRequestedAt).not.toBeNull();
      expect(work.signal.aborted).toBe(true);
      expect((await queue.cancel(id)).cancelRequestedAt).toBe(asked.cancelRequestedAt);
      await handler.fail('a', unreachable());
      expect(await queue.ended(id)).toMatchObject({
        state: 'cancelled',
        failure: { code: 'CANCELLED', message: 'The job was cancelled.' },
      });
    });

    it('a running job with the message of its handler', async () => {
      const { queue, events } = await given.start();
      const told = jobsTold(events);
      const { id } = await queue.enqueue({ type: 'verify', payload: {} });
      await until(() => told.some(({ state }) => state === 'running'));
      await queue.cancel(id);
      const failure = { code: 'CANCELLED', message: 'Nothing of it is left.' };
      expect(await queue.ended(id)).toMatchObject({ state: 'cancelled', failure });
    });

    it('no job that still succeeds', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a'));
      await handler.begun('a');
      await queue.cancel(id);
      await handler.finish('a', { path: 'x' });
      expect(await queue.ended(id)).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
    });

    it('a job that is just about to begin', async () => {
      const { queue } = await given.start();
      for (let i = 0; i < 20; i += 1) {
        const { id } = await queue.enqueue({ type: 'verify', payload: {} });
        await queue.cancel(id);
        expect((await queue.ended(id)).state).toBe('cancelled');
      }
    });

    it('no job that has ended or does not exist', async () => {
      const { queue, handler } = await given.start();
      const { id } = await queue.enqueue(named('a'));
      await handler.finish('a');
      await queue.ended(id);
      await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_FINISHED' });
      await expect(queue.cancel('none')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    });
  });
});
