import { Injectable } from '@nestjs/common';
import type { ConnectionRecord } from '@app/catalog';
import { SettingsStore } from '@app/config';
import { SerialExecutor } from '@app/domain';
import type { ConnectionParams, ServerInfo, SslMode } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { ConnectionStore } from '@app/core';
import { EventLog } from '@app/events';
import { Shutdown } from '@app/runtime';
import { SchedulerService } from '../scheduler/scheduler.service.js';
import type { SchedulerStatus } from '../scheduler/scheduler.service.js';
import { ActiveConnection } from './active-connection.js';
import type { Connected, Wanted } from './active-connection.js';
import { Reconnector } from './reconnector.js';
import { SameDatabase } from './same-database.service.js';

export interface ConnectionStatus {
  connected: Connected | undefined;
  wanted: Wanted | undefined;
  lastError: string | undefined;
  scheduler: SchedulerStatus;
}

/** The facts that a user gives to connect. */
export type Login = Omit<ConnectionParams, 'sslMode' | 'tls'> & { sslMode?: SslMode | undefined };

@Injectable()
export class ConnectionService {
  /** Changes of the connection happen one after the other, so that file and memory never tell of two. */
  private readonly changes = new SerialExecutor();

  constructor(
    private readonly drivers: DriverRegistry,
    private readonly store: ConnectionStore,
    private readonly settings: SettingsStore,
    private readonly active: ActiveConnection,
    private readonly scheduler: SchedulerService,
    private readonly reconnector: Reconnector,
    private readonly shutdown: Shutdown,
    private readonly events: EventLog,
    private readonly same: SameDatabase,
  ) {}

  /**
   * Logs in first; only a connection that works takes the place of the one before, in memory, in the catalog and in
   * `config.ini`. What is not said about TLS is as it was when this login was last used. Returns the other connections
   * to this database; with `replace` the oldest of them gets this login, and no further connection is made.
   */
  async connect(login: Login, replace = false): Promise<ConnectionRecord[]> {
    const known = await this.store.find(login);
    const params: ConnectionParams = {
      ...login,
      sslMode: login.sslMode ?? known?.sslMode ?? 'prefer',
      ...(known?.tls === undefined ? {} : { tls: known.tls }),
    };
    const server = await this.probe(params);
    const identity = await this.same.identify(params);
    const others = await this.same.others(params, identity);
    await this.change(async () => {
      const replaced = replace ? await this.same.replace(params, identity) : undefined;
      const { id } = replaced ?? (await this.store.remember(params));
      if (identity !== undefined) await this.store.noteIdentity(id, identity);
      await this.take({ id, params, server });
    });
    return replace ? [] : others;
  }

  /** Connects with a connection of the catalog. Throws CONNECTION_NOT_FOUND. */
  async activate(id: string): Promise<void> {
    const params = await this.store.paramsOf(id);
    const server = await this.probe(params);
    await this.same.note(id, params);
    await this.change(() => this.take({ id, params, server }));
  }

  /** Takes over a tested change of the active connection. A stopped scheduler stays stopped. */
  async refresh(id: string): Promise<void> {
    const params = await this.store.paramsOf(id);
    const server = await this.probe(params);
    await this.change(async () => {
      if (this.active.wanted?.id === id) await this.hold({ id, params, server });
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
      this.events.publish({ type: 'status' });
    });
  }

  status(): ConnectionStatus {
    return {
      connected: this.active.connected,
      wanted: this.active.wanted,
      lastError: this.active.trouble?.message,
      scheduler: this.scheduler.status(),
    };
  }

  private probe(params: ConnectionParams): Promise<ServerInfo> {
    return this.drivers.get(params.dbType).probe(params, this.shutdown.signal);
  }

  private async take(connected: Connected): Promise<void> {
    await this.hold(connected);
    await this.scheduler.start();
    this.events.publish({ type: 'connection', change: 'activated', connectionId: connected.id });
  }

  private async hold(connected: Connected): Promise<void> {
    await this.settings.update(({ connection }) => {
      const { tls: _, ...params } = connected.params;
      Object.assign(connection, params, { connected: true });
    });
    this.reconnector.stop();
    this.active.connect(connected);
  }

  private change(work: () => Promise<void>): Promise<void> {
    return this.changes.run(work);
  }
}
