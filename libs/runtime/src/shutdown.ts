import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import type { Logger } from '@app/domain';
import type { EventDispatcher } from '@app/events';
import type { JobQueue } from '@app/jobs';
import type { FolderLock } from '@app/storage';
import type { Housekeeping } from './housekeeping.js';

export interface ShutdownParts {
  config: AppConfig;
  logger: Logger;
  housekeeping: Housekeeping;
  queue: JobQueue;
  eventDispatcher: EventDispatcher;
  catalog: Catalog;
  lock: FolderLock;
}

/**
 * The order of a shutdown: not ready any more, running jobs get their grace time and are then aborted and cleaned up,
 * the catalog is closed, and DATA_DIR is unlocked last. An app closes its own connections between the jobs and the catalog.
 */
export class Shutdown {
  private readonly begun = new AbortController();

  constructor(private readonly parts: ShutdownParts) {}

  get shuttingDown(): boolean {
    return this.begun.signal.aborted;
  }

  /** Aborted when the shutdown begins: for what is not worth waiting for. */
  get signal(): AbortSignal {
    return this.begun.signal;
  }

  /** From here on the service is not ready. */
  begin(): void {
    this.begun.abort();
    this.parts.housekeeping.stop();
  }

  /** Waits for running jobs as long as SHUTDOWN_GRACE_SECONDS allows, then aborts them and waits until they have cleaned up. */
  async endJobs(): Promise<void> {
    const { queue, logger, config } = this.parts;
    const { running } = queue;
    if (running > 0) logger.info({ running, graceMs: config.shutdownGraceMs }, 'waiting for jobs');
    await queue.shutdown(config.shutdownGraceMs);
  }

  /** Gives what is running no more time. It is still cleaned up. */
  async hasten(): Promise<void> {
    await this.parts.queue.shutdown(0);
  }

  /** Once nothing uses the catalog any more. */
  async close(): Promise<void> {
    // The subscribers get what the last jobs have told, and the copy of the catalog has every change.
    await this.parts.eventDispatcher.stop();
    await this.parts.catalog.close();
    this.parts.lock.release();
  }
}
