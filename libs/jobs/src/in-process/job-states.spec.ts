import { DomainError } from '@app/domain';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { JobDefinition } from '../job-definition.js';
import { givenQueues, named, PAST_RUN } from '../testing/queue-fixture.js';
import { JobStates } from './job-states.js';

describe.each(CATALOG_KINDS)('the events of jobs on %s', (kind) => {
  const given = givenQueues(kind);

  const told = async (): Promise<string[]> =>
    (await given.catalog.outbox.after(0, 100)).map(({ name, payload }) =>
      typeof payload['state'] === 'string' ? `${name} ${payload['state']}` : name,
    );

  it('tell in order that a job waits, has begun, and how it has ended', async () => {
    const { queue, handler, instance } = await given.start();
    const { id } = await queue.enqueue(named('a', { connectionId: 'c' }));
    await handler.finish('a');
    await queue.ended(id);
    expect(await told()).toEqual(['JobQueued', 'JobStarted', 'JobEnded succeeded']);
    const [first] = await given.catalog.outbox.after(0, 1);
    expect(first?.payload).toMatchObject({ jobId: id, type: 'backup', owner: instance.id, connectionId: 'c' });
    expect(queue.owns({ owner: instance.id })).toBe(true);
    expect(queue.owns({ owner: 'another' })).toBe(false);
  });

  it('tell of each attempt, and of the failure that counts', async () => {
    const { queue, handler } = await given.start();
    const { id } = await queue.enqueue(named('a', { maxAttempts: 2 }));
    await handler.fail('a', new DomainError('HOST_UNREACHABLE', 'Nothing answers.'));
    await handler.fail('a', new DomainError('NO_SPACE', 'The disk is full.'));
    await queue.ended(id);
    const ended = ['JobQueued', 'JobStarted', 'JobQueued', 'JobStarted', 'JobEnded failed'];
    expect(await told()).toEqual(ended);
    expect((await given.catalog.outbox.after(4, 1))[0]?.payload).toMatchObject({ failure: { code: 'NO_SPACE' } });
  });

  it('tell once of a job that another one with its key prevented, and of one that is cancelled before it began', async () => {
    const { queue, handler } = await given.start();
    await queue.enqueue(named('a'));
    await handler.begun('a');
    const { id } = await queue.enqueue(named('b', { uniqueKey: 'x' }));
    await queue.enqueue(named('c', { uniqueKey: 'x' }));
    await queue.cancel(id);
    expect(await told()).toEqual(['JobQueued', 'JobStarted', 'JobQueued', 'JobEnded cancelled']);
  });

  it('tell of jobs that the death of a service interrupted, and of those that repeat them', async () => {
    const { instances, jobs } = given.catalog;
    await instances.beat({ id: PAST_RUN, host: 'here', pid: 1 });
    const running = { state: 'running', owner: PAST_RUN, startedAt: 1, attempt: 1 } as const;
    await jobs.insert([aJob({ ...running, id: 'manual' }), aJob({ ...running, id: 'due', scheduleId: 's' })]);
    await given.start();
    const events = await given.catalog.outbox.after(0, 3);
    expect(events.map(({ name }) => name).toSorted()).toEqual(['JobEnded', 'JobEnded', 'JobQueued']);
  });

  it('say in the words of its definition what the failure of a job means, unless it is repeated', async () => {
    const failed = jest.fn(() => [{ id: 'f', name: 'BackupFailed', version: 1, payload: {} }]);
    const definition = new JobDefinition('backup', failed);
    const states = new JobStates(given.catalog, (job) => definition.failureEventsOf(job));
    await states.insert([aJob({ id: 'a', state: 'queued' }), aJob({ id: 'b', state: 'queued' })]);
    await states.move('a', ['queued'], { state: 'interrupted' }, (job) => ({ ...job, id: 'again', state: 'queued' }));
    expect(failed).not.toHaveBeenCalled();
    await states.move('b', ['queued'], { state: 'interrupted' });
    expect(await told()).toEqual([
      ...['JobQueued', 'JobQueued', 'JobEnded interrupted', 'JobQueued', 'JobEnded interrupted', 'BackupFailed'],
    ]);
  });
});
