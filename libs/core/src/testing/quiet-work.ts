import type { JobProgress } from '@app/domain';
import type { JobContext } from '@app/jobs';

/** A job's context without a job: remembers what it was told. */
export class QuietWork implements JobContext {
  readonly lines: string[] = [];
  readonly told: Partial<JobProgress>[] = [];
  retryable = true;

  constructor(readonly signal: AbortSignal = new AbortController().signal) {}

  progress(change: Partial<JobProgress>): void {
    this.told.push(change);
  }

  log(line: string): void {
    this.lines.push(line);
  }

  noRetry(): void {
    this.retryable = false;
  }

  givesWay<T>(wait: () => Promise<T>): Promise<T> {
    return wait();
  }
}
