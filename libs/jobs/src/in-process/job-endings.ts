import type { JobRecord } from '@app/catalog';

interface Ending {
  promise: Promise<JobRecord | undefined>;
  resolve: (job: JobRecord | undefined) => void;
}

/** The callers that wait for the end of jobs of this process. */
export class JobEndings {
  private readonly endings = new Map<string, Ending>();

  /** Resolves with undefined when something has happened to the job that only the catalog knows. */
  of(id: string): Promise<JobRecord | undefined> {
    const known = this.endings.get(id);
    if (known !== undefined) return known.promise;
    let resolve: Ending['resolve'] = () => undefined;
    const promise = new Promise<JobRecord | undefined>((done) => (resolve = done));
    this.endings.set(id, { promise, resolve });
    return promise;
  }

  /** Returns the jobs that somebody waits for. */
  ids(): string[] {
    return [...this.endings.keys()];
  }

  resolve(id: string, job: JobRecord | undefined): void {
    this.endings.get(id)?.resolve(job);
    this.endings.delete(id);
  }

  /** Makes every waiting caller look at the catalog again. */
  resolveAll(): void {
    for (const id of this.ids()) this.resolve(id, undefined);
  }
}
