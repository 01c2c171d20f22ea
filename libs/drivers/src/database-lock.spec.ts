import { tmpdir } from 'node:os';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { LockOptions } from './database-lock.js';
import type { DbDriver } from './db-driver.js';
import { MysqlDriver } from './mysql/mysql-driver.js';
import { withSession } from './mysql/login/mysql-session.js';
import { PostgresDriver } from './postgres/postgres-driver.js';
import { PostgresSession } from './postgres/login/postgres-session.js';

jest.setTimeout(60_000);

describe.each(['PostgreSQL', 'MySQL'] as const)('68: the lock of a database on %s', (dbType) => {
  const postgres = dbType === 'PostgreSQL';
  let server: SandboxServer;
  let driver: DbDriver;
  let shop: ConnectionParams;

  const run = async (sql: string): Promise<void> => {
    const admin = server.connection(postgres ? 'postgres' : 'mysql');
    if (!postgres) return withSession(admin, {}, (session) => session.run(sql));
    await using session = await PostgresSession.open(admin);
    await session.query(sql);
  };

  beforeAll(async () => {
    server = await (postgres ? startPostgres() : startMariadb());
    driver = postgres ? new PostgresDriver({ runtimeDir: tmpdir() }) : new MysqlDriver({ runtimeDir: tmpdir() });
    await run('CREATE DATABASE shop');
    shop = server.connection('shop');
  });
  afterAll(async () => {
    await server?.stop();
  });

  const options = (more: Partial<LockOptions> = {}): LockOptions => ({
    signal: new AbortController().signal,
    onWaiting: () => undefined,
    ...more,
  });
  /** Of the session that is waited for. */
  const numberIn = (holder: string): string => /^Session (\d+) \(/.exec(holder)?.[1] ?? '';

  it('keeps others out by whatever name of the host, says who has it, and waits for no other database', async () => {
    const first = await driver.lockDatabase({ ...shop, host: '127.0.0.1' }, options());
    await using _other = await driver.lockDatabase(server.connection(postgres ? 'other' : 'mysql'), options());
    let released: PromiseLike<void> | undefined;
    await using second = await driver.lockDatabase(
      { ...shop, host: 'localhost' },
      options({
        onWaiting: (holder) => {
          expect(numberIn(holder)).toMatch(/^\d+$/);
          released = first[Symbol.asyncDispose]();
        },
      }),
    );
    expect(released).toBeDefined();
    await released;
    await second.assertHeld();
    expect(second.lost.aborted).toBe(false);
  });

  it('gives up with the name of the session that has it, and at once when it is cancelled', async () => {
    await using _first = await driver.lockDatabase(shop, options());
    await expect(driver.lockDatabase(shop, options({ patienceMs: 0 }))).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringMatching(/^Session \d+ \(.*works on "shop"/) as unknown,
    });
    const cancel = new AbortController();
    await expect(
      driver.lockDatabase(shop, options({ signal: cancel.signal, onWaiting: () => cancel.abort() })),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  // MySQL's locks are of the whole server.
  if (postgres) {
    it('33: is one lock for accounts of which one may not enter the database where the other holds it', async () => {
      await run(`CREATE ROLE narrow LOGIN PASSWORD 'narrow'`);
      await run('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
      const narrow = { ...shop, username: 'narrow', password: 'narrow' };
      for (const [holder, other] of [
        [shop, narrow],
        [narrow, shop],
      ] as const) {
        const first = await driver.lockDatabase(holder, options());
        await expect(driver.lockDatabase(other, options({ patienceMs: 0 }))).rejects.toMatchObject({
          code: 'BUSY',
          message: expect.stringMatching(/^Session \d+ \("database-backup-service" of /) as unknown,
        });
        await first[Symbol.asyncDispose]();
        await (await driver.lockDatabase(other, options()))[Symbol.asyncDispose]();
      }
    });
  }

  it('is lost with its session, which is noticed before the next step', async () => {
    await using lock = await driver.lockDatabase(shop, options());
    let holder = '';
    await expect(
      driver.lockDatabase(shop, options({ patienceMs: 0, onWaiting: (words) => (holder = words) })),
    ).rejects.toMatchObject({ code: 'BUSY' });
    await run(postgres ? `SELECT pg_terminate_backend(${numberIn(holder)}, 5000)` : `KILL ${numberIn(holder)}`);
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(lock.lost.aborted).toBe(true);
    await (await driver.lockDatabase(shop, options()))[Symbol.asyncDispose]();
  });
});
