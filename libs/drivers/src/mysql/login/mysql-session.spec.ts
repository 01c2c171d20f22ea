import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { runProcess, startProcess } from '@app/process';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { loadArguments } from './mysql-client-arguments.js';
import { writeClientFiles } from './mysql-client-files.js';
import { MysqlDriver } from '../mysql-driver.js';
import { MysqlSession, parseServerVersion, withSession } from './mysql-session.js';
import { SilentProxy } from '../../testing/silent-proxy.js';

jest.setTimeout(60_000);

let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  server = await startMariadb();
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-session-'));
  driver = new MysqlDriver({ runtimeDir });
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const root = (over: Partial<ConnectionParams> = {}): ConnectionParams => ({ ...server.connection('mysql'), ...over });

/** A server of another kind, that does this with each connection. */
async function withFakeServer(
  behave: (socket: Socket) => unknown,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const fake: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    behave(socket);
  });
  await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
  try {
    await work((fake.address() as AddressInfo).port);
  } finally {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => fake.close(resolve));
  }
}

describe('A session with a server that falls silent', () => {
  const alive = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

  it.each(['closed', 'aborted'] as const)('ends, also while a query is not answered, when it is %s', async (how) => {
    await using proxy = await SilentProxy.start(server);
    const before = alive();
    const stop = new AbortController();
    const { port } = proxy;
    const session = await MysqlSession.open(root({ port }), { database: null, signal: stop.signal });
    const answer = session.rows('SELECT SLEEP(600)').catch((error: unknown) => error);
    proxy.fallSilent();
    if (how === 'aborted') stop.abort();
    await session.close();
    expect(await answer).toBeInstanceOf(Error);
    // Of the proxy's two ends its own are left: ours keeps no process alive.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(alive() - before).toBeLessThanOrEqual(2);
  });
});

