import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { SettingsStore } from '@app/config';
import type { Settings } from '@app/config';
import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, Logger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { ConnectionStore } from '@app/core';
import { EventLog } from '@app/events';
import { LOGGER } from '../foundation/tokens.js';
import { ActiveConnection } from './active-connection.js';
import type { Wanted } from './active-connection.js';
import { SameDatabase } from './same-database.service.js';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** The pause after a refused login. It is long, because too many wrong passwords would lock the account. */
const REFUSED_PAUSE_MS = 300_000;
/** How long the start of the service waits for the server to answer; it goes on in the background. */
const PATIENCE_AT_START_MS = 3_000;

/** Brings the connection of the last run back, however long its server takes to come up. */
@Injectable()
export class Reconnector implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private attempt: AbortController | undefined;

  constructor(
    private readonly settings: SettingsStore,
    private readonly store: ConnectionStore,
    private readonly drivers: DriverRegistry,
    private readonly active: ActiveConnection,
    private readonly events: EventLog,
    private readonly same: SameDatabase,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Before anything is due: a schedule that is made up for at the start must know what it is to back up. */
  async onModuleInit(): Promise<void> {
    const settings = await this.settings.load();
    if (!settings.connection.connected) return;
    const params = paramsOf(settings);
    if (params instanceof DomainError) {
      this.logger.error({ code: params.code }, `cannot reconnect: ${params.message}`);
      this.active.miss(undefined, params);
      return;
    }
    this.active.miss(await this.recall(params), notYet());
  }

  async onApplicationBootstrap(): Promise<void> {
    const { wanted } = this.active;
    if (wanted === undefined) return;
    const first = this.tryOnce(wanted, FIRST_PAUSE_MS);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_AT_START_MS)));
    await Promise.race([first, patience]);
    clearTimeout(timer);
  }

  /** The file may have been edited by hand: what it says becomes a connection of the catalog. */
  private async recall(params: ConnectionParams): Promise<Wanted> {
    const record = await this.store.remember(params);
    return { id: record.id, params: this.store.opened(record) };
  }

  onModuleDestroy(): void {
    this.stop();
  }

  /** Makes the result of a running attempt void. */
  stop(): void {
    clearTimeout(this.timer);
    this.attempt?.abort();
    this.attempt = undefined;
  }

  private async tryOnce(wanted: Wanted, pauseMs: number): Promise<void> {
    const { params } = wanted;
    const attempt = new AbortController();
    this.attempt = attempt;
    try {
      const server = await this.drivers.get(params.dbType).probe(params, attempt.signal);
      if (attempt.signal.aborted) return;
      this.active.connect({ ...wanted, server });
      await this.same.note(wanted.id, params);
      this.events.publish({ type: 'status' });
      this.logger.info({ host: params.host, port: params.port, database: params.database }, 'reconnected');
    } catch (error) {
      if (attempt.signal.aborted) return;
      const trouble = error instanceof DomainError ? error : new DomainError('INTERNAL', messageOf(error));
      this.active.miss(wanted, trouble);
      this.events.publish({ type: 'status' });
      const againInMs = trouble.kind === 'upstream' ? pauseMs : REFUSED_PAUSE_MS;
      this.logger.warn({ code: trouble.code, againInMs }, `cannot reconnect: ${trouble.message}`);
      this.timer = setTimeout(() => void this.tryOnce(wanted, Math.min(pauseMs * 2, LONGEST_PAUSE_MS)), againInMs);
      this.timer.unref();
    }
  }
}

function notYet(): DomainError {
  return new DomainError('HOST_UNREACHABLE', 'The database server has not answered yet.');
}

function paramsOf({ connection, passwordFault }: Settings): ConnectionParams | DomainError {
  if (passwordFault !== undefined) return passwordFault;
  const { dbType, host, port, database, username, password = '', sslMode = 'prefer' } = connection;
  if (dbType === undefined || !host || port === undefined || !database || !username) {
    return new DomainError('NOT_CONNECTED', 'The settings name no complete connection.', {
      hint: 'Connect with POST /api/connect.',
    });
  }
  return { dbType, host, port, database, username, password, sslMode };
}
