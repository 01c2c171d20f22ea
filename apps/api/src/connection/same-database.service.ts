import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord } from '@app/catalog';
import { DomainError, messageOf } from '@app/domain';
import type { Clock, ConnectionParams, Logger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { ConnectionStore, databaseKey, titleOf } from '@app/core';
import { Shutdown } from '@app/runtime';
import { CATALOG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { refuseWhileWorking } from './connection-work.js';

/** Finds connections that reach one database: by another name of its host, or as another user. */
@Injectable()
export class SameDatabase {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly store: ConnectionStore,
    private readonly drivers: DriverRegistry,
    private readonly shutdown: Shutdown,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The server's identity; undefined where it does not tell one, which must not keep anybody from connecting. */
  async identify(params: ConnectionParams): Promise<string | undefined> {
    try {
      return await this.drivers.get(params.dbType).identify(params, this.shutdown.signal);
    } catch (error) {
      this.logger.warn({ host: params.host, database: params.database }, `no identity: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Asks again which database a connection reaches: it may have moved, or never been asked. */
  async note(id: string, params: ConnectionParams): Promise<string | undefined> {
    const identity = await this.identify(params);
    if (identity !== undefined) await this.store.noteIdentity(id, identity);
    return identity;
  }

  /**
   * After a change of a login, with what the server says now: where the connection reaches the same database by another address,
   * the backups that were made by the former one stay backups of it.
   */
  async keepBackups(before: ConnectionRecord, identity: string | undefined): Promise<void> {
    if (identity === undefined || identity !== before.identity) return;
    const [key, former] = [databaseKey(await this.store.get(before.id)), databaseKey(before)];
    if (key !== former) await this.catalog.connections.noteFormerKey(key, former, this.clock.now().getTime());
  }

  /** The connections to this database by another login, in the order in which they were made. */
  async others(login: ConnectionParams, identity: string | undefined): Promise<ConnectionRecord[]> {
    const { dbType, port, username } = login;
    const host = login.host.toLowerCase();
    const known = identity === undefined ? [] : await this.catalog.connections.ofIdentity(identity);
    const near = await this.catalog.connections.onServer({ dbType, host, port });
    const key = databaseKey(login);
    const byAddress = near.filter((record) => databaseKey(record) === key && !known.some(({ id }) => id === record.id));
    return [...known, ...byAddress]
      .filter((record) => !(databaseKey(record) === key && record.username === username))
      .toSorted((a, b) => a.createdAt - b.createdAt);
  }

  /**
   * Gives the oldest other connection this login, in place of its own: its backups, schedules and label stay. One that
   * has this login already goes. CONNECTION_IN_USE when that one has schedules, or either has work to do.
   */
  async replace(login: ConnectionParams, identity: string | undefined): Promise<ConnectionRecord | undefined> {
    const [other] = await this.others(login, identity);
    if (other === undefined) return undefined;
    const duplicate = await this.catalog.connections.find({ ...login, host: login.host.toLowerCase() });
    await this.catalog.transaction(async (catalog) => {
      for (const id of [other.id, ...(duplicate === undefined ? [] : [duplicate.id])]) {
        await refuseWhileWorking(catalog, id, 'is to be replaced');
      }
      if (duplicate === undefined) return;
      const { rows } = await catalog.schedules.page({ connectionId: duplicate.id, limit: 2 });
      for (const { id } of rows.filter(({ connectionId }) => connectionId === duplicate.id)) {
        if (id !== 'default') throw hasSchedules(duplicate);
        await catalog.schedules.update(id, { connectionId: other.id });
      }
      await catalog.connections.remove(duplicate.id);
    });
    const { host, port, database, username, password, sslMode, tls = {} } = login;
    await this.store.change(other.id, { params: { host, port, database, username, password, sslMode, tls } });
    await this.store.noteIdentity(other.id, identity);
    await this.keepBackups(other, identity);
    return this.store.get(other.id);
  }
}

/** The warning about other connections to the database that was just connected. */
export function sameDatabaseWarning(others: readonly ConnectionRecord[]): string {
  const names = others.map((other) => `"${titleOf(other)}" (${placeOf(other)})`).join(', ');
  return `This is the database of ${names}: it counts as one. Send "replace": true to give that connection this login instead.`;
}

/** CONNECTION_EXISTS, with a hint what to do. */
export function sameDatabaseExists(other: ConnectionRecord): DomainError {
  return new DomainError(
    'CONNECTION_EXISTS',
    `This is the database of "${titleOf(other)}" (${placeOf(other)}), reached by another login.`,
    {
      hint:
        `"replace": true gives the connection ${other.id} this login in place of its own; "replace": false adds another ` +
        'connection to the same database.',
      fields: [{ field: 'replace', message: 'says what becomes of the connection that there is' }],
    },
  );
}

function placeOf({ username, host, port }: ConnectionRecord): string {
  return `${username} at ${host}:${port}`;
}

function hasSchedules(connection: ConnectionRecord): DomainError {
  return new DomainError(
    'CONNECTION_IN_USE',
    `The connection "${titleOf(connection)}" with this login has schedules of its own. Nothing was changed.`,
    { hint: 'Move them to the other connection with PATCH /api/schedules/:id, or delete them, first.' },
  );
}
