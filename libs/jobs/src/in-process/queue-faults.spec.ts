import { DomainError } from '@app/domain';
import { faultyCatalog } from '../testing/faulty-catalog.js';
import type { Faults } from '../testing/faulty-catalog.js';
import { givenQueues, named, until } from '../testing/queue-fixture.js';
import type { TestQueue } from '../testing/queue-fixture.js';

describe('a queue whose catalog fails', () => {
  const given = givenQueues('sqlite');
  let faults: Faults;

  function prepare(): TestQueue {
    const faulty = faultyCatalog(given.catalog);
    faults = faulty.faults;
    return given.prepare({ catalog: faulty.catalog, heartbeatMs: 20, instance: { id: 'me', host: 'x', pid: 1 } });
  }

  async function start(): Promise<TestQueue> {
    const made = prepare();
    await made.queue.start();
    return made;
  }

  it('tells waiting callers the outcome of a job, and writes it as soon as it can', async () => {
    const { queue, handler } = await start();
    const a = await queue.enqueue(named('a', { lockKey: 'shop' }));
    const b = await queue.enqueue(named('b', { lockKey: 'shop' }));
    await handler.begun('a');
    faults.failing.set('update', 'undone');
    const ended = queue.ended(a.id);
    await handler.finish('a', { path: 'x' });
    expect(await ended).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
    await until(() => faults.count > 3);
    expect((await given.stored(a.id)).state).toBe('running');
    expect(handler.order).toEqual(['a']);
    faults.failing.clear();
    await handler.finish('b');
    await queue.ended(b.id);
    expect(await given.stored(a.id)).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
  });

  it('stores at least the outcome of a job when the catalog refuses the rest', async () => {
    const { queue, handler } = await start();
    const { id } = await queue.enqueue(named('a'));
    faults.failing.set('update', (_id, _states, change) => Object.hasOwn(change as object, 'log'));
    await handler.finish('a', { path: 'x' });
    await until(async () => (await given.stored(id)).state === 'succeeded');
    expect(await queue.ended(id)).toMatchObject({ state: 'succeeded', finishedAt: expect.any(Number) });
  });

  it('delays jobs while it cannot claim them, and loses none', async () => {
    const { queue, handler } = await start();
    faults.failing.set('claim', 'undone');
    const jobs = [await queue.enqueue(named('a')), await queue.enqueue(named('b'))];
    await until(() => faults.count > 3);
    expect(handler.order).toEqual([]);
    faults.failing.clear();
    await handler.finish('a');
    await handler.finish('b');
    for (const { id } of jobs) expect((await queue.ended(id)).state).toBe('succeeded');
    expect(handler.order).toEqual(['a', 'b']);
  });

  it.each(['claim', 'update', 'get'] as const)('runs a job once when an answer to "%s" is lost', async (method) => {
    const { queue, handler } = await start();
    faults.failing.set(method, 'done');
    const { id } = await queue.enqueue(named('a', { maxAttempts: 3 }));
    if (method === 'update') await handler.finish('a', { path: 'x' });
    await until(() => faults.count > 0);
    faults.failing.clear();
    if (method !== 'update') await handler.finish('a', { path: 'x' });
    expect(await queue.ended(id)).toMatchObject({ state: 'succeeded', result: { path: 'x' } });
    await until(async () => (await given.stored(id)).state === 'succeeded');
    expect(handler.order).toEqual(['a']);
  });

  it('never runs a job that it reported as refused', async () => {
    const { queue } = await start();
    faults.failing.set('insert', 'done');
    await expect(queue.enqueue(named('a'))).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    faults.failing.clear();
    const { rows } = await given.catalog.jobs.page({ limit: 5 });
    expect(rows).toHaveLength(1);
    await until(async () => (await given.stored(rows[0]?.id ?? '')).state === 'interrupted');
  });

  it('still cancels a running job, and keeps a queued one that it cannot cancel', async () => {
    const { queue, handler } = await start();
    const a = await queue.enqueue(named('a'));
    const b = await queue.enqueue(named('b'));
    const { work } = await handler.begun('a');
    faults.failing.set('update', 'undone');
    expect((await queue.cancel(a.id)).cancelRequestedAt).not.toBeNull();
    expect(work.signal.aborted).toBe(true);
    await expect(queue.cancel(b.id)).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    faults.failing.clear();
    await handler.fail('a', new DomainError('CANCELLED', 'Stopped.'));
    expect(await queue.ended(a.id)).toMatchObject({ state: 'cancelled', cancelRequestedAt: expect.any(Number) });
    await handler.finish('b');
    expect((await queue.ended(b.id)).state).toBe('succeeded');
  });

  it('shuts down, and leaves unwritten ends of jobs to the next start', async () => {
    const { queue, handler } = await start();
    const a = await queue.enqueue(named('a'));
    const b = await queue.enqueue(named('b', { abandonedByRestart: true }));
    const { work } = await handler.begun('a');
    faults.failing.set('update', 'undone').set('adopt', 'undone');
    const down = queue.shutdown(0);
    await until(() => work.signal.aborted);
    await handler.fail('a', new DomainError('CANCELLED', 'Stopped.'));
    await down;
    expect(await given.catalog.instances.all()).toHaveLength(1);
    const next = await given.start({ alone: true });
    expect((await next.queue.ended(a.id)).state).toBe('interrupted');
    expect((await next.queue.ended(b.id)).state).toBe('interrupted');
    expect(next.handler.order).toEqual([]);
  });
});
