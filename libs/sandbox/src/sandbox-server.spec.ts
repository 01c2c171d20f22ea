import { stat } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { runProcess } from '@app/process';
import type { SandboxServer } from './index.js';
import { startMariadb, startPostgres } from './index.js';
import { startServer } from './supervised-server.js';

async function rowsOf(server: SandboxServer, sql: string, password = server.password): Promise<unknown[]> {
  const { host, port, username: user } = server;
  if (server.engine === 'postgres') {
    const client = new Client({ host, port, user, password, database: 'postgres' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
  const connection = await createConnection({ host, port, user, password });
  try {
    return (await connection.query(sql))[0] as unknown[];
  } finally {
    await connection.end();
  }
}

async function processesOf(directory: string): Promise<string[]> {
  const { stdout } = await runProcess({ command: 'ps', args: ['-eo', 'pid,args', '-ww'], timeoutMs: 10_000 });
  return stdout.split('\n').filter((line) => line.includes(directory));
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

// These servers are initialised anew, as those of the service are. `data-template.spec.ts` tests the copies that other tests use.
const templates = process.env['SANDBOX_TEMPLATES'];
beforeAll(() => void delete process.env['SANDBOX_TEMPLATES']);
afterAll(() => {
  if (templates !== undefined) process.env['SANDBOX_TEMPLATES'] = templates;
});

const engines = [
  { name: 'PostgreSQL', start: startPostgres, denied: { code: '28P01' } },
  { name: 'MariaDB', start: startMariadb, denied: { code: 'ER_ACCESS_DENIED_ERROR' } },
];

describe.each(engines)('a throwaway $name server', ({ start, denied }) => {
  let server: SandboxServer;

  beforeAll(async () => {
    server = await start();
  }, 60_000);

  afterAll(() => server.stop());

  it('accepts logins with the password, and no others', async () => {
    expect(await rowsOf(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(rowsOf(server, 'SELECT 1', 'wrong')).rejects.toMatchObject(denied);
    await expect(rowsOf(server, 'SELECT 1', '')).rejects.toThrow(/password/);
  });

  it('does not run as root, and keeps its files from other accounts', async () => {
    const directory = await stat(server.socketDirectory);
    expect(directory.mode & 0o777).toBe(0o700);
    expect(directory.uid).not.toBe(0);
  });

  it('neither shows its password in the process list nor keeps it in a file', async () => {
    const processes = await processesOf(server.socketDirectory);
    expect(processes.length).toBeGreaterThan(0);
    expect(processes.join('\n')).not.toContain(server.password);
    // grep succeeds when it finds something. Files may vanish meanwhile, which is a different failure from finding nothing.
    const grep = runProcess({
      command: 'grep',
      args: ['-rqF', server.password, server.socketDirectory],
      timeoutMs: 60_000,
    });
    await expect(grep).rejects.toMatchObject({ reason: 'exit' });
  }, 60_000);

  it('runs in parallel with another of its kind, and leaves nothing after a stop, even a second one', async () => {
    const other = await start();
    expect(other.port).not.toBe(server.port);
    expect(await rowsOf(other, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await other.logTail()).toContain(String(other.port));

    await Promise.all([other.stop(), other.stop()]);
    await other.stop();
    expect(await processesOf(other.socketDirectory)).toEqual([]);
    expect(await exists(other.socketDirectory)).toBe(false);
    expect(await rowsOf(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('reports the end of its log when it cannot start', async () => {
    const hopeless = start({ settings: { 'no-such-setting': '1' } });
    await expect(hopeless).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: expect.stringMatching(/no.such.setting/),
    });
  }, 60_000);

  it('can be stopped before it is ready', async () => {
    const stop = new AbortController();
    const starting = start({ signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(starting).rejects.toThrow(/aborted/);
  }, 60_000);
});

it('hears a stop that comes while a free port is looked for', async () => {
  const stop = new AbortController();
  const starting = startServer(
    {
      engine: 'postgres',
      dbType: 'PostgreSQL',
      product: 'a program',
      username: 'nobody',
      account: {},
      secret: () => '',
      steps: () => [{ command: ['sleep', '60'], stopSignal: 'KILL' }],
      login: () => Promise.reject(new Error('it takes no logins')),
      portWasTaken: () => false,
    },
    { signal: stop.signal },
  );
  stop.abort();
  await expect(starting).rejects.toThrow(/aborted/);
}, 30_000);

it('MariaDB has no anonymous user, no test database and a sleeping event scheduler; text is Unicode in both', async () => {
  const mariadb = await startMariadb();
  const postgres = await startPostgres();
  try {
    expect(
      await rowsOf(mariadb, `SELECT User, Host FROM mysql.user WHERE User <> 'mariadb.sys' ORDER BY 1, 2`),
    ).toEqual([
      { User: 'root', Host: '127.0.0.1' },
      { User: 'root', Host: 'localhost' },
    ]);
    expect(await rowsOf(mariadb, `SHOW DATABASES LIKE 'test'`)).toEqual([]);
    expect(await rowsOf(mariadb, 'SELECT @@event_scheduler AS e, @@character_set_server AS c')).toEqual([
      { e: 'OFF', c: 'utf8mb4' },
    ]);
    expect(await rowsOf(postgres, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  } finally {
    await Promise.all([mariadb.stop(), postgres.stop()]);
  }
}, 60_000);