describe('Logging in', () => {
  it('tells flavour and version', async () => {
    const info = await driver.probe(root());
    expect(info).toMatchObject({ dbType: 'MySQL', flavour: 'MariaDB' });
    expect(info.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(info.versionParts).toEqual(info.version.split('.').map(Number));
  });

  it.each([
    ['10.11.19-MariaDB-0+deb12u1', 'MariaDB', '10.11.19'],
    ['5.5.5-10.4.34-MariaDB-log', 'MariaDB', '10.4.34'],
    ['8.0.36-28', 'MySQL', '8.0.36'],
    ['5.7.44-log', 'MySQL', '5.7.44'],
    ['5.5.5-log', 'MySQL', '5.5.5'],
  ])('reads the version %s', (text, flavour, version) => {
    expect(parseServerVersion(text)).toMatchObject({ flavour, version });
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'WRONG_CREDENTIALS'],
    ['an unknown user', { username: 'nobody' }, 'WRONG_CREDENTIALS'],
    ['an unknown database', { database: 'absent' }, 'DATABASE_NOT_FOUND'],
    ['a host name that does not resolve', { host: 'no-such-host.invalid' }, 'HOST_UNREACHABLE'],
    ['a port where nothing listens', { port: 1 }, 'HOST_UNREACHABLE'],
    ['TLS where the server has none', { sslMode: 'require' }, 'TLS_FAILED'],
    ['verified TLS where the server has none', { sslMode: 'verify-full' }, 'TLS_FAILED'],
  ] as const)('with %s fails with its own code', async (_what, over, code) => {
    const failure: unknown = await driver.probe(root(over)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, hint: expect.any(String) as unknown });
    expect(String(failure)).not.toContain(server.password);
  });

  it('without privileges on the database says so', async () => {
    await withSession(root(), {}, async (session) => {
      await session.run(`CREATE USER lonely@'%' IDENTIFIED BY 'pw'`);
    });
    const lonely = root({ username: 'lonely', password: 'pw' });
    await expect(driver.probe(lonely)).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
  });

  it('where too many are logged in says so', async () => {
    await withSession(root(), {}, (session) =>
      session.run(`CREATE USER single@'%' IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 1`),
    );
    const single = root({ username: 'single', password: 'pw' });
    await withSession(single, { database: null }, async () => {
      await expect(driver.probe(single)).rejects.toMatchObject({ code: 'SERVER_REFUSED' });
    });
  });

  it('without TLS works where it is preferred only', async () => {
    await expect(driver.probe(root({ sslMode: 'prefer' }))).resolves.toBeDefined();
    await expect(driver.probe(root({ sslMode: 'disable' }))).resolves.toBeDefined();
  });

  it('at a server that says nothing, breaks off or talks nonsense ends within 10 s, and nothing crashes', async () => {
    const greeting = Buffer.concat([Buffer.from([40, 0, 0, 0, 10]), Buffer.alloc(39, 0xee), Buffer.alloc(64, 1)]);
    const cases = [Buffer.alloc(0), Buffer.alloc(2), greeting];
    await Promise.all(
      cases.map((bytes) =>
        withFakeServer(
          (socket) => bytes.length > 0 && socket.write(bytes),
          async (port) => {
            await expect(driver.probe(root({ port }))).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT' });
          },
        ),
      ),
    );
  });

  it('at a PostgreSQL server, which waits to be spoken to, says that it is another engine', async () => {
    await withFakeServer(
      (socket) => socket.once('data', () => socket.write('N')),
      async (port) => {
        await expect(driver.probe(root({ port }))).rejects.toMatchObject({
          code: 'WRONG_ENGINE',
          message: expect.stringContaining('PostgreSQL') as unknown,
        });
      },
    );
  });

  it.each(['SSH-2.0-OpenSSH_9.2\r\n', '220 mail.example ESMTP\r\n'])(
    'at a server that greets with %j says that it is something else',
    async (greeting) => {
      await withFakeServer(
        (socket) => socket.write(greeting),
        async (port) => {
          await expect(driver.probe(root({ port }))).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
        },
      );
    },
  );

  it('at a server that hangs up says so', async () => {
    await withFakeServer(
      (socket) => socket.end(),
      async (port) => {
        await expect(driver.probe(root({ port }))).rejects.toMatchObject({ code: 'SERVER_REFUSED' });
      },
    );
  });

  it('ends at once when it is cancelled', async () => {
    const abort = new AbortController();
    await withFakeServer(
      () => abort.abort(),
      async (port) => {
        await expect(driver.probe(root({ port }), abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
      },
    );
  });

  it('is cut in the middle of a query when it is cancelled', async () => {
    const abort = new AbortController();
    const sleeping = withSession(root(), { signal: abort.signal }, (session) => session.rows('SELECT SLEEP(60)'));
    setTimeout(() => abort.abort(), 100);
    await expect(sleeping).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('The option file of a client', () => {
  it.each([
    'plain',
    `quotes ' and " and \` together`,
    'a # no comment ; here',
    '  spaces around  ',
    'back\\slash \\n \\s \\\\ \\" end\\',
    'tab\tnew\nline\rreturn\bbell',
    'ünïcode 密码 🔑',
    '"quoted"',
    `'quoted'`,
    '[client]\nhost=evil',
    '$(touch x) `touch x` %s',
    '#hash',
    '=equals=',
    '!include /etc/passwd',
  ])('logs in with the password %j, which stands nowhere else (FAILURES 35)', async (password) => {
    await withSession(root(), {}, async (session) => {
      await session.run(`CREATE OR REPLACE USER 'o''dd # "name"'@'%' IDENTIFIED BY ?`, [password]);
      await session.run(`GRANT SELECT ON mysql.* TO 'o''dd # "name"'@'%'`);
    });
    const connection = root({ username: `o'dd # "name"`, password, sslMode: 'prefer' });
    await expect(driver.probe(connection)).resolves.toBeDefined();
    const [, client] = await driver.tools.detect({});
    const tool = client?.best;
    if (tool === undefined) throw new Error('There is no client.');
    const files = await writeClientFiles(runtimeDir, connection, tool);
    try {
      const args = loadArguments({ tool, optionFile: files.optionFile, database: 'mysql' });
      const child = startProcess({ command: tool.path, args, env: files.env, stdin: 'pipe' });
      child.stdin?.end(`SELECT CONCAT('I am ', CURRENT_USER());\n`);
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      await child.completed;
      expect(Buffer.concat(chunks).toString()).toContain(`I am o'dd # "name"@%`);
      expect(args.join(' ')).not.toContain(password);
      const { stdout: mode } = await runProcess({
        command: 'stat',
        args: ['-c', '%a', files.optionFile],
        timeoutMs: 5_000,
      });
      expect(mode.trim()).toBe('600');
    } finally {
      await files.remove();
    }
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});

describe('Databases', () => {
  const names = ['plain', '-dash', 'a b`c', 'ünï;--', `q'uote`, '$(x)', 'per%cent_', 'back\\slash'];
  it.each(names)('named %j are made, found and dropped', async (name) => {
    expect(await driver.databaseExists(root(), name)).toBe(false);
    await driver.createDatabase(root(), name, { character_set: 'latin1', collation: 'latin1_german1_ci' });
    expect(await driver.databaseExists(root(), name)).toBe(true);
    expect(await driver.databaseExists(root(), name.toUpperCase())).toBe(false);
    await expect(driver.createDatabase(root(), name, {})).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    await driver.dropDatabase(root(), name);
    expect(await driver.databaseExists(root(), name)).toBe(false);
  });

  it('cannot be named with an emoji', async () => {
    expect(await driver.databaseExists(root(), '🔑')).toBe(false);
    await expect(driver.createDatabase(root(), '🔑', {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('65: are refused with settings that the server does not know', async () => {
    const settings = { character_set: 'utf9', collation: 'utf9_x' };
    await expect(driver.createDatabase(root(), 'refused', settings)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('CHARACTER SET utf9 COLLATE utf9_x'),
      hint: expect.stringContaining('locale_fallback'),
    });
    expect(await driver.databaseExists(root(), 'refused')).toBe(false);
  });

  it('65: get the default of the server where that is accepted, and say so', async () => {
    const settings = { character_set: 'utf9', collation: 'utf9_x' };
    expect(await driver.createDatabase(root(), 'strange', settings, { orNearest: true })).toEqual([
      expect.stringContaining("the server's character set and collation"),
    ]);
    const [row] = await withSession(root(), {}, (session) =>
      session.rows(`SELECT DEFAULT_COLLATION_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'strange'`),
    );
    expect(row).toEqual({ c: 'utf8mb4_general_ci' });
  });
});

describe('Statements byte by byte', () => {
  const connection = (): ConnectionParams => root();

  it.each([
    ['nothing to speak of', 0],
    ['one packet, to the last byte', 0xff_ff_ff - 1],
    ['more than one packet', 0xff_ff_ff],
    ['many packets', 3 * 0xff_ff_ff],
  ])('arrive as they are: %s', async (_, length) => {
    await withSession(connection(), {}, async (session) => {
      const [head, tail] = [Buffer.from("SET @given = '"), Buffer.from("\xff\xe4'", 'latin1')];
      await session.run('SET NAMES latin1');
      const filler = Buffer.alloc(Math.max(0, length - head.length - tail.length), 'x');
      await session.runBytes(Buffer.concat([head, filler, tail]));
      const { bytes, end } = await session.row<{ bytes: number; end: string }>(
        'SELECT OCTET_LENGTH(@given) AS bytes, HEX(RIGHT(@given, 2)) AS end',
      );
      expect({ bytes: Number(bytes), end }).toEqual({ bytes: filler.length + 2, end: 'FFE4' });
    });
  });

  it('are followed by others, also when the server refuses one, whose rows are in no error', async () => {
    await withSession(connection(), {}, async (session) => {
      const refused = session.runBytes(Buffer.from(`INSERT INTO nowhere VALUES ('secret')`));
      const error = (await refused.catch((reason: unknown) => reason)) as object;
      expect(error).toMatchObject({ errno: 1146 });
      expect(JSON.stringify({ ...error })).not.toContain('secret');
      await session.runBytes(Buffer.from('SET @next = 7'));
      expect(await session.row('SELECT @next AS next')).toEqual({ next: 7 });
    });
  });
});
