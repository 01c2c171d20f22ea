import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import type { AppConfig } from '@app/config';
import type { Logger } from '@app/domain';
import { Operations } from '@app/engine';
import { APP_CONFIG, LOGGER } from '../foundation/tokens.js';

/** For answers that are on their way when the last operation has ended. */
const LAST_ANSWERS_MS = 1_000;

/**
 * The order of a shutdown: no new connections, not ready any more, running operations get their grace time and are then
 * aborted and cleaned up, the last answers go out, every connection is closed.
 */
@Injectable()
export class ShutdownService implements OnModuleDestroy, OnApplicationShutdown {
  private readonly begun = new AbortController();

  constructor(
    private readonly operations: Operations,
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
    const running = this.operations.active;
    if (running > 0) this.logger.info({ running, graceMs: this.config.shutdownGraceMs }, 'waiting for operations');
    await this.operations.shutdown(this.config.shutdownGraceMs);
  }

  async onApplicationShutdown(): Promise<void> {
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

  /** Gives what is running no more time. It is still cleaned up. */
  async hasten(): Promise<void> {
    await this.operations.shutdown(0);
  }

  private get server(): Server | undefined {
    // Typed as present, but a process without HTTP has none.
    const adapter = this.http.httpAdapter as typeof this.http.httpAdapter | undefined;
    return adapter?.getHttpServer() as Server | undefined;
  }
}
