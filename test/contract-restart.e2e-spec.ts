import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { freePort } from './support/service-process.js';

jest.setTimeout(60_000);

const clock = { now: () => new Date('2026-12-30T12:00:00Z') };

describe('a restart of the service', () => {
  let home: string;
  let server: SandboxServer;
  let api: RunningApi;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'restart-'));
    await start();
  });
  afterEach(async () => {
    await api.close();
    await rm(home, { recursive: true });
  });

  async function start(environment: Record<string, string> = {}): Promise<void> {
    api = await startApi({ workingDirectory: home, clock, environment });
  }
  async function restart(environment: Record<string, string> = {}): Promise<void> {
    await api.close();
    await start(environment);
  }
  const status = async (): Promise<Record<string, unknown>> => (await api.call('GET', '/api/status')).body;
  const details = (): Record<string, unknown> => ({
    db_type: 'PostgreSQL',
    host: server.host,
    port: server.port,
    database: 'postgres',
    username: server.username,
    password: server.password,
  });
  async function connect(): Promise<void> {
    expect((await api.call('POST', '/api/connect', details())).status).toBe(200);
  }
  const configFile = (): string => join(home, 'config.ini');

  it('brings back the connection and the scheduler, with the same next run', async () => {
    await connect();
    const before = await status();
    expect(before).toMatchObject({ connected: true, scheduler_running: true, next_backup: '2027-01-02 00:00:00' });
    await restart();
    expect(await status()).toEqual(before);
    expect((await api.call('POST', '/api/backup')).status).toBe(200);
  });

  it('keeps the password sealed in a file for people that their owner alone can read', async () => {
    await connect();
    const text = await readFile(configFile(), 'utf8');
    expect(text).toMatch(
      /^\[connection\]\ndb_type = PostgreSQL\nhost = 127\.0\.0\.1\nport = \d+\ndatabase = postgres\n/m,
    );
    expect(text).toContain('sealed:v1:');
    expect(text).not.toContain(server.password);
    expect((await stat(configFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, 'data', 'secret.key'))).mode & 0o777).toBe(0o600);
  });

  it('35: takes from other accounts what rights they have to the data folder, the key and the catalog', async () => {
    await api.close();
    const data = join(home, 'data');
    const files = (await readdir(data)).filter((name) => name === 'secret.key' || name === 'catalog.sqlite');
    for (const name of files) await chmod(join(data, name), 0o666);
    await chmod(data, 0o777);
    await start();
    expect((await stat(data)).mode & 0o022).toBe(0);
    for (const name of files) expect((await stat(join(data, name))).mode & 0o777).toBe(0o600);
    const other = join(home, 'keys');
    await mkdir(other);
    await chmod(other, 0o777);
    // It may be somebody else's.
    await restart({ SECRET_KEY_FILE: join(other, 'secret.key') });
    expect((await stat(other)).mode & 0o777).toBe(0o777);
  });

  it('does not connect again after a disconnect, nor start a stopped scheduler', async () => {
    await connect();
    await api.call('POST', '/api/scheduler/stop');
    await restart();
    expect(await status()).toMatchObject({ connected: true, scheduler_running: false });
    await api.call('POST', '/api/disconnect');
    await restart();
    expect(await status()).toMatchObject({ connected: false, scheduler_running: false, last_error: null });
  });

  it('takes what was saved meanwhile, and settings typed in by hand with a plain password', async () => {
    await connect();
    await api.call('POST', '/api/config', { database: 'template1' });
    await restart();
    expect(await status()).toMatchObject({ connected: true, database: 'template1' });
    await api.close();
    const { host, port, username, password } = server;
    const lines = [
      '; mine',
      '[connection]',
      'db_type = postgresql',
      `host = ${host}`,
      `port = ${port}`,
      'database = postgres',
    ];
    lines.push(
      `username = ${username}`,
      `password = ${password}`,
      'connected = yes',
      '',
      '[notes]',
      'why = because',
      '',
    );
    await writeFile(configFile(), lines.join('\n'));
    await start();
    expect(await status()).toMatchObject({ connected: true, database: 'postgres' });
    await api.call('POST', '/api/scheduler/start');
    const text = await readFile(configFile(), 'utf8');
    expect(text).toMatch(/^; mine\n/);
    expect(text).toContain('[notes]\nwhy = because\n');
    expect(text).not.toContain(password);
  });

  it('starts without the database server, says what is wrong, and connects once it answers', async () => {
    await connect();
    await api.close();
    const port = await freePort();
    const text = await readFile(configFile(), 'utf8');
    await writeFile(configFile(), text.replace(/^port = .*$/m, `port = ${port}`));
    await start();
    expect(await status()).toMatchObject({
      connected: false,
      db_type: null,
      host: '127.0.0.1',
      port,
      scheduler_running: true,
      next_backup: '2027-01-02 00:00:00',
      last_error: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    expect(await api.call('POST', '/api/backup')).toMatchObject({
      status: 409,
      body: { code: 'NOT_CONNECTED', message: expect.stringContaining(`127.0.0.1:${port}`) as string },
    });
    // The schedule tries all the same, so that a failure is known.
    expect(await api.call('POST', '/api/backup/force')).toMatchObject({
      status: 502,
      body: { code: 'HOST_UNREACHABLE' },
    });
    const proxy = await forward(port, server.port);
    try {
      while ((await status())['connected'] !== true) await delay(100);
      expect(await status()).toMatchObject({ connected: true, port, last_error: null });
    } finally {
      await proxy.close();
    }
  });

  it('with another secret key says so, and works again when the password is given once more', async () => {
    await connect();
    await restart({ SECRET_KEY_FILE: './another.key' });
    expect(await status()).toMatchObject({
      connected: false,
      scheduler_running: true,
      last_error: expect.stringContaining('another key') as string,
    });
    expect((await api.call('POST', '/api/backup')).status).toBe(409);
    await connect();
    expect(await status()).toMatchObject({ connected: true, last_error: null });
    await restart({ SECRET_KEY_FILE: './another.key' });
    expect(await status()).toMatchObject({ connected: true });
  });

  it('is refused with a damaged config.ini, which stays as it is', async () => {
    await api.close();
    await writeFile(configFile(), '[connection\nhost');
    await expect(start()).rejects.toThrow(`${configFile()}: The settings file config.ini is damaged: line 1 is not`);
    expect(await readFile(configFile(), 'utf8')).toBe('[connection\nhost');
  });

  it('does not connect to an address that nobody asked for after a newer connect', async () => {
    await connect();
    await api.close();
    const port = await freePort();
    const text = await readFile(configFile(), 'utf8');
    await writeFile(configFile(), text.replace(/^port = .*$/m, `port = ${port}`));
    await start();
    await connect();
    const proxy = await forward(port, server.port);
    await delay(2_500); // longer than the first pause between attempts
    expect(await status()).toMatchObject({ connected: true, port: server.port });
    await proxy.close();
  });
});

/** A server that comes up later: passes connections on. */
async function forward(from: number, to: number): Promise<{ close(): Promise<void> }> {
  const { createServer, connect } = await import('node:net');
  const sockets = new Set<{ destroy(): void }>();
  const proxy = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    sockets.add(near).add(far);
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(from, '127.0.0.1', resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        proxy.close(() => resolve());
      }),
  };
}
