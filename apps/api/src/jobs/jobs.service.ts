import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, JobQuery, JobRecord, Page } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { JobQueue } from '@app/jobs';
import { CATALOG, JOB_QUEUE } from '../foundation/tokens.js';

/** How long a cancel waits for the job to end. Child processes end within a second or two. */
const PATIENCE_MS = 10_000;

@Injectable()
export class JobsService {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  page(query: JobQuery): Promise<Page<JobRecord>> {
    return this.catalog.jobs.page(query);
  }

  /** The job as it is now. Throws JOB_NOT_FOUND. */
  async get(id: string): Promise<JobRecord> {
    const job = await this.queue.get(id);
    if (job !== undefined) return job;
    throw new DomainError('JOB_NOT_FOUND', `There is no job ${id}.`, {
      hint: 'GET /api/jobs lists them; those that ended long ago are forgotten.',
    });
  }

  /** Tells the job to stop, and waits for its end for a short time. Throws JOB_NOT_FOUND and JOB_FINISHED. */
  async cancel(id: string): Promise<JobRecord> {
    await this.queue.cancel(id);
    await endedWithin(PATIENCE_MS, this.queue.ended(id));
    return this.get(id);
  }
}

async function endedWithin(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
