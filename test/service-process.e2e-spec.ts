import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessFailure, runProcess } from '@app/process';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import { sidesOnCatalog } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';
import { MAIN, startService } from './support/service-process.js';
import type { ServiceProcess } from './support/service-process.js';

jest.setTimeout(60_000);

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'service-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** What the service says when it cannot start. */
async function failedStart(env: Record<string, string>): Promise<{ exitCode: number | undefined; stderr: string }> {
  const start = runProcess({ command: process.execPath, args: [MAIN], cwd: home, env, timeoutMs: 20_000 });
  const failure: unknown = await start.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ProcessFailure)) throw new Error('the service started');
  return { exitCode: failure.exitCode, stderr: failure.stderr };
}

describe('the start of the service', () => {
  it('is refused with every fault of the environment at once, without a stack', async () => {
    expect(await failedStart({ PORT: 'abc', BACKUP_SCHEDULE: 'daily', LOG_LEVEL: 'loud' })).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^The service cannot start\. 3 settings are wrong:\n {2}- PORT is "abc".*\n {2}- BACKUP_SCHEDULE is "daily".*\n {2}- LOG_LEVEL is "loud".*\nChange them in the environment or in the file \.env; \.env\.example explains each\.\n$/,
      ) as string,
    });
  });

  it('is refused on an address of the network without a password, and says what to set', async () => {
    const { exitCode, stderr } = await failedStart({ HOST: '0.0.0.0' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Set ADMIN_PASSWORD or ADMIN_PASSWORD_FILE, or HOST=127\.0\.0\.1, or AUTH_DISABLED=true/);
    expect(await readdir(home)).toEqual([]);
  });

  it('reads the file .env, which the environment overrules', async () => {
    await writeFile(join(home, '.env'), 'PORT=abc\nLOG_LEVEL=loud\n');
    const { stderr } = await failedStart({ LOG_LEVEL: 'quiet' });
    expect(stderr).toContain('PORT is "abc"');
    expect(stderr).toContain('LOG_LEVEL is "quiet"');
  });

  it('says that the port is taken, before it touches anything', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const secret = join(home, 'data', 'runtime', '1.secret');
    await mkdir(join(home, 'data', 'runtime'), { recursive: true });
    await writeFile(secret, '');
    expect(await failedStart({ PORT: String(port) })).toEqual({
      exitCode: 1,
      stderr: `The service cannot start. Port ${port} on 127.0.0.1 is in use.\nStop the other program, or set PORT to another one.\n`,
    });
    expect(existsSync(secret)).toBe(true);
    await new Promise((resolve) => other.close(resolve));
  });

  it('does not wait for ever for a BACKUP_DIR that cannot be made, and tells so when asked', async () => {
    const api = await startApi({ environment: { BACKUP_DIR: '/proc/nope' } });
    expect(await api.call('GET', '/api/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { backup_folder: 'is missing' } },
    });
    await api.close();
  });

  it('calls a BACKUP_DIR that is a file, or leads through one, a missing storage', async () => {
    await writeFile(join(home, 'file'), '');
    for (const path of ['./file', './file/below']) {
      const api = await startApi({ environment: { BACKUP_DIR: path }, workingDirectory: home });
      expect(await api.call('GET', '/api/overview')).toMatchObject({ status: 200 });
      const missing = {
        status: 503,
        body: { code: 'STORAGE_MISSING', message: expect.stringContaining('is no folder') as string },
      };
      expect(await api.call('GET', '/api/backups')).toMatchObject(missing);
      expect(await api.call('GET', '/api/health/ready')).toMatchObject({ status: 503 });
      await api.close();
    }
  });

  it('says which file is damaged: the secret key, config.ini', async () => {
    await mkdir(join(home, 'data'));
    await writeFile(join(home, 'data', 'secret.key'), 'nonsense\n');
    const key = await failedStart({ PORT: '0' });
    expect(key).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('data/secret.key does not hold a key') as string,
    });
    await rm(join(home, 'data'), { recursive: true });
    await writeFile(join(home, 'config.ini'), 'nonsense\n');
    const config = await failedStart({ PORT: '0' });
    expect(config).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/config\.ini is damaged: line 1 is not/) as string,
    });
    for (const { stderr } of [key, config]) expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('the running service', () => {
  let service: ServiceProcess;
  afterEach(() => service.stop());

  it('asks for the password of ADMIN_PASSWORD_FILE on a network address, except for its health', async () => {
    await writeFile(join(home, 'password'), 'correct horse\n');
    service = await startService({ HOST: '0.0.0.0', ADMIN_PASSWORD_FILE: './password' }, { home });
    expect((await fetch(`${service.url}/api/health/live`)).status).toBe(200);
    expect((await fetch(`${service.url}/api/status`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('admin:correct horse').toString('base64')}`;
    expect((await fetch(`${service.url}/api/status`, { headers: { authorization } })).status).toBe(200);
    service.signal('SIGTERM');
    expect(await service.ended).toEqual({ exitCode: 0 });
    expect(service.log()).not.toContain('correct horse');
    expect(service.log()).not.toContain(authorization.slice(6));
  });

  it('67: keeps a second one off its DATA_DIR, whatever catalog that uses, until it is gone, by SIGKILL too', async () => {
    service = await startService({}, { home });
    const second = await failedStart({ PORT: '0', BACKUP_DIR: './others' });
    expect(second).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        new RegExp(`Another service works on ${home}/data: process ${service.pid} on host .*\\n.*DATA_DIR of its own`),
      ) as string,
    });
    expect(existsSync(join(home, 'others'))).toBe(false);
    service.signal('SIGKILL');
    await service.ended;
    service = await startService({}, { home });
  });

  it('ends at SIGTERM, whoever has sent half a request, or reads nothing of an answer', async () => {
    service = await startService({}, { home });
    const { port } = new URL(service.url);
    const half = [
      '',
      'POST /api/connect HTTP/1.1\r\nHost: 127.0.0.1\r\n',
      'GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    ];
    const sockets = half.map((text) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined).write(text);
      return socket;
    });
    const body =
      'POST /api/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    sockets[0]?.write(body);
    await fetch(`${service.url}/api/status`);
    service.signal('SIGTERM');
    // Node itself ends such a connection after a minute or more; the test's own limit is below that.
    expect(await Promise.race([service.ended, delay(20_000)])).toEqual({ exitCode: 0 });
    for (const socket of sockets) socket.destroy();
  });

  it('logs JSON with the id of each request, and no body, password or header', async () => {
    service = await startService({}, { home });
    await fetch(`${service.url}/api/connect`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'my-request.1', cookie: 'session=hunter3' },
      body: JSON.stringify({
        db_type: 'MySQL',
        host: '127.0.0.1',
        port: 1,
        database: 'd',
        username: 'u',
        password: 'hunter2',
      }),
    });
    service.signal('SIGINT');
    expect(await service.ended).toEqual({ exitCode: 0 });
    const lines = service
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ reqId: 'my-request.1', method: 'POST', url: '/api/connect', status: 502 }),
    );
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'stopping', 'stopped']));
    expect(service.log()).not.toMatch(/hunter[23]/);
  });
});

const sides = [
  {
    name: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    fill: ['create table big as select i, repeat(md5(i::text), 30) as body from generate_series(1, 100000) i'],
    tools: /pg_dump/,
    neighbours: [expect.stringMatching(/\.sql\.globals\.sql$/)],
  },
  {
    name: 'MariaDB',
    start: () => startMariadb(),
    maintenance: 'mysql',
    fill: [
      'create table big (i int primary key, body text)',
      'insert into big select seq, repeat(md5(seq), 30) from seq_1_to_100000',
    ],
    tools: /mariadb-dump|mysqldump/,
    neighbours: [],
  },
];

const onCatalog = sidesOnCatalog(sides, ({ name }) => name === 'PostgreSQL');

describe.each(onCatalog)('SIGTERM during a backup of $name', (side) => {
  let server: SandboxServer;
  let service: ServiceProcess;

  beforeAll(async () => {
    server = await side.start();
    await runSql(server.connection(side.maintenance), ['create database shop']);
    await runSql(server.connection('shop'), side.fill);
  }, 120_000);
  afterAll(() => server.stop());

  async function serviceInBackup(env: Record<string, string>): Promise<{ backup: Promise<Response> }> {
    service = await startService(env, { home });
    const { dbType: db_type, host, port, database, username, password } = server.connection('shop');
    await service.post('/api/connect', { db_type, host, port, database, username, password });
    const backup = fetch(`${service.url}/api/backup`, { method: 'POST' });
    backup.catch(() => undefined);
    const folder = join(home, 'backups');
    while (!(await readdir(folder).catch((): string[] => [])).some((name) => name.endsWith('.sql.partial')))
      await delay(5);
    return { backup };
  }

  /** Of backups; the copies of the catalog have a folder of their own. */
  async function files(): Promise<string[]> {
    return (await readdir(join(home, 'backups'))).filter((name) => !name.startsWith('.')).toSorted();
  }

  async function leftovers(): Promise<{ files: string[]; secrets: string[]; children: string[] }> {
    const secrets = await readdir(join(home, 'data', 'runtime')).catch((): string[] => []);
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const commands = await Promise.all(
      processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    const children = commands.filter(
      (line) => side.tools.test(line.split('\0')[0] ?? '') && line.includes(String(server.port)),
    );
    return { files: await files(), secrets, children };
  }

  it('lets it finish within the grace time, answers it, and ends with 0', async () => {
    const { backup } = await serviceInBackup({});
    service.signal('SIGTERM');
    const response = await backup;
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect(await service.ended).toEqual({ exitCode: 0 });
    expect(await leftovers()).toEqual({
      files: [
        expect.stringMatching(/^shop_\d+_\d+\.sql$/),
        ...side.neighbours,
        expect.stringMatching(/^shop_\d+_\d+\.sql\.manifest\.json$/),
      ],
      secrets: [],
      children: [],
    });
  });

  it('aborts it after the grace time: no partial file, password file or child is left', async () => {
    const { backup } = await serviceInBackup({ SHUTDOWN_GRACE_SECONDS: '0' });
    service.signal('SIGTERM');
    const response = await backup;
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 503,
      body: { success: false, code: 'INTERRUPTED' },
    });
    expect(await service.ended).toEqual({ exitCode: 0 });
    expect(await leftovers()).toEqual({ files: [], secrets: [], children: [] });
  });

  it('aborts it at a second signal', async () => {
    const { backup } = await serviceInBackup({ SHUTDOWN_GRACE_SECONDS: '600' });
    service.signal('SIGTERM');
    service.signal('SIGINT');
    expect((await backup).status).toBe(503);
    expect(await service.ended).toEqual({ exitCode: 0 });
    expect(await leftovers()).toEqual({ files: [], secrets: [], children: [] });
  });

  it('goes on when only the client hangs up', async () => {
    service = await startService({}, { home });
    const { dbType: db_type, host, port, database, username, password } = server.connection('shop');
    await service.post('/api/connect', { db_type, host, port, database, username, password });
    const hangUp = new AbortController();
    const backup = fetch(`${service.url}/api/backup`, { method: 'POST', signal: hangUp.signal });
    while (!(await files()).some((name) => name.endsWith('.sql.partial'))) await delay(5);
    hangUp.abort();
    await expect(backup).rejects.toThrow();
    while ((await files()).some((name) => name.endsWith('.partial'))) await delay(20);
    expect(await files()).toEqual([
      expect.stringMatching(/\.sql$/),
      ...side.neighbours,
      expect.stringMatching(/\.sql\.manifest\.json$/),
    ]);
    service.signal('SIGTERM');
    expect(await service.ended).toEqual({ exitCode: 0 });
  });
});
