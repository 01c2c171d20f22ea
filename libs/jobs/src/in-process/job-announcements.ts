import type { Catalog, JobRecord } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import { domainEvent } from '@app/events';
import { hasEnded } from '../job-records.js';

const AT_ONCE = 500;
const RETRY_MS = 5_000;

export interface JobAnnouncementsParts {
  catalog: Catalog;
  logger: Logger;
  /** The instance that announces. */
  instance: () => string;
  /** How long an announcement waits for others that can go with it. */
  collectMs: number;
}

/**
 * Tells the other processes on this catalog which jobs have come into another state, for their watchers. An announcement for many
 * jobs costs as much as one for one, and a job that lasts for milliseconds must not cost several transactions more.
 */
export class JobAnnouncements {
  /** The state in which each unfinished job was announced. */
  private readonly announced = new Map<string, string>();
  private waiting = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly parts: JobAnnouncementsParts) {}

  /** To be called with each change of a job; one of its progress alone is not announced. */
  note(job: JobRecord): void {
    const state = `${job.state} ${job.attempt}`;
    if (this.announced.get(job.id) === state) return;
    if (hasEnded(job)) this.announced.delete(job.id);
    else this.announced.set(job.id, state);
    this.waiting.add(job.id);
    this.plan(this.parts.collectMs);
  }

  /** Announces what still waits. */
  async end(): Promise<void> {
    await this.write();
    clearTimeout(this.timer);
  }

  private plan(ms: number): void {
    this.timer ??= setTimeout(() => void this.write(), ms).unref();
  }

  private write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.writeNow());
    return this.writing;
  }

  private async writeNow(): Promise<void> {
    const { catalog, logger, instance } = this.parts;
    const ids = [...this.waiting];
    this.waiting = new Set();
    try {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const jobIds = ids.slice(from, from + AT_ONCE);
        await catalog.outbox.append([domainEvent('JobsChanged', { instance: instance(), jobIds })]);
      }
    } catch (error) {
      logger.warn({ err: error }, `other processes were not told of changed jobs: ${messageOf(error)}`);
      for (const id of ids) this.waiting.add(id);
      this.plan(RETRY_MS);
    }
  }
}
