import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ConnectionParams, SslMode } from '@app/domain';
import { runProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { PostgresDriver } from '../postgres-driver.js';
import { PostgresSession } from './postgres-session.js';
import { libpqAccess } from './libpq-environment.js';
import { databaseError } from './postgres-errors.js';
import { SESSION_SETTINGS } from './session-settings.js';
import { saslPrep } from '../users/saslprep.js';
import { scramVerifier } from '../users/scram-verifier.js';

const runtimeDir = join(tmpdir(), `backup-login-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir });
let server: SandboxServer;
let admin: ConnectionParams;

beforeAll(async () => {
  server = await startPostgres();
  admin = server.connection('postgres');
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function sql(text: string, connection: ConnectionParams = admin): Promise<Record<string, unknown>[]> {
  await using session = await PostgresSession.open(connection);
  await session.query('RESET search_path');
  return await session.query(text);
}

it('gives no session to work that was cancelled while the login ended', async () => {
  const controller = new AbortController();
  const query = jest.spyOn(pg.Client.prototype, 'query');
  query.mockImplementationOnce(function (this: pg.Client, ...given: unknown[]) {
    controller.abort();
    return Reflect.apply(pg.Client.prototype.query, this, given) as undefined;
  });
  try {
    await expect(PostgresSession.open(admin, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(query).toHaveBeenCalled();
  } finally {
    query.mockRestore();
  }
});

describe('probe', () => {
  it('says who the server is', async () => {
    const info = await driver.probe(admin);
    expect(info).toMatchObject({ dbType: 'PostgreSQL', flavour: 'PostgreSQL' });
    expect(info.version).toBe(info.versionParts.join('.'));
  });

  test.each<[string, Partial<ConnectionParams>, string, RegExp]>([
    ['a wrong password', { password: 'wrong' }, 'WRONG_CREDENTIALS', /refused the login of "postgres"/],
    ['no password', { password: '' }, 'WRONG_CREDENTIALS', /wants a password/],
    ['an unknown user', { username: 'nobody; DROP' }, 'WRONG_CREDENTIALS', /nobody; DROP/],
    ['a missing database', { database: 'postgres ' }, 'DATABASE_NOT_FOUND', /no database "postgres "/],
    ['a port where nothing listens', { port: 1 }, 'HOST_UNREACHABLE', /Nothing accepts connections at 127\.0\.0\.1:1/],
    ['a name that does not exist', { host: 'no-such-host.invalid' }, 'HOST_UNREACHABLE', /no-such-host/],
    ['TLS wanted and not offered', { sslMode: 'require' }, 'TLS_FAILED', /does not offer TLS/],
  ])('has its own words for %s', async (_title, change, code, message) => {
    await expect(driver.probe({ ...admin, ...change })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  it('is not waylaid by the environment', async () => {
    process.env['PGPASSWORD'] = admin.password;
    try {
      await expect(driver.probe({ ...admin, password: '' })).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    } finally {
      delete process.env['PGPASSWORD'];
    }
  });

  it('falls back to no TLS with "prefer"', async () => {
    await expect(driver.probe({ ...admin, sslMode: 'prefer' })).resolves.toBeDefined();
  });

  it('says when the database takes no connections', async () => {
    await sql('CREATE DATABASE closed ALLOW_CONNECTIONS false');
    await expect(driver.probe({ ...admin, database: 'closed' })).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('not currently accepting connections'),
    });
  });

  it('says when the server is full', async () => {
    await sql(`CREATE ROLE one_only LOGIN CONNECTION LIMIT 0 PASSWORD 'x'`);
    await expect(driver.probe({ ...admin, username: 'one_only', password: 'x' })).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('too many connections'),
    });
  });
});

describe('probe of something else', () => {
  const sockets: Socket[] = [];
  let fake: Server;
  let greet: (socket: Socket) => void;
  let accepted = 0;

  beforeAll(async () => {
    fake = createServer((socket) => {
      accepted += 1;
      sockets.push(socket);
      socket.on('error', () => undefined);
      greet(socket);
    });
    await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => fake.close(resolve));
  });

  const probe = (sslMode: SslMode, signal?: AbortSignal): Promise<unknown> =>
    driver.probe({ ...admin, port: (fake.address() as AddressInfo).port, sslMode }, signal);

  // What MariaDB says unasked; of this length pg's parser takes it for a login message that makes it throw.
  const greeting = Buffer.concat([
    Buffer.from([0x52, 0, 0, 0, 0x0a]),
    Buffer.from('5.5.5-10.11.19-MariaDB\0'.padEnd(77)),
  ]);

  test.each(['disable', 'prefer', 'require', 'verify-full'] as const)(
    'recognises another engine with ssl_mode %s',
    async (sslMode) => {
      greet = (socket) => socket.write(greeting);
      await expect(probe(sslMode)).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
    },
  );

  /** As if the real server listened there. */
  const relay = (socket: Socket): void => {
    const real = connect(admin.port, admin.host).on('error', () => undefined);
    sockets.push(real);
    socket.pipe(real).pipe(socket);
  };

  test.each(['disable', 'prefer', 'require', 'verify-full'] as const)(
    'recognises another engine where a PostgreSQL was before, with ssl_mode %s',
    async (sslMode) => {
      greet = relay;
      await probe('disable');
      greet = (socket) => socket.write(greeting);
      await expect(probe(sslMode)).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
      greet = relay;
      await expect(probe('disable')).resolves.toBeDefined();
    },
  );

  test.each([
    // pg reads this as an error whose fields never end.
    [
      'a MySQL 5.0',
      Buffer.concat([Buffer.from([0x45, 0, 0, 0, 0x0a]), Buffer.from('5.0.51a-24+lenny5-log\0'.padEnd(68))]),
    ],
    ['a MySQL that is full', Buffer.from('\x17\0\0\0\xff\x10\x04Too many connections', 'latin1')],
    ['an SSH server', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('recognises %s at once where a PostgreSQL was before', async (_name, says) => {
    greet = relay;
    await probe('disable');
    greet = (socket) => socket.write(says);
    const begun = performance.now();
    await expect(probe('disable')).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  it('can be cancelled while it asks what answers where a PostgreSQL was before', async () => {
    greet = relay;
    await probe('disable');
    const controller = new AbortController();
    greet = (socket) => {
      socket.write(greeting);
      greet = () => controller.abort();
    };
    await expect(probe('disable', controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('asks once, not at each login, whether a PostgreSQL answers', async () => {
    greet = relay;
    await probe('disable');
    const before = accepted;
    await probe('disable');
    expect(accepted - before).toBe(1);
  });

  it('recognises a web server', async () => {
    greet = (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(probe('disable')).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
  });

  it('says when it is hung up on', async () => {
    greet = (socket) => socket.destroy();
    await expect(probe('disable')).rejects.toMatchObject({ code: 'SERVER_REFUSED' });
  });

  it('gives up on a server that accepts and says nothing', async () => {
    greet = () => undefined;
    await expect(probe('disable')).rejects.toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  }, 10_000);

  it('can be cancelled', async () => {
    greet = () => undefined;
    const controller = new AbortController();
    const probing = probe('disable', controller.signal);
    controller.abort();
    await expect(probing).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('TLS', () => {
  const directory = (): string => join(server.socketDirectory, 'data');

  beforeAll(async () => {
    // By the server itself, so that the key belongs to the account that it runs as.
    const command = `umask 077; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=elsewhere.example -keyout ${directory()}/server.key -out ${directory()}/server.crt 2>/dev/null`;
    await sql(`COPY (SELECT 1) TO PROGRAM '${command}'`);
    await sql('ALTER SYSTEM SET ssl = on');
    await sql('SELECT pg_reload_conf()');
    while ((await sql('SHOW ssl'))[0]?.['ssl'] !== 'on');
  }, 60_000);

  test.each(['prefer', 'require'] as const)('is used with "%s", whatever the certificate', async (sslMode) => {
    const rows = await sql('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', { ...admin, sslMode });
    expect(rows).toEqual([{ ssl: true }]);
  });

  it('demands a certificate that it can trust with "verify-full"', async () => {
    await expect(driver.probe({ ...admin, sslMode: 'verify-full' })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  test.each([
    ['require', 0],
    ['verify-full', 1],
  ] as const)('means the same to pg_dump with "%s"', async (sslMode, failures) => {
    const plan = await driver.prepareDump({ connection: admin, format: 'plain', tools: {} });
    const { output, completed } = await driver.startDump(
      { ...plan, connection: { ...admin, sslMode } },
      new AbortController().signal,
    );
    output.resume();
    const outcome = await completed.then(
      () => [],
      (error: unknown) => [error],
    );
    expect(outcome).toHaveLength(failures);
    if (failures > 0)
      expect(outcome[0]).toMatchObject({ code: 'DUMP_FAILED', message: expect.stringMatching(/certificate/) });
  });

  it('says when the server insists on TLS', async () => {
    await sql(`COPY (SELECT 'hostssl all all all scram-sha-256') TO '${directory()}/tls_only_hba.conf'`);
    await sql(`ALTER SYSTEM SET hba_file = '${directory()}/tls_only_hba.conf'`);
    await sql(`COPY (SELECT 'hostssl all all all scram-sha-256') TO '${directory()}/pg_hba.conf'`);
    await sql('SELECT pg_reload_conf()');
    const tls = { ...admin, sslMode: 'require' as const };
    await expect(driver.probe({ ...admin, sslMode: 'disable' })).rejects.toMatchObject({
      code: 'TLS_FAILED',
      hint: expect.stringContaining('require'),
    });
    await sql(`COPY (SELECT 'host all all all scram-sha-256') TO '${directory()}/pg_hba.conf'`, tls);
    await sql('SELECT pg_reload_conf()', tls);
  });
});

describe('users', () => {
  const login = (username: string, password: string): Promise<unknown> =>
    driver.probe({ ...admin, username, password });

  it('creates one who can log in at once, and lists it with its attributes', async () => {
    await driver.users.create(admin, {
      username: 'new_user',
      password: 'secret',
      privileges: ['CREATEDB', 'bypassrls'],
    });
    await expect(login('new_user', 'secret')).resolves.toBeDefined();
    expect(await driver.users.list(admin)).toContainEqual({
      username: 'new_user',
      superuser: false,
      createDb: true,
      replication: false,
      bypassRls: true,
      details: {
        login: true,
        create_role: false,
        inherit: true,
        connection_limit: -1,
        valid_until: null,
        in_use: false,
      },
    });
    const own = (await driver.users.list(admin)).filter(({ details }) => details['in_use'] === true);
    expect(own.map(({ username }) => username)).toEqual([admin.username]);
  });

  it('lists no predefined roles and no groups', async () => {
    await driver.users.create(admin, { username: 'a_group', privileges: ['NOLOGIN'] });
    const names = (await driver.users.list(admin)).map((user) => user.username);
    expect(names).toContain('postgres');
    expect(names.filter((name) => name.startsWith('pg_') || name === 'a_group')).toEqual([]);
  });

  it('changes only what is asked for', async () => {
    await driver.users.create(admin, { username: 'changing', password: 'one', privileges: ['CREATEDB'] });
    await driver.users.modify(admin, { username: 'changing', privileges: ['REPLICATION'] });
    await expect(login('changing', 'one')).resolves.toBeDefined();
    await driver.users.modify(admin, { username: 'changing', password: 'two' });
    await expect(login('changing', 'one')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    await expect(login('changing', 'two')).resolves.toBeDefined();
    const user = (await driver.users.list(admin)).find(({ username }) => username === 'changing');
    expect(user).toMatchObject({ createDb: true, replication: true });
  });

  test.each([
    `x"; DROP ROLE postgres; --`,
    `it's`,
    'Größe 日本 🐘',
    ' leading and trailing ',
    'a\nb\\c',
    'x'.repeat(63),
  ])('takes %p for just a name', async (username) => {
    await driver.users.create(admin, { username, password: `p'w\\"$1` });
    await expect(login(username, `p'w\\"$1`)).resolves.toBeDefined();
    await driver.users.remove(admin, { username });
    expect((await driver.users.list(admin)).map((user) => user.username)).not.toContain(username);
  });

  test.each([
    ['', /empty/],
    ['a\0b', /NUL/],
    ['ü'.repeat(32), /64 bytes/],
  ])('refuses the name %p', async (username, message) => {
    await expect(driver.users.create(admin, { username })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('has a code for each thing that can be wrong', async () => {
    await driver.users.create(admin, { username: 'weak', password: 'weak' });
    await driver.users.create(admin, { username: 'rich' });
    await sql('CREATE TABLE rich_table (a int); ALTER TABLE rich_table OWNER TO rich');
    const weak = { ...admin, username: 'weak', password: 'weak' };
    const { users } = driver;
    await expect(users.create(admin, { username: 'weak' })).rejects.toMatchObject({ code: 'USER_EXISTS' });
    await expect(users.modify(admin, { username: 'ghost', password: 'x' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
    await expect(users.remove(admin, { username: 'ghost' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await expect(users.modify(admin, { username: 'weak' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(users.modify(admin, { username: 'weak', privileges: ['ALL'] })).rejects.toMatchObject({
      code: 'UNKNOWN_PRIVILEGE',
    });
    await expect(users.create(admin, { username: 'pg_mine' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'username', message: expect.stringContaining('reserved') }],
    });
    await expect(users.create(admin, { username: 'x'.repeat(64) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'username', message: expect.stringContaining('64 bytes') }],
    });
    await expect(users.create(admin, { username: 'open', password: '' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'password', message: 'The password is empty.' }],
    });
    await expect(users.remove(admin, { username: 'postgres' })).rejects.toMatchObject({ code: 'USER_IN_USE' });
    await expect(users.create(weak, { username: 'other' })).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
    await expect(users.remove(admin, { username: 'rich' })).rejects.toMatchObject({
      code: 'USER_OWNS_OBJECTS',
      message: expect.stringContaining('owner of table public.rich_table'),
    });
  });

  it('never sends a password as text', async () => {
    const secret = `very-secret-${randomUUID()}`;
    await sql(`ALTER SYSTEM SET log_statement = 'all'`);
    await sql('SELECT pg_reload_conf()');
    await driver.users.create(admin, { username: 'quiet', password: secret });
    await driver.users.modify(admin, { username: 'quiet', password: `${secret}2` });
    const log = await server.logTail();
    expect(log).toContain('ALTER ROLE "quiet"');
    expect(log).not.toContain(secret);
    await sql('ALTER SYSTEM RESET log_statement');
  });
});

describe('SCRAM verifier', () => {
  it('is what the server itself would have made of the password', async () => {
    await sql(`CREATE ROLE by_server PASSWORD 'pencil'`);
    const [row] = await sql(`SELECT rolpassword FROM pg_authid WHERE rolname = 'by_server'`);
    const stored = String(row?.['rolpassword']);
    const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(stored)?.[1] ?? '', 'base64');
    expect(await scramVerifier('pencil', salt)).toBe(stored);
  });

  // ASCII; composed and decomposed; compatibility forms; mapped away; right to left; after Unicode 3.2; not allowed.
  test.each([
    'p w:d\\',
    'pä\u00df',
    'pa\u0308',
    '\ufb01\u00b2\uff21',
    'a\u00adb\u00a0c',
    '\u05d0\u05d1',
    '\u05d0\ufb01\u0031',
    '🐘\ufb01',
    'a\u0007\ufb01',
    '\u00ad',
    '日本',
  ])('lets a libpq client log in with %j', async (password) => {
    const username = `scram ${randomUUID()}`;
    await driver.users.create(admin, { username, password });
    const [tool] = await driver.tools.detect({});
    const start = { settings: SESSION_SETTINGS, server: await driver.probe(admin) };
    await using access = await libpqAccess({ ...admin, username, password, sslMode: 'prefer' }, runtimeDir, start);
    const psql = (tool?.best?.path ?? '').replace(/pg_dump$/, 'psql');
    const { stdout } = await runProcess({
      command: psql,
      args: ['-X', '-A', '-t', '-w', '-c', 'SELECT 1', ...access.args],
      env: access.env,
      timeoutMs: 10_000,
    });
    expect(stdout).toBe('1\n');
  });

  it('normalises as PostgreSQL does', () => {
    expect(saslPrep('I\u00adX')).toBe('IX');
    expect(saslPrep('\u00aa')).toBe('a');
    expect(saslPrep('\u2168')).toBe('IX');
    expect(saslPrep('\u0627\u0031')).toBe('\u0627\u0031');
    expect(saslPrep('🐘\u2168')).toBe('🐘\u2168');
  });

  test.each(['', 'a\0b'])('refuses %p', async (password) => {
    await expect(scramVerifier(password)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

it('79: says that the schema changed where the server describes what somebody drops meanwhile', async () => {
  // No relation has this number.
  const failure: unknown = await sql('SELECT pg_sequence_last_value(4000000000::oid)').catch((error: unknown) => error);
  expect(databaseError(failure, 'The tables could not be listed')).toMatchObject({
    code: 'SCHEMA_CHANGED',
    message: 'The tables could not be listed: could not open relation with OID 4000000000.',
    hint: expect.stringContaining('Try again') as string,
  });
});

it('leaves neither secret files nor sessions behind', async () => {
  expect(await readdir(runtimeDir)).toEqual([]);
  const client = new pg.Client({ ...admin, user: admin.username, ssl: false });
  await client.connect();
  const others = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'database-backup-service%'`;
  let open: unknown;
  // A server process needs a moment to see that its client has left.
  for (let tries = 0; tries < 100 && open !== 0; tries += 1) open = (await client.query(others)).rows[0].n;
  await client.end();
  expect(open).toBe(0);
  expect(await readFile('/proc/self/environ', 'utf8')).not.toContain(admin.password);
});
