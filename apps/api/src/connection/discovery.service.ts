import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { DriverRegistry, namesOfLogin } from '@app/drivers';
import { BackupIndex, ConnectionStore, databaseKey } from '@app/core';
import { Shutdown } from '@app/runtime';
import { CATALOG } from '../foundation/tokens.js';
import { SameDatabase } from './same-database.service.js';
import { checkTls } from './tls-edit.js';

/** Which of the found databases become connections: all that the login may open, or some by name. */
export type ToAdd = boolean | readonly string[];

export interface FoundDatabase {
  name: string;
  /** The size in bytes; undefined where the server does not tell it. */
  size: number | undefined;
  /** Whether the login may open it. */
  accessible: boolean;
  /** Whether there is a complete backup of it. */
  backedUp: boolean;
  connectionId: string | undefined;
  added: boolean;
}

/** Finds the databases of a server that can be backed up. */
@Injectable()
export class DiscoveryService {
  constructor(
    private readonly store: ConnectionStore,
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly drivers: DriverRegistry,
    private readonly index: BackupIndex,
    private readonly shutdown: Shutdown,
    private readonly same: SameDatabase,
  ) {}

  /** The login of a stored connection. Throws CONNECTION_NOT_FOUND. */
  loginOf(connectionId: string): Promise<ConnectionParams> {
    return this.store.paramsOf(connectionId);
  }

  /**
   * The databases of the server that `login` leads to, those without a backup first. What is to be added becomes a
   * connection with the same login, unless there is one of that database already. DATABASE_NOT_FOUND or
   * MISSING_PRIVILEGE when a named one cannot be: then none is added.
   */
  async discover(login: ConnectionParams, add: ToAdd): Promise<FoundDatabase[]> {
    checkTls(login);
    const named = typeof add === 'boolean' ? [] : add;
    this.drivers
      .get(login.dbType)
      .checkNames([
        ...namesOfLogin(login),
        ...named.map((name) => ({ kind: 'database', name, field: 'add' }) as const),
      ]);
    const listed = await this.drivers.get(login.dbType).listDatabases(login, this.shutdown.signal);
    const known = await this.knownOn(login);
    await this.index.syncEverywhere();
    const found: FoundDatabase[] = [];
    for (const { name, sizeBytes: size, accessible } of listed) {
      const backups = await this.catalog.backups.ofDatabase(databaseKey({ ...login, database: name }), { limit: 1 });
      const connectionId = known.get(name)?.id;
      found.push({ name, size, accessible, backedUp: backups.length > 0, connectionId, added: false });
    }
    await this.add(login, chosen(found, add));
    return found.toSorted((a, b) => Number(a.backedUp) - Number(b.backedUp) || (a.name < b.name ? -1 : 1));
  }

  /** The known connections by database; one with the same account is preferred. */
  private async knownOn({ dbType, host, port, username }: ConnectionParams): Promise<Map<string, ConnectionRecord>> {
    const records = await this.catalog.connections.onServer({ dbType, host: host.toLowerCase(), port });
    const others = records.filter((record) => record.username !== username);
    const same = records.filter((record) => record.username === username);
    return new Map([...others, ...same].map((record) => [record.database, record]));
  }

  private async add(login: ConnectionParams, databases: readonly FoundDatabase[]): Promise<void> {
    for (const database of databases) {
      const params = { ...login, database: database.name };
      const identity = await this.same.identify(params);
      const [other] = await this.same.others(params, identity);
      if (other !== undefined) {
        // There already, by another name of its host.
        database.connectionId = other.id;
        continue;
      }
      const { id } = await this.store.remember(params);
      await this.store.noteIdentity(id, identity);
      Object.assign(database, { connectionId: id, added: true });
    }
  }
}

function chosen(found: readonly FoundDatabase[], add: ToAdd): FoundDatabase[] {
  if (add === false) return [];
  const free = found.filter(({ connectionId }) => connectionId === undefined);
  if (add === true) return free.filter(({ accessible }) => accessible);
  const byName = new Map(found.map((database) => [database.name, database]));
  const unknown = add.filter((name) => !byName.has(name));
  if (unknown.length > 0) throw unknownDatabases(unknown);
  const closed = add.filter((name) => byName.get(name)?.accessible === false);
  if (closed.length > 0) throw closedDatabases(closed);
  return free.filter(({ name }) => add.includes(name));
}

function unknownDatabases(names: readonly string[]): DomainError {
  return new DomainError('DATABASE_NOT_FOUND', `The server has no database ${quoted(names)}. None was added.`, {
    hint: 'Names are case-sensitive. Without "add" the call lists the databases that there are.',
  });
}

function closedDatabases(names: readonly string[]): DomainError {
  return new DomainError('MISSING_PRIVILEGE', `The login may not open ${quoted(names)}. None was added.`, {
    hint: 'Let its user connect there, or use another login.',
  });
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
