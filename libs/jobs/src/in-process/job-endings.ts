import type { JobRecord } from '@app/catalog';

interface Ending {
  promise: Promise<JobRecord | undefined>;
  resolve: (job: JobRecord | undefined) => void;
}

/** Those who wait for the end of jobs of this process. */
export class JobEndings {
  private readonly endings = new Map<string, Ending>();

  /** Undefined: something has become of the job, which the catalog knows better. */
  of(id: string): Promise<JobRecord | undefined> {
    const known = this.endings.get(id);
    if (known !== undefined) return known.promise;
    let resolve: Ending['resolve'] = () => undefined;
    const promise = new Promise<JobRecord | undefined>((settle) => (resolve = settle));
    this.endings.set(id, { promise, resolve });
    return promise;
  }

  /** The jobs that somebody waits for. */
  ids(): string[] {
    return [...this.endings.keys()];
  }

  settle(id: string, job: JobRecord | undefined): void {
    this.endings.get(id)?.resolve(job);
    this.endings.delete(id);
  }

  /** Lets everybody look again. */
  settleAll(): void {
    for (const id of this.ids()) this.settle(id, undefined);
  }
}
