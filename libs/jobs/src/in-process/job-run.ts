import type { Catalog, JobRecord } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Clock, JobProgress, Logger } from '@app/domain';
import type { JobContext } from '../job-handler.js';
import { TransferRate } from './transfer-rate.js';

const WRITE_EVERY_MS = 500;
const LOG_LINES = 200;
const LINE_LENGTH = 500;

export interface JobRunParts {
  catalog: Catalog;
  clock: Clock;
  logger: Logger;
  redact: (text: string) => string;
  /** Called after each write. */
  tell: (job: JobRecord) => void;
}

/** Keeps the progress and log of one attempt of a job, and writes them now and then. */
export class JobRun {
  private progress: JobProgress | null;
  private lines: readonly string[];
  private final = false;
  private closed = false;
  private changed = false;
  private busy = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly rate = new TransferRate();

  constructor(
    readonly job: JobRecord,
    private readonly parts: JobRunParts,
  ) {
    this.progress = job.progress;
    this.lines = job.log;
  }

  /** Whether its failure may be followed by another attempt. */
  get mayRetry(): boolean {
    return !this.final;
  }

  /** Returns the latest state, also before it is written. */
  get state(): Pick<JobRecord, 'progress' | 'log'> {
    return { progress: this.progress, log: this.lines };
  }

  contextFor(signal: AbortSignal, givesWay: JobContext['givesWay'] = (wait) => wait()): JobContext {
    return {
      signal,
      givesWay,
      progress: (change) => this.advance(change),
      log: (line) => this.say(line),
      noRetry: () => {
        this.final = true;
      },
    };
  }

  say(line: string): void {
    // Removes NUL, which texts of PostgreSQL cannot hold, and other control characters, such as those of a progress bar.
    const plain = this.parts.redact(line).replace(/\s*[\u0000-\u001f\u007f]+\s*/g, ' ');
    const text = `${this.parts.clock.now().toISOString()} ${plain.trim().slice(0, LINE_LENGTH)}`;
    this.lines = [...this.lines.slice(1 - LOG_LINES), text];
    this.touch();
  }

  /** Writes nothing any more after this resolves; {@link state} has what is not written yet. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.writing;
  }

  private advance(change: Parameters<JobContext['progress']>[0]): void {
    const known = this.progress ?? { phase: '', bytes: 0, totalBytes: null, tables: null, totalTables: null };
    const progress = { bytesPerSecond: null, secondsLeft: null, ...known, ...change };
    this.progress = { ...progress, ...this.rate.figures(progress, this.parts.clock.now().getTime()) };
    this.touch();
  }

  private touch(): void {
    this.changed = true;
    if (this.closed || this.timer !== undefined) return;
    if (!this.busy) this.flush();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.changed) this.touch();
    }, WRITE_EVERY_MS).unref();
  }

  private flush(): void {
    this.changed = false;
    this.busy = true;
    this.writing = this.write().finally(() => {
      this.busy = false;
    });
  }

  private async write(): Promise<void> {
    try {
      const job = await this.parts.catalog.jobs.update(this.job.id, ['running'], this.state);
      if (job !== undefined && !this.closed) this.parts.tell(job);
    } catch (error) {
      // The next write, or the end of the job, has the same and more.
      this.parts.logger.debug({ job: this.job.id }, `progress was not written: ${messageOf(error)}`);
    }
  }
}
