import { randomUUID } from 'node:crypto';
import type { Catalog, ConnectionLogin, ConnectionRecord, Page } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Clock, ConnectionParams, RetentionPolicy } from '@app/domain';
import { domainEvent } from '@app/events';
import { SecretBox } from '@app/security';

/** Changes of a connection. An absent field stays as it is; `tls` is replaced as a whole. */
export interface ConnectionChange {
  params?: Partial<ConnectionParams>;
  label?: string | null;
  retention?: RetentionPolicy | null;
}

const IS_DATABASE = ['dbType', 'host', 'port', 'database'] as const;

/**
 * The connections of the catalog, with their secrets. Each secret is sealed for its connection, so that it does not open when
 * somebody copies it to another row.
 */
export class ConnectionStore {
  constructor(
    private readonly catalog: Catalog,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** Returns the last parameters of the connection with this login; undefined when there is none, or its secrets do not open. */
  async find(login: ConnectionLogin): Promise<ConnectionParams | undefined> {
    const record = await this.catalog.connections.find(loginOf(login));
    try {
      return record === undefined ? undefined : this.opened(record);
    } catch {
      return undefined; // sealed with another key
    }
  }

  /** Returns the connection with this login, and creates it if there is none. A new password or TLS setting replaces the old one. */
  async remember(params: ConnectionParams): Promise<ConnectionRecord> {
    for (;;) {
      const known = await this.catalog.connections.find(loginOf(params));
      if (known !== undefined) {
        const { password, sslMode, tls } = params;
        const changed = await this.change(known.id, {
          params: { password, sslMode, ...(tls === undefined ? {} : { tls }) },
        }).catch(unless('CONNECTION_NOT_FOUND'));
        if (changed !== undefined) return changed;
      } else {
        const made = await this.create(params).catch(unless('CONNECTION_EXISTS'));
        if (made !== undefined) return made;
      }
    }
  }

  /** Throws CONNECTION_EXISTS when there is one with this login. */
  async create(
    params: ConnectionParams,
    options: { label?: string | null; retention?: RetentionPolicy | null; identity?: string | null } = {},
  ): Promise<ConnectionRecord> {
    const id = randomUUID();
    const now = this.clock.now().getTime();
    const record: ConnectionRecord = {
      id,
      label: options.label ?? null,
      ...loginOf(params),
      sslMode: params.sslMode,
      sealedPassword: this.secrets.seal(params.password, purposeOf(id, 'password')),
      ...this.tlsColumns(id, params.tls),
      identity: options.identity ?? null,
      retention: options.retention ?? null,
      createdAt: now,
      updatedAt: now,
    };
    await this.catalog.transaction(async ({ connections, outbox }) => {
      await connections.insert(record);
      await outbox.append([domainEvent('ConnectionChanged', { connectionId: id, change: 'created' })]);
    });
    return record;
  }

  /** Throws CONNECTION_NOT_FOUND, or CONNECTION_EXISTS when another one has the new login. It writes nothing when nothing has changed. */
  async change(id: string, { params = {}, label, retention }: ConnectionChange): Promise<ConnectionRecord> {
    const before = await this.get(id);
    const { password, tls, host, ...plain } = params;
    const change: Partial<ConnectionRecord> = {
      ...plain,
      ...(host === undefined ? {} : { host: host.toLowerCase() }),
      ...(password === undefined || password === this.openedPassword(before)
        ? {}
        : { sealedPassword: this.secrets.seal(password, purposeOf(id, 'password')) }),
      ...(tls === undefined ? {} : this.tlsColumns(id, tls)),
      ...(label === undefined ? {} : { label }),
      ...(retention === undefined ? {} : { retention }),
    };
    const keys = Object.keys(change) as (keyof ConnectionRecord)[];
    if (keys.every((key) => change[key] === before[key])) return before;
    // The identity that the server told before belongs to another database.
    if (IS_DATABASE.some((key) => key in change && change[key] !== before[key])) change.identity = null;
    const updatedAt = this.clock.now().getTime();
    const after = await this.catalog.transaction(async ({ connections, outbox }) => {
      const changed = await connections.update(id, { ...change, updatedAt });
      if (changed === undefined) return undefined;
      await outbox.append([domainEvent('ConnectionChanged', { connectionId: id, change: 'changed' })]);
      return changed;
    });
    if (after === undefined) throw notFound(id);
    return after;
  }

  /** Notes which database it is, as the server said just now. A connection that was deleted meanwhile is no failure. */
  async noteIdentity(id: string, identity: string | undefined): Promise<void> {
    const record = await this.catalog.connections.get(id);
    if (record === undefined || record.identity === (identity ?? null)) return;
    await this.catalog.connections.update(id, { identity: identity ?? null });
  }

  /** Removes a connection with its schedules; its backups stay. Throws CONNECTION_NOT_FOUND. */
  async remove(id: string): Promise<void> {
    await this.catalog.transaction(async ({ connections, outbox }) => {
      if (!(await connections.remove(id))) throw notFound(id);
      await outbox.append([domainEvent('ConnectionChanged', { connectionId: id, change: 'removed' })]);
    });
  }

  /** Throws CONNECTION_NOT_FOUND. */
  async get(id: string): Promise<ConnectionRecord> {
    const record = await this.catalog.connections.get(id);
    if (record === undefined) throw notFound(id);
    return record;
  }

  page(query: { limit: number; after?: string }): Promise<Page<ConnectionRecord>> {
    return this.catalog.connections.page(query);
  }

  /** Returns all that a login needs. Throws CONNECTION_NOT_FOUND, or INTERNAL when it was sealed with another key. */
  async paramsOf(id: string): Promise<ConnectionParams> {
    return this.opened(await this.get(id));
  }

  opened(record: ConnectionRecord): ConnectionParams {
    const { id, dbType, host, port, database, username, sslMode, tlsCa, tlsCertificate, sealedTlsKey } = record;
    const tls = {
      ...(tlsCa === null ? {} : { ca: tlsCa }),
      ...(tlsCertificate === null ? {} : { certificate: tlsCertificate }),
      ...(sealedTlsKey === null ? {} : { key: this.secrets.open(sealedTlsKey, purposeOf(id, 'key')) }),
    };
    return {
      dbType,
      host,
      port,
      database,
      username,
      password: this.secrets.open(record.sealedPassword, purposeOf(id, 'password')),
      sslMode,
      ...(Object.keys(tls).length === 0 ? {} : { tls }),
    };
  }

  /** Whether its secrets were sealed with another key. */
  isLocked(record: ConnectionRecord): boolean {
    try {
      this.opened(record);
      return false;
    } catch {
      return true;
    }
  }

  /** Returns the names of connections whose secrets were sealed with another key, so that somebody must give them again. */
  async locked(): Promise<string[]> {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.page({ limit: 100, ...(after === undefined ? {} : { after }) });
      for (const record of page.rows) {
        if (this.isLocked(record)) {
          names.push(record.label ?? `${record.username}@${record.host}:${record.port}/${record.database}`);
        }
      }
      after = page.next;
    } while (after !== undefined);
    return names;
  }

