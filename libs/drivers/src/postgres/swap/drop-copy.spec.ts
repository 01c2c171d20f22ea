import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { dropInTime } from '../../copy-drop.js';
import { PostgresDriver } from '../postgres-driver.js';

jest.setTimeout(120_000);

const COPY = 'shop__before_0123abcd';
const driver = new PostgresDriver({ runtimeDir: '/nonexistent', lockTimeoutMs: 1_000 });
let server: SandboxServer;

async function sql<Row>(database: string, ...statements: string[]): Promise<Row[]> {
  const { host, port, username, password } = server;
  const client = new Client({ host, port, user: username, password, database, ssl: false });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) ({ rows } = (await client.query(statement)) as unknown as { rows: Row[] });
    return rows;
  } finally {
    await client.end();
  }
}

const isThere = async (name = COPY): Promise<boolean> =>
  (await sql('postgres', `SELECT FROM pg_database WHERE datname = '${name}'`)).length > 0;
const drop = (): Promise<void> => driver.swap.dropCopy(server.connection('shop'), COPY);

beforeAll(async () => {
  const settings = { wal_level: 'logical', max_wal_senders: '4', max_prepared_transactions: '4' };
  server = await startPostgres({ settings });
  await sql('postgres', 'CREATE DATABASE shop', 'CREATE ROLE clerk SUPERUSER');
});
afterAll(() => server.stop());
beforeEach(() => sql('postgres', `CREATE DATABASE ${COPY}`));
afterEach(async () => {
  await drop();
  expect(await isThere()).toBe(false);
});

const SUBSCRIPTION = `CREATE SUBSCRIPTION "News ""1""" CONNECTION 'host=127.0.0.1 port=1 dbname=x' PUBLICATION p WITH (connect = false`;

describe('66: a staging or previous database can be dropped though', () => {
  it.each(['', `, slot_name = 'elsewhere'`])('a subscription is in it (%s)', async (more) => {
    await sql(COPY, `${SUBSCRIPTION}${more})`);
    await drop();
    expect(await isThere()).toBe(false);
  });

  it('an enabled subscription is in it, and nobody may connect to it', async () => {
    await sql(COPY, `${SUBSCRIPTION}, slot_name = 'elsewhere')`, `ALTER SUBSCRIPTION "News ""1""" ENABLE`);
    await sql('postgres', `ALTER DATABASE ${COPY} ALLOW_CONNECTIONS false`);
    await drop();
    expect(await isThere()).toBe(false);
  });

  it('subscriptions are in it whose tables were not copied yet, from a publisher that is silent by now', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { host, port, username } = server;
    const login = `host=${host} port=${String(port)} user=${username} password=${server.password}`;
    await sql('postgres', 'CREATE DATABASE publisher');
    const tables = ['CREATE TABLE t (i int)', 'CREATE TABLE u (i int)'];
    await sql('publisher', ...tables, 'CREATE PUBLICATION p FOR ALL TABLES');
    await sql(COPY, ...tables);
    const options = '(create_slot = false, enabled = false)';
    for (const name of ['one', 'two']) {
      await sql(
        COPY,
        `CREATE SUBSCRIPTION ${name} CONNECTION '${login} dbname=publisher' PUBLICATION p WITH ${options}`,
        `ALTER SUBSCRIPTION ${name} CONNECTION 'host=127.0.0.1 port=${(silent.address() as AddressInfo).port} dbname=publisher'`,
      );
    }
    try {
      expect(await sql(COPY, `SELECT FROM pg_subscription_rel WHERE srsubstate = 'i'`)).toHaveLength(4);
      await dropInTime(driver.swap, server.connection('shop'), COPY);
      expect(await isThere()).toBe(false);
    } finally {
      silent.close();
      await sql('postgres', 'DROP DATABASE publisher');
    }
  });

  it('closed, a template, with a slot of logical decoding and a limit of connections', async () => {
    await sql(COPY, `SELECT pg_create_logical_replication_slot('decoding', 'test_decoding')`);
    await sql('postgres', `ALTER DATABASE ${COPY} ALLOW_CONNECTIONS false CONNECTION LIMIT 0 IS_TEMPLATE true`);
    await drop();
    expect(await isThere()).toBe(false);
  });

  it('somebody connects to it again and again', async () => {
    let going = true;
    const client = (async () => {
      while (going) await sql(COPY, 'SELECT pg_sleep(60)').catch(() => undefined);
    })();
    try {
      await drop();
      expect(await isThere()).toBe(false);
    } finally {
      going = false;
      await sql('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${COPY}'`);
      await client;
    }
  });

  it('a drop of it was broken off before', async () => {
    await sql('postgres', `UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${COPY}'`);
    expect(await driver.swap.copies(server.connection('shop'))).toMatchObject([{ name: COPY, whole: false }]);
    await drop();
    expect(await isThere()).toBe(false);
  });
});

describe('39: prepared transactions', () => {
  const prepare = (database: string) =>
    sql(
      database,
      'CREATE TABLE IF NOT EXISTS t (i int)',
      'SET ROLE clerk',
      'BEGIN',
      'INSERT INTO t VALUES (1)',
      `PREPARE TRANSACTION 'order ''17'''`,
    );
  const named = /prepared transaction.*'order ''17''' of clerk, prepared 00:\d\d:\d\d ago/;

  it('are named, with their owner and age, where they keep a staging or previous database from being dropped', async () => {
    await prepare(COPY);
    await expect(drop()).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringMatching(named) as string,
      hint: expect.stringMatching(/ROLLBACK PREPARED/) as string,
    });
    expect(await driver.swap.copies(server.connection('shop'))).toMatchObject([{ name: COPY, whole: true }]);
    await expect(driver.dropDatabase(server.connection('shop'), COPY)).rejects.toThrow(named);
    await sql(COPY, `ROLLBACK PREPARED 'order ''17'''`);
  });

  it('are named where they block a swap, or a restore in place', async () => {
    await prepare('shop');
    const connection = server.connection('shop');
    const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
    const plan = await driver.prepareLoad(request);
    expect((await driver.swap.examine(plan)).blockers).toEqual([expect.stringMatching(named)]);
    const dump = '-- PostgreSQL database dump\n\nSELECT 1;\n\n-- PostgreSQL database dump complete\n';
    const { Readable } = await import('node:stream');
    const source = {
      format: 'plain',
      own: true,
      open: () => Readable.from([Buffer.from(dump)], { objectMode: false }),
    } as const;
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    await expect(driver.load(plan, source, hooks)).rejects.toMatchObject({
      code: 'BUSY',
      hint: expect.stringMatching(named) as string,
    });
    await sql('shop', `ROLLBACK PREPARED 'order ''17'''`);
  });
});
