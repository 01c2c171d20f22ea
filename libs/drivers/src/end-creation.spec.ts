import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DbDriver } from './db-driver.js';
import { MysqlDriver } from './mysql/mysql-driver.js';
import { PostgresDriver } from './postgres/postgres-driver.js';
import { SilentProxy } from './testing/silent-proxy.js';

jest.setTimeout(60_000);

interface Engine {
  start(): Promise<SandboxServer>;
  driver(runtimeDir: string): DbDriver;
  /** Nobody makes a database before the returned function is called. */
  holdUp(admin: ConnectionParams): Promise<() => Promise<void>>;
}

const ENGINES: Record<string, Engine> = {
  PostgreSQL: {
    start: startPostgres,
    driver: (runtimeDir) => new PostgresDriver({ runtimeDir }),
    async holdUp({ host, port, username: user, password }) {
      const client = new Client({ host, port, user, password, database: 'postgres' });
      await client.connect();
      await client.query('BEGIN; LOCK TABLE pg_database IN SHARE MODE');
      return () => client.end();
    },
  },
  MariaDB: {
    start: startMariadb,
    driver: (runtimeDir) => new MysqlDriver({ runtimeDir }),
    async holdUp({ host, port, username: user, password }) {
      const client = await createConnection({ host, port, user, password });
      await client.query('FLUSH TABLES WITH READ LOCK');
      return () => client.end();
    },
  },
};

describe.each(Object.entries(ENGINES))('a database that %s is told to make', (_, engine) => {
  let server: SandboxServer;
  let folder: string;
  let driver: DbDriver;
  let admin: ConnectionParams;
  let proxy: SilentProxy;
  let release: () => Promise<void>;

  beforeAll(async () => {
    server = await engine.start();
    folder = await mkdtemp(join(tmpdir(), 'end-creation-'));
    driver = engine.driver(folder);
    admin = server.connection(driver.dbType === 'PostgreSQL' ? 'postgres' : 'mysql');
    await driver.createDatabase(admin, 'shop', {});
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    proxy = await SilentProxy.start(server);
    release = await engine.holdUp(admin);
  });
  afterEach(async () => {
    await release();
    await proxy[Symbol.asyncDispose]();
  });

  const database = (connection: ConnectionParams, name: string, signal: AbortSignal): Promise<unknown> =>
    driver.createDatabase(connection, name, {}, { closed: true, signal });
  const copy = (connection: ConnectionParams, name: string, signal: AbortSignal): Promise<unknown> =>
    driver.swap.createStaging({ ...connection, database: 'shop' }, name, signal);

  /** Told through the proxy, which then says nothing more; the server has the command. */
  async function cutOff(name: string, make = database): Promise<unknown> {
    const stop = new AbortController();
    const made = make({ ...admin, port: proxy.port }, name, stop.signal).catch((error: unknown) => error);
    // There is nothing else to see of it from outside.
    await sleep(1_500);
    proxy.fallSilent();
    stop.abort();
    return await made;
  }

  it('is not waited for when that is cancelled in silence', async () => {
    expect(await cutOff('abandoned')).toMatchObject({
      code: expect.stringMatching(/CANCELLED|CONNECTION_LOST/) as string,
    });
  });

  it('does not come any more once its creation was ended, although the server goes on with it', async () => {
    await cutOff('half made');
    await driver.endCreation(admin, 'half made');
    await release();
    await sleep(500);
    expect(await driver.databaseExists(admin, 'half made')).toBe(false);
  });

  it('is not waited for where it is the staging database of a restore, and does not come after that was dropped', async () => {
    const name = 'shop__restore_0a1b2c3d';
    expect(await cutOff(name, copy)).toMatchObject({
      code: expect.stringMatching(/CANCELLED|CONNECTION_LOST/) as string,
    });
    const dropped = driver.swap.dropCopy({ ...admin, database: 'shop' }, name).catch(() => undefined);
    await sleep(500);
    await release();
    await dropped;
    expect(await driver.databaseExists(admin, name)).toBe(false);
  });

  it('is not disturbed by the end of the creation of another one', async () => {
    const made = driver.createDatabase(admin, 'whole', {}, {});
    await sleep(1_000);
    await driver.endCreation(admin, 'whol');
    await release();
    expect(await made).toEqual([]);
    expect(await driver.databaseExists(admin, 'whole')).toBe(true);
  });
});
