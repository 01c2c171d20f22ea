import { DomainError, silentLogger } from '@app/domain';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { JobDefinition } from '../job-definition.js';
import { givenQueues, named, PAST_RUN, until } from '../testing/queue-fixture.js';
import { JobAnnouncements } from './job-announcements.js';
import { JobStates } from './job-states.js';

describe.each(CATALOG_KINDS)('the events of jobs on %s', (kind) => {
  const given = givenQueues(kind);

  const stored = () => given.catalog.outbox.after(0, 100);
  const told = async (): Promise<string[]> => (await stored()).map(({ name }) => name);
  /** Each state of a job that another process was told of. */
  const announced = async () =>
    (await stored()).filter(({ name }) => name === 'JobsChanged').map(({ payload }) => payload);

  it('tell the other processes together which jobs have changed, and nobody of one that succeeded', async () => {
    const { queue, handler, instance } = await given.start({ collectMs: 3_600_000 });
    const [a, b] = [await queue.enqueue(named('a')), await queue.enqueue(named('b'))];
    await handler.finish('a');
    await handler.finish('b');
    await queue.ended(b.id);
    expect(await told()).toEqual([]);
    await queue.shutdown(0);
    expect(await announced()).toEqual([{ instance: instance.id, jobIds: [a.id, b.id] }]);
    expect(await told()).toEqual(['JobsChanged']);
    expect(queue.owns({ owner: instance.id })).toBe(true);
    expect(queue.owns({ owner: 'another' })).toBe(false);
  });

  it('announce each state of a job once, and no progress', async () => {
    const parts = { catalog: given.catalog, logger: silentLogger, instance: () => 'i', collectMs: 3_600_000 };
    const announcements = new JobAnnouncements(parts);
    const job = aJob({ id: 'a', state: 'queued', attempt: 0 });
    const running = { ...job, state: 'running', attempt: 1 } as const;
    const progress = {
      ...{ phase: 'dump', bytes: 1, totalBytes: null, tables: null, totalTables: null },
      ...{ bytesPerSecond: null, secondsLeft: null },
    };
    for (const states of [
      [job, job],
      [running],
      [{ ...running, progress }],
      [{ ...running, state: 'succeeded' }],
    ] as const) {
      for (const state of states) announcements.note(state);
      await announcements.end();
    }
    expect(await announced()).toHaveLength(3);
  });

  it('announce later what the catalog did not take', async () => {
    const { outbox } = given.catalog;
    let isAway = true;
    const append = jest.spyOn(outbox, 'append').mockImplementation((events) => {
      if (isAway) throw new DomainError('CATALOG_UNAVAILABLE', 'It is away.');
      append.mockRestore();
      return outbox.append(events);
    });
    const { queue, handler } = await given.start({ collectMs: 0 });
    const { id } = await queue.enqueue(named('a'));
    await handler.finish('a');
    await queue.ended(id);
    await until(() => append.mock.calls.length > 0);
    isAway = false;
    await queue.shutdown(0);
    expect(await announced()).toMatchObject([{ jobIds: [id] }]);
  });

  it('announce nothing where there is no other process', async () => {
    const { queue, handler } = await given.start({ alone: true, collectMs: 0 });
    const { id } = await queue.enqueue(named('a'));
    await handler.finish('a');
    await queue.ended(id);
    await queue.shutdown(0);
    expect(await told()).toEqual([]);
  });

  it('tell of the failure that counts, and not of an attempt that is repeated', async () => {
    const { queue, handler, instance } = await given.start({ alone: true });
    const { id } = await queue.enqueue(named('a', { maxAttempts: 2, connectionId: 'c' }));
    await handler.fail('a', new DomainError('HOST_UNREACHABLE', 'Nothing answers.'));
    await handler.fail('a', new DomainError('NO_SPACE', 'The disk is full.'));
    await queue.ended(id);
    const [failed, ...others] = await stored();
    expect(others).toEqual([]);
    expect(failed).toMatchObject({
      name: 'JobFailed',
      payload: { jobId: id, type: 'backup', owner: instance.id, connectionId: 'c', failure: { code: 'NO_SPACE' } },
    });
  });

  it('do not count a job as failed that is cancelled before it began', async () => {
    const { queue, handler } = await given.start({ alone: true });
    await queue.enqueue(named('a'));
    await handler.begun('a');
    const { id } = await queue.enqueue(named('b'));
    await queue.cancel(id);
    expect(await told()).toEqual([]);
  });

  it('tell of jobs that the death of a service interrupted, but not of those that are repeated', async () => {
    const { instances, jobs } = given.catalog;
    await instances.beat({ id: PAST_RUN, host: 'here', pid: 1 });
    const running = { state: 'running', owner: PAST_RUN, startedAt: 1, attempt: 1 } as const;
    await jobs.insert([aJob({ ...running, id: 'manual' }), aJob({ ...running, id: 'due', scheduleId: 's' })]);
    await given.start();
    const failed = (await stored()).filter(({ name }) => name === 'JobFailed');
    expect(failed.map(({ payload }) => payload['jobId'])).toEqual(['manual']);
  });

  it('say in the words of its definition what the failure of a job means, unless it is repeated', async () => {
    const failed = jest.fn(() => [{ id: 'f', name: 'BackupFailed', version: 1, payload: {} }]);
    const definition = new JobDefinition('backup', failed);
    const states = new JobStates(given.catalog, (job) => definition.failureEventsOf(job));
    await given.catalog.jobs.insert([aJob({ id: 'a', state: 'queued' }), aJob({ id: 'b', state: 'queued' })]);
    await states.move('a', ['queued'], { state: 'interrupted' }, (job) => ({ ...job, id: 'again', state: 'queued' }));
    expect(failed).not.toHaveBeenCalled();
    await states.move('b', ['queued'], { state: 'interrupted' });
    expect(await told()).toEqual(['JobFailed', 'BackupFailed']);
  });
});
