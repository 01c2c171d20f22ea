import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { DomainError } from '@app/domain';
import { givenQueues, named, until } from '../testing/queue-fixture.js';

const HEARTBEAT = { heartbeatMs: 20, deadAfterMs: 3_600_000 };

/** Two queues on one catalog object stand for two instances: they share nothing but the catalog. */
describe.each(CATALOG_KINDS)('queues that share a catalog on %s', (kind) => {
  const given = givenQueues(kind);

  it('run one job at a time under a lock key, and postpone the other meanwhile', async () => {
    const [a, b] = [await given.start(), await given.start()];
    await a.queue.enqueue(named('a', { lockKey: 'shop' }));
    await a.handler.begun('a');
    const blocked = await b.queue.enqueue(named('b', { lockKey: 'shop' }));
    const other = await b.queue.enqueue(named('other', { lockKey: 'blog' }));
    await b.handler.finish('other');
    await b.queue.ended(other.id);
    expect((await given.stored(blocked.id)).state).toBe('queued');
    await a.handler.finish('a');
    await b.handler.finish('b');
    expect((await b.queue.ended(blocked.id)).state).toBe('succeeded');
  });

  it('see the end of each other’s jobs', async () => {
    const [a, b] = [await given.start(), await given.start()];
    const job = await a.queue.enqueue(named('a', { uniqueKey: 'x' }));
    const same = await b.queue.enqueue(named('b', { uniqueKey: 'x' }));
    expect(same.id).toBe(job.id);
    const ended = b.queue.ended(job.id);
    await a.handler.finish('a', { path: 'x' });
    expect(await ended).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
  });

  it('cancel each other’s jobs, queued and running', async () => {
    const [a, b] = [await given.start(HEARTBEAT), await given.start(HEARTBEAT)];
    const running = await a.queue.enqueue(named('running'));
    const queued = await a.queue.enqueue(named('queued'));
    const { work } = await a.handler.begun('running');
    const ended = a.queue.ended(queued.id);
    expect((await b.queue.cancel(queued.id)).state).toBe('cancelled');
    expect((await ended).state).toBe('cancelled');
    expect((await b.queue.cancel(running.id)).state).toBe('running');
    await until(() => work.signal.aborted);
    await a.handler.fail('running', new Error('stopped'));
    expect((await a.queue.ended(running.id)).state).toBe('cancelled');
    expect(a.handler.order).toEqual(['running']);
  });

  it('take over at once the jobs of a queue that is shut down', async () => {
    const [a, b] = [await given.start(HEARTBEAT), await given.start(HEARTBEAT)];
    await a.queue.enqueue(named('a'));
    const left = await a.queue.enqueue(named('left'));
    await a.handler.begun('a');
    const down = a.queue.shutdown(3_600_000);
    await a.handler.finish('a');
    await down;
    await b.handler.finish('left');
    expect((await b.queue.ended(left.id)).state).toBe('succeeded');
    expect(b.handler.order).toEqual(['left']);
  });

  it('take over the jobs of a queue without a heartbeat, which then stops and goes on under a new id', async () => {
    const a = await given.start({ heartbeatMs: 400, deadAfterMs: 3_600_000, instance: { id: 'a', host: 'a', pid: 1 } });
    const running = await a.queue.enqueue(named('running', { scheduleId: 's1', uniqueKey: 's1:x', lockKey: 'shop' }));
    const queued = await a.queue.enqueue(named('queued'));
    const { work } = await a.handler.begun('running');
    const waiting = a.queue.ended(queued.id);
    // Only this queue counts such a short silence, since for it a minute passes between two looks.
    let steady = 0;
    const looks = { heartbeatMs: 20, deadAfterMs: -3_600_000, steadyMs: () => steady };
    const b = await given.start({ ...looks, concurrency: 2 });
    await until(() => {
      if (!work.signal.aborted) steady += 1_000;
      return work.signal.aborted;
    });
    await a.handler.fail('running', new DomainError('CANCELLED', 'x'));
    expect((await a.queue.ended(running.id)).state).toBe('interrupted');
    await b.handler.finish('queued', { by: 'b' });
    await b.handler.finish('running');
    expect(await waiting).toMatchObject({ state: 'succeeded', result: { by: 'b' } });
    const again = await a.queue.enqueue(named('again'));
    await a.handler.finish('again');
    expect(await a.queue.ended(again.id)).toMatchObject({ state: 'succeeded' });
    expect((await given.stored(again.id)).owner).not.toBe('a');
    expect(a.handler.order).toEqual(['running', 'again']);
    expect(b.handler.order.toSorted()).toEqual(['queued', 'running']);
  });

  it('67: take over nothing when the clock of the catalog is set forward, as long as both send heartbeats', async () => {
    const a = await given.start({ ...HEARTBEAT, instance: { id: 'a', host: 'a', pid: 1 } });
    await a.queue.enqueue(named('running'));
    const { work } = await a.handler.begun('running');
    let looks = 0;
    const steadyMs = () => (looks += 1) * 60_000;
    await given.start({ heartbeatMs: 500, deadAfterMs: -3_600_000, steadyMs });
    await until(() => looks > 4);
    expect(work.signal.aborted).toBe(false);
    await a.handler.finish('running');
  });
});
