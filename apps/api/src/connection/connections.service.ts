import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord, Page } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams, RetentionPolicy, ServerInfo } from '@app/domain';
import { DriverRegistry, namesOfLogin } from '@app/drivers';
import { ConnectionStore } from '@app/core';
import { Shutdown } from '@app/runtime';
import { CATALOG } from '../foundation/tokens.js';
import { ActiveConnection } from './active-connection.js';
import { ConnectionService } from './connection.service.js';
import { refuseWhileWorking } from './connection-work.js';
import { SameDatabase, sameDatabaseExists } from './same-database.service.js';
import { checkTls, editedTls, isEmptyEdit } from './tls-edit.js';
import type { TlsEdit } from './tls-edit.js';

export interface NewConnection {
  params: ConnectionParams;
  label: string | null;
  retention: RetentionPolicy | null;
  /** Whether to log in before saving. */
  test: boolean;
  /** Whether another connection to the same database gets this login. Undefined: such a request is refused. */
  replace: boolean | undefined;
}

type Login = Pick<ConnectionParams, 'host' | 'port' | 'database' | 'username' | 'password' | 'sslMode'>;

/** Absent stays as it is. */
export interface ConnectionEdit {
  login: { [Part in keyof Login]?: Login[Part] | undefined };
  tls: TlsEdit;
  label: string | null | undefined;
  retention: RetentionPolicy | null | undefined;
  test: boolean;
}

export interface LoginTest {
  server: ServerInfo;
  latencyMs: number;
}

/** The parts that determine the server to which a password is sent. */
const PASSWORD_GOES_TO = ['host', 'port', 'username'] as const;
/** The parts that decide which database it is. */
const DATABASE_IS = ['host', 'port', 'database'] as const;

