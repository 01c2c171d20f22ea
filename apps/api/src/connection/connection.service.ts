import { Injectable } from '@nestjs/common';
import { SettingsStore } from '@app/config';
import type { ConnectionParams } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { ShutdownService } from '../engine/shutdown.service.js';
import { SchedulerService } from '../scheduler/scheduler.service.js';
import { ActiveConnection } from './active-connection.js';
import type { Connected } from './active-connection.js';
import { Reconnector } from './reconnector.js';

export interface ConnectionStatus {
  connected: Connected | undefined;
  wanted: ConnectionParams | undefined;
  lastError: string | undefined;
  schedulerRunning: boolean;
  nextBackup: string | undefined;
}

@Injectable()
export class ConnectionService {
  /** Changes of the connection happen one after the other, so that file and memory never tell of two. */
  private changes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly drivers: DriverRegistry,
    private readonly settings: SettingsStore,
    private readonly active: ActiveConnection,
    private readonly scheduler: SchedulerService,
    private readonly reconnector: Reconnector,
    private readonly shutdown: ShutdownService,
  ) {}

  /** Logs in first; only a connection that works takes the place of the one before, in memory and in `config.ini`. */
  async connect(params: ConnectionParams): Promise<void> {
    const server = await this.drivers.get(params.dbType).probe(params, this.shutdown.signal);
    await this.change(async () => {
      await this.settings.update(({ connection }) => {
        Object.assign(connection, params, { connected: true });
      });
      this.reconnector.stop();
      this.active.connect({ params, server });
      await this.scheduler.start();
    });
  }

  /** Keeps the details in the file, but a restart does not reconnect. */
  async disconnect(): Promise<void> {
    await this.change(async () => {
      await this.settings.update(({ connection }) => {
        connection.connected = false;
      });
      this.reconnector.stop();
      this.active.disconnect();
      await this.scheduler.stop();
    });
  }

  status(): ConnectionStatus {
    const { running, nextBackup } = this.scheduler.status();
    return {
      connected: this.active.connected,
      wanted: this.active.wanted,
      lastError: this.active.trouble?.message,
      schedulerRunning: running,
      nextBackup,
    };
  }

  private change(work: () => Promise<void>): Promise<void> {
    const result = this.changes.then(work);
    this.changes = result.catch(() => undefined);
    return result;
  }
}
