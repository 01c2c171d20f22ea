import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { startProcess } from '@app/process';
import { postgresAccount, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { PostgresDriver } from '../postgres-driver.js';
import { isPoolersRefusal, pooled } from './pooler.js';

jest.setTimeout(60_000);

let server: SandboxServer;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'pooler-'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'users.txt'), `"${server.username}" "${server.password}"\n`, { mode: 0o644 });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function app(connection: ConnectionParams, query: string): Promise<Record<string, string> | undefined> {
  const { host, port, username: user, password, database } = connection;
  const client = new pg.Client({ host, port, user, password, database, ssl: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, string>>(query)).rows[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** PgBouncer with one session of the server for all its clients. */
async function withPooler(
  settings: Readonly<Record<string, string>>,
  work: (connection: ConnectionParams) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const config = {
    ...{ listen_addr: '127.0.0.1', listen_port: String(port), unix_socket_dir: '', default_pool_size: '1' },
    ...{ auth_type: 'scram-sha-256', auth_file: join(folder, 'users.txt'), ...settings },
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder, `${port}.ini`);
  const text = `[databases]\n* = host=127.0.0.1 port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`;
  await writeFile(file, text, { mode: 0o644 });
  const stop = new AbortController();
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
  const spec = { command: 'pgbouncer', args: ['-q', file], env: { PATH: path }, signal: stop.signal };
  const pooler = startProcess({ ...spec, ...(await postgresAccount()) });
  pooler.stdout.resume();
  const connection = { ...server.connection('postgres'), port };
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        await app(connection, 'SELECT 1');
        break;
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(50);
      }
    }
    await work(connection);
  } finally {
    stop.abort();
    await pooler.completed.catch(() => undefined);
  }
}

it.each([
  ['transaction', 'that refuses startup options', {}],
  ['transaction', 'that drops startup options', { ignore_startup_parameters: 'options' }],
  ['statement', 'that refuses startup options', {}],
  ['statement', 'that drops startup options', { ignore_startup_parameters: 'options' }],
  ['session', 'that refuses startup options', {}],
  ['session', 'that drops startup options', { ignore_startup_parameters: 'options' }],
])('69: refuses a pooler in %s mode %s, and leaves its sessions as they were', async (pool_mode, _what, settings) => {
  const driver = new PostgresDriver({ runtimeDir: folder });
  await withPooler({ pool_mode, ...settings }, async (connection) => {
    const refusal = {
      code: 'POOLED_CONNECTION',
      message: expect.stringContaining('connection pooler'),
      hint: expect.stringMatching(
        new RegExp(
          `^Connect to the server itself: it listens on port ${server.port} of the pooler's own machine\\. No pool mode will do, not even session pooling: `,
        ),
      ),
    };
    await expect(driver.probe(connection)).rejects.toMatchObject(refusal);
    const request = { connection, format: 'plain', tools: {} } as const;
    await expect(driver.prepareDump(request)).rejects.toMatchObject(refusal);
    await expect(driver.listDatabases(connection)).rejects.toMatchObject(refusal);
    await expect(driver.users.list(connection)).rejects.toMatchObject(refusal);
    expect(
      await app(connection, `SELECT current_setting('search_path') AS path, current_setting('lock_timeout') AS wait`),
    ).toEqual({ path: '"$user", public', wait: '0' });
  });
});

it.each([
  ['::1', "it listens on port 6000 of the pooler's own machine"],
  [null, "it listens on port 6000 of the pooler's own machine"],
  ['10.1.2.3', 'the pooler reaches it at 10.1.2.3, port 6000'],
])('69: says where the server behind a pooler is (%s)', (address, where) => {
  const connection = server.connection('postgres');
  expect(pooled(connection, { port: '6000', address }, undefined).hint).toContain(
    `Connect to the server itself: ${where}.`,
  );
  expect(pooled(connection, undefined, undefined).hint).toContain('a hosted one has a direct (unpooled) address');
});

it.each([
  'unsupported startup parameter: options',
  // PgBouncer 1.20 and newer, Neon, Supabase.
  'unsupported startup parameter in options: DateStyle',
])('69: knows the words of poolers: %s', (words) => {
  expect(isPoolersRefusal(Object.assign(new Error(words), { severity: 'FATAL', code: '08P01' }))).toBe(true);
});
