import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import type { Logger } from '@app/domain';
import { CatalogCopies } from '@app/core';
import type { JobQueue } from '@app/jobs';
import type { FolderLock } from '@app/storage';
import { APP_CONFIG, CATALOG, DATA_LOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';

/** For answers that are on their way when the last operation has ended. */
const LAST_ANSWERS_MS = 1_000;

/**
 * The order of a shutdown: no new connections, not ready any more, running jobs get their grace time and are then
 * aborted and cleaned up, the last answers go out, every connection is closed, the catalog last.
 */
@Injectable()
export class ShutdownService implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly begun = new AbortController();

  constructor(
    private readonly copies: CatalogCopies,
    @Inject(DATA_LOCK) private readonly lock: FolderLock,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    private readonly http: HttpAdapterHost,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get shuttingDown(): boolean {
    return this.begun.signal.aborted;
  }

  /** Aborted when the shutdown begins: for what is not worth waiting for. */
  get signal(): AbortSignal {
    return this.begun.signal;
  }

  async onModuleDestroy(): Promise<void> {
    this.begun.abort();
    const server = this.server;
    if (server?.listening === true) server.close();
    const { running } = this.queue;
    if (running > 0) this.logger.info({ running, graceMs: this.config.shutdownGraceMs }, 'waiting for jobs');
    await this.queue.shutdown(this.config.shutdownGraceMs);
  }

  /** The framework then waits for the end of each connection, also of one that has sent half a request, or reads nothing. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.closeConnections();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.copies.close();
    await this.catalog.close();
    this.lock.release();
  }

  /** Gives what is running no more time. It is still cleaned up. */
  async hasten(): Promise<void> {
    await this.queue.shutdown(0);
  }

  private async closeConnections(): Promise<void> {
    const server = this.server;
    if (server === undefined) return;
    server.closeIdleConnections();
    const open = await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count ?? 0)));
    if (open > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LAST_ANSWERS_MS);
        server.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    server.closeAllConnections();
  }

  private get server(): Server | undefined {
    // Typed as present, but a process without HTTP has none.
    const adapter = this.http.httpAdapter as typeof this.http.httpAdapter | undefined;
    return adapter?.getHttpServer() as Server | undefined;
  }
}