  private openedPassword(record: ConnectionRecord): string | undefined {
    try {
      return this.secrets.open(record.sealedPassword, purposeOf(record.id, 'password'));
    } catch {
      return undefined; // sealed with another key: the new password replaces it
    }
  }

  private tlsColumns(
    id: string,
    tls: ConnectionParams['tls'] = {},
  ): Pick<ConnectionRecord, 'tlsCa' | 'tlsCertificate' | 'sealedTlsKey'> {
    return {
      tlsCa: tls.ca ?? null,
      tlsCertificate: tls.certificate ?? null,
      sealedTlsKey: tls.key === undefined ? null : this.secrets.seal(tls.key, purposeOf(id, 'key')),
    };
  }
}

function loginOf(params: ConnectionLogin): ConnectionLogin {
  const { dbType, host, port, database, username } = params;
  return { dbType, host: host.toLowerCase(), port, database, username };
}

function purposeOf(id: string, secret: 'password' | 'key'): string {
  return `connection ${id} ${secret}`;
}

function unless(code: DomainError['code']): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof DomainError && error.code === code) return undefined;
    throw error;
  };
}

function notFound(id: string): DomainError {
  return new DomainError('CONNECTION_NOT_FOUND', `There is no connection ${id}.`, {
    hint: 'GET /api/connections lists them.',
  });
}
