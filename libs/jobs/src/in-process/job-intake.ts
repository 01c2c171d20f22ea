import type { Catalog, JobRecord } from '@app/catalog';
import type { QueuedJobs } from './queued-jobs.js';

/** Inserts new jobs into the catalog. */
export class JobIntake {
  /** Jobs whose insertion failed or seemed to fail, and whose callers were told so. */
  private readonly uncertain = new Set<string>();

  constructor(
    private readonly catalog: Catalog,
    private readonly queued: QueuedJobs,
  ) {}

  /** Returns the new job, or the existing one with its unique key. */
  async insert(job: JobRecord): Promise<JobRecord> {
    const { jobs } = this.catalog;
    for (;;) {
      const inserted = await jobs.insert([job]).catch((error: unknown) => {
        this.uncertain.add(job.id);
        throw error;
      });
      if (inserted.length > 0) return job;
      // The existing job may have been pruned in between.
      const known = await jobs.byUniqueKey(job.uniqueKey ?? '');
      if (known !== undefined) return known;
    }
  }

  /** Ends jobs that were inserted although the answer was lost: they must not run, as their callers were told that they failed. */
  async takeBack(): Promise<void> {
    for (const id of this.uncertain) {
      await this.queued.giveUp(id);
      this.uncertain.delete(id);
    }
  }
}
