import type { Catalog, JobRecord } from '@app/catalog';
import type { QueuedJobs } from './queued-jobs.js';

/** Puts new jobs into the catalog. */
export class JobIntake {
  /** Jobs whose insertion failed, or so it seemed: their callers were told so. */
  private readonly uncertain = new Set<string>();

  constructor(
    private readonly catalog: Catalog,
    private readonly queued: QueuedJobs,
  ) {}

  /** The job, or the one that is there already under its unique key. */
  async insert(job: JobRecord): Promise<JobRecord> {
    const { jobs } = this.catalog;
    for (;;) {
      const inserted = await jobs.insert([job]).catch((error: unknown) => {
        this.uncertain.add(job.id);
        throw error;
      });
      if (inserted.length > 0) return job;
      // It may have been forgotten in between.
      const known = await jobs.byUniqueKey(job.uniqueKey ?? '');
      if (known !== undefined) return known;
    }
  }

  /** What was inserted although the answer got lost must not run: its caller has been told that it failed. */
  async takeBack(): Promise<void> {
    for (const id of this.uncertain) {
      await this.queued.giveUp(id);
      this.uncertain.delete(id);
    }
  }
}
