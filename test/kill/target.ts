import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxOptions, SandboxServer } from '@app/sandbox';
import type { ConnectionParams } from '@app/domain';
import { runSql } from '../support/run-sql.js';
import { fingerprintOf, settingsOf } from './fingerprint.js';
import type { Fingerprint } from './fingerprint.js';
import { MARIADB_USE, mariadbStatements, POSTGRES_USE, postgresStatements, STATES, VISITOR } from './states.js';
import type { State } from './states.js';

export const ENGINES = ['postgres', 'mariadb'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Different ones, so that the files of their backups can be told apart. */
const DATABASES = { postgres: 'shop', mariadb: 'store' };
/** Of the account `app`; nothing is reached with it from outside of this machine. */
const APP_PASSWORD = 'application';

/** What can be seen of a restore from outside, cheaply. */
export interface Sight {
  databases: readonly string[];
  /** Somebody writes in the target itself: what is not committed, or it has not all of its tables. */
  loading: boolean;
  /** Nobody can use the target. */
  locked: boolean;
  /** What the target held is in these databases. */
  replaced: readonly string[];
}

/** One server with the database that is backed up, replaced and looked at. */
export class Target {
  readonly engine: EngineName;
  readonly server: SandboxServer;
  /** That is backed up and replaced. */
  readonly database: string;
  readonly fingerprints = new Map<State, Fingerprint>();
  private settings = '';
  private accounts: readonly string[] = [];
  private eye: Eye | undefined;

  private constructor(engine: EngineName, server: SandboxServer) {
    this.engine = engine;
    this.server = server;
    this.database = DATABASES[engine];
  }

  static async start(engine: EngineName, options: SandboxOptions = {}): Promise<Target> {
    const server = await (engine === 'postgres' ? startPostgres(options) : startMariadb(options));
    const target = new Target(engine, server);
    await runSql(
      target.admin,
      engine === 'postgres'
        ? [`create role app login password '${APP_PASSWORD}'`, `create role reader`, `create role ${VISITOR}`]
        : [
            `create user app@'127.0.0.1' identified by '${APP_PASSWORD}'`,
            `grant all privileges on ${target.database}.* to app@'127.0.0.1'`,
          ],
    );
    target.accounts = await target.allAccounts();
    return target;
  }

  get admin(): ConnectionParams {
    return this.server.connection(this.engine === 'postgres' ? 'postgres' : 'mysql');
  }
  connection(database = this.database): ConnectionParams {
    return this.server.connection(database);
  }

  async stop(): Promise<void> {
    await this.eye?.close().catch(() => undefined);
    await this.server.stop();
  }

  /** Makes the database anew in this state. */
  async build(state: State): Promise<void> {
    const { database } = this;
    await this.drop(database);
    if (this.engine === 'postgres') {
      await runSql(this.admin, [
        `create database ${database} owner app connection limit 50`,
        `comment on database ${database} is 'The shop.'`,
        `alter database ${database} set work_mem = '5MB'`,
        `grant connect on database ${database} to reader`,
      ]);
      await runSql(this.connection(), postgresStatements(state));
    } else {
      await runSql(this.admin, [`create database ${database} character set utf8mb4 collate utf8mb4_unicode_ci`]);
      await runSql(this.connection(), mariadbStatements(state));
    }
    this.fingerprints.set(state, await fingerprintOf(this.connection()));
    this.settings = await settingsOf(this.connection());
  }

  async drop(database: string): Promise<void> {
    await runSql(this.admin, [
      `drop database if exists ${database}${this.engine === 'postgres' ? ' with (force)' : ''}`,
    ]);
  }

  /** Which of the two states this is; undefined: neither. */
  async stateOf(database = this.database): Promise<{ state: State | undefined; found: Fingerprint }> {
    const found = await fingerprintOf(this.connection(database));
    return { state: STATES.find((state) => this.fingerprints.get(state)?.hash === found.hash), found };
  }

  /** What is amiss for those who use the database, in words. */
  async faultsOfUse(state: State): Promise<string[]> {
    const faults: string[] = [];
    const settings = await settingsOf(this.connection());
    if (settings !== this.settings) faults.push(`the database's settings are ${settings} instead of ${this.settings}`);
    const use = this.engine === 'postgres' ? POSTGRES_USE : MARIADB_USE;
    const account = { ...this.connection(), username: 'app', password: APP_PASSWORD };
    try {
      // The connection is closed without a commit.
      const [row] = await runSql(account, ['begin', use.write, use.read]);
      const noted = String(row?.['noted']);
      if (noted !== use.expected(state)) faults.push(`what app wrote made "${noted}", not "${use.expected(state)}"`);
    } catch (error) {
      faults.push(`app cannot work: ${(error as Error).message}`);
    }
    return faults;
  }

  /** Those that were made since the server was set up. */
  async strangeAccounts(): Promise<string[]> {
    return (await this.allAccounts()).filter((name) => !this.accounts.includes(name));
  }

  private async allAccounts(): Promise<string[]> {
    const query =
      this.engine === 'postgres'
        ? 'select rolname as name from pg_roles'
        : `select concat(user, '@', host) as name from mysql.user`;
    return (await runSql(this.admin, [query])).map(({ name }) => String(name));
  }

  async databases(): Promise<string[]> {
    return [...(await this.look()).databases];
  }

  async look(): Promise<Sight> {
    this.eye ??= await (this.engine === 'postgres' ? postgresEye : mariadbEye)(this.admin, this.database);
    return this.eye.look();
  }

  /** Reads the database in a transaction that goes on until `release`: it blocks whoever needs it alone. */
  hold(): Promise<Hold> {
    return this.holdBy('select count(*) from customers', this.connection());
  }

  /**
   * Blocks a staging database from another session: it can be neither renamed nor dropped. Where nothing is in it yet
   * (MariaDB), nothing is blocked.
   */
  async holdCopy(copy: string): Promise<Hold> {
    const nobody = { release: () => Promise.resolve() };
    const statement =
      this.engine === 'postgres'
        ? `comment on database "${copy}" is 'Somebody looks at this.'`
        : `select count(*) from \`${copy}\`.customers`;
    return await this.holdBy(statement, this.admin).catch(() => nobody);
  }

  private async holdBy(statement: string, connection: ConnectionParams): Promise<Hold> {
    const { query, end } = await (this.engine === 'postgres' ? postgresClient : mariadbClient)(connection);
    const release = (): Promise<void> => end().catch(() => undefined);
    try {
      await query('begin');
      await query(statement);
      return { release };
    } catch (error) {
      await release();
      throw error;
    }
  }
}

interface LooseClient {
  query(statement: string): Promise<unknown>;
  end(): Promise<void>;
}

async function postgresClient({
  host,
  port,
  username: user,
  password,
  database,
}: ConnectionParams): Promise<LooseClient> {
  const client = new Client({ host, port, user, password, database });
  // It may be ended at any time.
  client.on('error', () => undefined);
  await client.connect();
  return { query: (statement) => client.query(statement), end: () => client.end() };
}

async function mariadbClient({
  host,
  port,
  username: user,
  password,
  database,
}: ConnectionParams): Promise<LooseClient> {
  const client = await createConnection({ host, port, user, password, database });
  client.on('error', () => undefined);
  return { query: (statement) => client.query(statement), end: () => client.end() };
}

interface Hold {
  release(): Promise<void>;
}

interface Eye {
  look(): Promise<Sight>;
  close(): Promise<void>;
}

async function postgresEye(connection: ConnectionParams, watched: string): Promise<Eye> {
  const { host, port, username: user, password, database } = connection;
  const client = new Client({ host, port, user, password, database });
  // The next look tells that it is lost; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  return {
    async look() {
      const { rows } = await client.query<{ datname: string; allowed: boolean; writes: boolean }>(
        `select datname, datallowconn as allowed,
                exists (select from pg_stat_activity a where a.datname = '${watched}' and a.backend_xid is not null) as writes
           from pg_database where datname not in ('postgres', 'template0', 'template1')`,
      );
      const databases = rows.map(({ datname }) => datname).toSorted();
      return {
        databases,
        loading: rows.some(({ writes }) => writes),
        locked: rows.find(({ datname }) => datname === watched)?.allowed !== true,
        replaced: databases.filter(isBefore),
      };
    },
    close: () => client.end(),
  };
}

async function mariadbEye(connection: ConnectionParams, watched: string): Promise<Eye> {
  const { host, port, username: user, password } = connection;
  const client = await createConnection({ host, port, user, password });
  client.on('error', () => undefined);
  return {
    async look() {
      // It asks for names alone: to ask for more would open each table, and block the restore.
      const [found] = await client.query(
        `select schema_name as name, count(table_name) as tables
           from information_schema.schemata left join information_schema.tables on table_schema = schema_name
                and table_name in ('customers', 'orders', 'order_lines', 'audit', 'days')
          where schema_name not in ('mysql', 'sys', 'information_schema', 'performance_schema') group by 1 order by 1`,
      );
      const rows = found as { name: string; tables: number }[];
      const whole = rows.some(({ name, tables }) => name === watched && tables === 5);
      const databases = rows.map(({ name }) => name);
      return {
        databases,
        loading: !whole,
        locked: !whole && databases.some(isBefore),
        replaced: whole ? rows.filter(({ name, tables }) => isBefore(name) && tables > 0).map(({ name }) => name) : [],
      };
    },
    close: () => client.end(),
  };
}

function isBefore(name: string): boolean {
  return name.includes('__before_');
}
