import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { JobQueue } from '@app/jobs';
import { JobsService } from './jobs.service.js';

describe('JobsService', () => {
  const running = { id: 'j1', state: 'running' } as JobRecord;
  const queue = (parts: Partial<JobQueue>): JobsService => new JobsService({} as Catalog, parts as JobQueue);

  it('answers a cancel with the job as it ended', async () => {
    let job = running;
    const jobs = queue({
      cancel: () => Promise.resolve(running),
      ended: () => Promise.resolve((job = { ...running, state: 'cancelled' })),
      get: () => Promise.resolve(job),
    });
    expect((await jobs.cancel('j1')).state).toBe('cancelled');
  });

  it('does not wait for ever for one that takes its time to clean up', async () => {
    jest.useFakeTimers();
    try {
      const jobs = queue({
        cancel: () => Promise.resolve(running),
        ended: () => new Promise(() => undefined),
        get: () => Promise.resolve(running),
      });
      const answer = jobs.cancel('j1');
      await jest.advanceTimersByTimeAsync(10_000);
      expect((await answer).state).toBe('running');
    } finally {
      jest.useRealTimers();
    }
  });

  it('tells what the queue has against it', async () => {
    const jobs = queue({ cancel: () => Promise.reject(new DomainError('JOB_FINISHED', 'It has ended.')) });
    await expect(jobs.cancel('j1')).rejects.toMatchObject({ code: 'JOB_FINISHED' });
  });

  it('says that there is no such job', async () => {
    await expect(queue({ get: () => Promise.resolve(undefined) }).get('j1')).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: 'There is no job j1.',
    });
  });
});
