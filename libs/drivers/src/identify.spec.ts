import { tmpdir } from 'node:os';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DbDriver } from './db-driver.js';
import { MysqlDriver } from './mysql/mysql-driver.js';
import { withSession } from './mysql/login/mysql-session.js';
import { PostgresDriver } from './postgres/postgres-driver.js';
import { PostgresSession } from './postgres/login/postgres-session.js';

jest.setTimeout(60_000);

describe.each(['PostgreSQL', 'MySQL'] as const)('68: the identity of a database on %s', (dbType) => {
  const postgres = dbType === 'PostgreSQL';
  let server: SandboxServer;
  let second: SandboxServer;
  let driver: DbDriver;
  let admin: ConnectionParams;

  const withPostgres = async <T>(work: (session: PostgresSession) => Promise<T>): Promise<T> => {
    await using session = await PostgresSession.open(admin);
    return await work(session);
  };
  const run = async (sql: string): Promise<void> => {
    if (!postgres) return withSession(admin, {}, (session) => session.run(sql));
    await withPostgres((session) => session.query(sql));
  };

  beforeAll(async () => {
    const start = postgres ? startPostgres : startMariadb;
    server = await start();
    second = await start();
    driver = postgres ? new PostgresDriver({ runtimeDir: tmpdir() }) : new MysqlDriver({ runtimeDir: tmpdir() });
    admin = server.connection(postgres ? 'postgres' : 'mysql');
    await run('CREATE DATABASE shop');
    await run('CREATE DATABASE other');
  });
  afterAll(async () => {
    await server?.stop();
    await second?.stop();
  });

  it('is the same by another host name and another account, and one without any rights on the server', async () => {
    await run(
      postgres
        ? `CREATE ROLE reader LOGIN PASSWORD 'reader-secret'`
        : `CREATE USER reader@'%' IDENTIFIED BY 'reader-secret'`,
    );
    if (!postgres) await run(`GRANT SELECT ON shop.* TO reader@'%'`);
    const shop = { ...admin, database: 'shop' };
    const identity = await driver.identify(shop);
    expect(identity).toEqual(expect.any(String));
    expect(await driver.identify({ ...shop, host: 'localhost' })).toBe(identity);
    expect(await driver.identify({ ...shop, username: 'reader', password: 'reader-secret' })).toBe(identity);
    expect(identity).not.toContain(admin.password);
  });

  it('is another one for another database, and for a database of this name on another server', async () => {
    const identity = await driver.identify({ ...admin, database: 'shop' });
    expect(await driver.identify({ ...admin, database: 'other' })).not.toBe(identity);
    const elsewhere = second.connection(postgres ? 'postgres' : 'mysql');
    expect(await driver.identify(elsewhere)).not.toBe(await driver.identify(admin));
  });

  it('is told from that of a clone by the server that answers, whatever says the same of itself', async () => {
    const { signal } = new AbortController();
    const elsewhere = second.connection(postgres ? 'postgres' : 'mysql');
    const shop = { ...admin, database: 'shop' };
    for (let times = 0; times < 2; times += 1) {
      expect(await driver.isOneServer(shop, { ...admin, host: 'localhost' }, signal)).toBe(true);
      expect(await driver.isOneServer(shop, elsewhere, signal)).toBe(false);
    }
    await expect(driver.isOneServer(shop, { ...shop, password: 'wrong' }, signal)).rejects.toMatchObject({
      code: 'WRONG_CREDENTIALS',
    });
  });

  it('holds what the server alone has, and not only where it listens', async () => {
    const number = postgres
      ? await withPostgres((session) =>
          session.queryOne<{ its: string }>('SELECT system_identifier::text AS its FROM pg_control_system()'),
        )
      : await withSession(admin, {}, (session) => session.row<{ its: string }>('SELECT @@datadir AS its'));
    expect(await driver.identify(admin)).toContain(number.its);
  });

  it('stays when the database is replaced by another one under its name, as a swap does', async () => {
    const shop = { ...admin, database: 'shop' };
    const before = await driver.identify(shop);
    await run('DROP DATABASE shop');
    await run('CREATE DATABASE shop');
    expect(await driver.identify(shop)).toBe(before);
  });

  it('fails as a login does', async () => {
    await expect(driver.identify({ ...admin, password: 'wrong' })).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
  });
});

it('68: a database of PostgreSQL has no identity where the server keeps it from this account', async () => {
  const server = await startPostgres();
  try {
    const admin = server.connection('postgres');
    await using session = await PostgresSession.open(admin);
    await session.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
    await session.query(`CREATE ROLE reader LOGIN PASSWORD 'reader-secret'`);
    const reader = { ...admin, username: 'reader', password: 'reader-secret' };
    expect(await new PostgresDriver({ runtimeDir: tmpdir() }).identify(reader)).toBeUndefined();
  } finally {
    await server.stop();
  }
});
