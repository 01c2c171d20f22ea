import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { SandboxOptions, SandboxServer } from './index.js';
import { startMariadb, startPostgres } from './index.js';

jest.setTimeout(60_000);

const set = process.env['SANDBOX_TEMPLATES'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-template-'));
  await chmod(folder, 0o711);
  process.env['SANDBOX_TEMPLATES'] = folder;
});
afterEach(async () => {
  if (set === undefined) delete process.env['SANDBOX_TEMPLATES'];
  else process.env['SANDBOX_TEMPLATES'] = set;
  await rm(folder, { recursive: true, force: true });
});

/** Returns the first column of the first row. */
async function ask(server: SandboxServer, sql: string, password = server.password): Promise<string> {
  const { host, port, username: user } = server;
  if (server.engine === 'postgres') {
    const client = new Client({ host, port, user, password, database: 'postgres' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return String((await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0]);
    } finally {
      await client.end();
    }
  }
  const connection = await createConnection({ host, port, user, password });
  try {
    return String(Object.values(((await connection.query(sql))[0] as object[])[0] ?? {})[0]);
  } finally {
    await connection.end();
  }
}

/** The names of all templates, and of what is being made. */
async function inFolder(): Promise<string[]> {
  const accounts = await readdir(folder);
  return (await Promise.all(accounts.map((account) => readdir(join(folder, account))))).flat();
}

async function passwordOfTemplate(): Promise<string> {
  const [account = ''] = await readdir(folder);
  const [name = ''] = await inFolder();
  return (await readFile(join(folder, account, name, 'secret'), 'utf8')).trimEnd();
}

const engines = [
  {
    name: 'PostgreSQL',
    start: (options?: SandboxOptions) => startPostgres(options),
    number: 'SELECT system_identifier::text FROM pg_control_system()',
    make: 'CREATE DATABASE shop',
    count: `SELECT count(*) FROM pg_database WHERE datname = 'shop'`,
  },
  {
    name: 'MariaDB',
    start: (options?: SandboxOptions) => startMariadb(options),
    number: 'SELECT @@datadir',
    make: 'CREATE DATABASE shop',
    count: `SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'shop'`,
  },
];

describe.each(engines)('the template of a $name server', ({ start, number, make, count }) => {
  it('gives each server an identity, a password and databases of its own, and is one though several start at once', async () => {
    const servers = await Promise.all([start(), start()]);
    try {
      expect(await inFolder()).toEqual([expect.stringMatching(/^(postgres|mariadb)-[0-9a-f]{16}$/)]);
      const [first, second] = servers;
      await ask(first, make);
      // A copy of what the template is now.
      const third = await start();
      servers.push(third);
      expect(await inFolder()).toHaveLength(1);

      const numbers = await Promise.all(servers.map((server) => ask(server, number)));
      expect(new Set(numbers).size).toBe(3);
      expect(await Promise.all(servers.map((server) => ask(server, count)))).toEqual(['1', '0', '0']);
      for (const password of [first.password, second.password, await passwordOfTemplate(), '']) {
        await expect(ask(third, 'SELECT 1', password)).rejects.toThrow(/password/);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });

  it('does not come to be when the start is stopped meanwhile', async () => {
    const stop = new AbortController();
    const starting = start({ signal: stop.signal });
    const refused = expect(starting).rejects.toThrow(/aborted/);
    while ((await readdir(folder)).length === 0 || (await inFolder()).length === 0) await sleep(5);
    stop.abort();
    await refused;
    expect(await inFolder()).toEqual([]);
  });
});