/** Lets users change the connections of the catalog. By default saves only what works. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly store: ConnectionStore,
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly drivers: DriverRegistry,
    private readonly active: ActiveConnection,
    private readonly connection: ConnectionService,
    private readonly shutdown: Shutdown,
    private readonly same: SameDatabase,
  ) {}

  page(query: { limit: number; after?: string }): Promise<Page<ConnectionRecord>> {
    return this.store.page(query);
  }

  get(id: string): Promise<ConnectionRecord> {
    return this.store.get(id);
  }

  get activeId(): string | undefined {
    return this.active.wanted?.id;
  }

  /**
   * CONNECTION_EXISTS when there is one with this login, or one to the same database and nobody said what becomes of it;
   * the driver's error when it cannot log in.
   */
  async create({ params, label, retention, test, replace }: NewConnection): Promise<ConnectionRecord> {
    checkTls(params);
    this.checkNames(params);
    const login = { ...params, host: params.host.toLowerCase() };
    const known = await this.catalog.connections.find(login);
    if (known !== undefined && replace !== true) throw exists(known);
    if (test) await this.probe(params);
    const identity = test ? await this.same.identify(params) : undefined;
    const [other] = await this.same.others(params, identity);
    if (other !== undefined && replace === undefined && test) throw sameDatabaseExists(other);
    if (other !== undefined && replace === true) return this.replace(params, identity);
    if (known !== undefined) throw exists(known);
    const record = await this.store.create(params, { label, retention, identity: identity ?? null });
    return record;
  }

  private async replace(params: ConnectionParams, identity: string | undefined): Promise<ConnectionRecord> {
    const record = await this.same.replace(params, identity);
    if (record === undefined) throw new DomainError('CONNECTION_NOT_FOUND', 'The connection to be replaced has gone.');
    if (this.activeId === record.id) await this.connection.refresh(record.id);
    return record;
  }

  /** Logs in first when the login is to be another one. */
  async change(id: string, edit: ConnectionEdit): Promise<ConnectionRecord> {
    const before = await this.store.get(id);
    const { label, retention } = edit;
    const params = await this.newLogin(before, edit);
    const after = await this.store.change(id, {
      ...(params === undefined ? {} : { params }),
      ...(label === undefined ? {} : { label }),
      ...(retention === undefined ? {} : { retention }),
    });
    if (params !== undefined && edit.test) {
      await this.same.keepBackups(before, await this.same.note(id, await this.store.paramsOf(id)));
    }
    if (params !== undefined && this.activeId === id) await this.connection.refresh(id);
    return after;
  }

  /** Logs in. Throws the driver's error when the stored login does not work. */
  async test(id: string): Promise<LoginTest> {
    const params = await this.store.paramsOf(id);
    const begun = performance.now();
    const server = await this.probe(params);
    const latencyMs = Math.round(performance.now() - begun);
    await this.same.note(id, params);
    return { server, latencyMs };
  }

  async activate(id: string): Promise<ConnectionRecord> {
    await this.connection.activate(id);
    return this.store.get(id);
  }

  /** The parts of the login that are given, once the whole has been seen to work; undefined when none is. */
  private async newLogin(
    before: ConnectionRecord,
    edit: ConnectionEdit,
  ): Promise<Partial<ConnectionParams> | undefined> {
    const login = present(edit.login);
    const keepsTls = isEmptyEdit(edit.tls);
    if (keepsTls && Object.keys(login).length === 0) return undefined;
    const differs = (key: keyof typeof login & keyof ConnectionRecord): boolean =>
      login[key] !== undefined && (key === 'host' ? login.host?.toLowerCase() : login[key]) !== before[key];

    if (login.password === undefined && PASSWORD_GOES_TO.some(differs)) throw passwordStays();
    if (!edit.test && this.activeId === before.id) throw activeUntested();
    const params = this.merged(before, login, edit.tls);
    checkTls(params);
    this.checkNames(params);
    if (DATABASE_IS.some(differs)) {
      await refuseWhileWorking(this.catalog, before.id, 'is to name another database');
    }
    if (edit.test) await this.probe(params);
    return { ...login, ...(keepsTls ? {} : { tls: params.tls ?? {} }) };
  }

  /** Opens the stored secrets only where one of them is needed: with another key they can all be given anew. */
  private merged(before: ConnectionRecord, login: Partial<Login>, tls: TlsEdit): ConnectionParams {
    const needsKey = before.sealedTlsKey !== null && tls.key === undefined;
    const known = login.password === undefined || needsKey ? this.store.opened(before) : withoutSecrets(before);
    const { tls: knownTls, ...rest } = known;
    const merged = editedTls(tls, knownTls);
    return { ...rest, ...login, ...(merged === undefined ? {} : { tls: merged }) };
  }

  private checkNames(params: ConnectionParams): void {
    this.drivers.get(params.dbType).checkNames(namesOfLogin(params));
  }

  private probe(params: ConnectionParams): Promise<ServerInfo> {
    return this.drivers.get(params.dbType).probe(params, this.shutdown.signal);
  }
}

function withoutSecrets(record: ConnectionRecord): ConnectionParams {
  const { dbType, host, port, database, username, sslMode, tlsCa: ca, tlsCertificate: certificate } = record;
  const tls = editedTls({ ca, certificate });
  return { dbType, host, port, database, username, password: '', sslMode, ...(tls === undefined ? {} : { tls }) };
}

function present<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof present<T>
  >;
}

function exists({ id, username, database, host, port }: ConnectionRecord): DomainError {
  return new DomainError(
    'CONNECTION_EXISTS',
    `There is a connection of "${username}" to "${database}" on ${host}:${port} already.`,
    { hint: `It is ${id}; PATCH /api/connections/${id} changes it.` },
  );
}

function passwordStays(): DomainError {
  const message = 'is missing: the stored one is not sent to another server or as another user';
  return new DomainError('INVALID_INPUT', `password ${message}.`, {
    hint: 'Give the password that is right there, too ("" for none).',
    fields: [{ field: 'password', message }],
  });
}

function activeUntested(): DomainError {
  const message = 'must be true: the active connection is not changed to one that does not work';
  return new DomainError('INVALID_INPUT', `test ${message}.`, {
    hint: 'Disconnect first with POST /api/disconnect, or activate another connection.',
    fields: [{ field: 'test', message }],
  });
}
