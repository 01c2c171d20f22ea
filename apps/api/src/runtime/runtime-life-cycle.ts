import { Inject, Injectable } from '@nestjs/common';
import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleDestroy,
  OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import type { Runtime } from '@app/runtime';
import { RUNTIME } from '../foundation/tokens.js';

/** For answers that are on their way when the last operation has ended. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Starts and ends the runtime with the app. The order at the end: no new connections, not ready any more, running jobs
 * end, the last answers go out, every connection is closed, the catalog last.
 */
@Injectable()
export class RuntimeLifeCycle
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly http: HttpAdapterHost,
  ) {}

  onModuleInit(): Promise<void> {
    return this.runtime.start();
  }

  onApplicationBootstrap(): Promise<void> {
    return this.runtime.beginHousekeeping();
  }

  async onModuleDestroy(): Promise<void> {
    const { shutdown } = this.runtime;
    shutdown.begin();
    const server = this.server;
    if (server?.listening === true) server.close();
    await shutdown.endJobs();
  }

  /** The framework then waits for the end of each connection, also of one that has sent half a request, or reads nothing. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.closeConnections();
  }

  onApplicationShutdown(): Promise<void> {
    return this.runtime.shutdown.close();
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
