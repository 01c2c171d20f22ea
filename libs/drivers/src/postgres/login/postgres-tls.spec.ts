import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import type { ConnectionParams, SslMode, TlsMaterial } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { Authority, encryptedKey } from '../../testing/authority.js';
import type { IssuedCertificate } from '../../testing/authority.js';
import { PostgresDriver } from '../postgres-driver.js';
import { PostgresSession } from './postgres-session.js';

const folder = join(tmpdir(), `backup-postgres-tls-${randomUUID()}`);
const runtimeDir = join(folder, 'runtime');
const driver = new PostgresDriver({ runtimeDir });
const never = new AbortController().signal;
/** The server's certificate is made out to this name, and not to the address behind it. */
const NAMED = 'localhost';
const ADDRESS = '127.0.0.1';

let server: SandboxServer;
let ours: Authority;
let strangers: Authority;
let mine: IssuedCertificate;

async function sql(text: string, values: readonly string[] = []): Promise<Record<string, unknown>[]> {
  // Over the socket of the server, where no rule about TLS applies.
  await using session = await PostgresSession.open({ ...server.connection('postgres'), host: server.socketDirectory });
  return await session.query(text, values);
}

/** Written by the server itself, so that the files belong to the account that it runs as. */
async function writeAsServer(name: string, text: string): Promise<void> {
  const path = join(server.socketDirectory, 'data', name);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => `(${pg.escapeLiteral(line)})`);
  await sql(`COPY (VALUES ${lines.join(',')}) TO PROGRAM 'umask 077; cat > ${path}'`);
}

beforeAll(async () => {
  await mkdir(folder, { mode: 0o700 });
  [server, ours, strangers] = await Promise.all([startPostgres(), Authority.create(folder), Authority.create(folder)]);
  const own = await ours.issue(NAMED);
  mine = await ours.issue('by_certificate');
  await sql('CREATE ROLE by_certificate LOGIN SUPERUSER');
  await writeAsServer('server.crt', own.certificate);
  await writeAsServer('server.key', own.key);
  await writeAsServer('clients.crt', ours.certificate);
  await writeAsServer(
    'pg_hba.conf',
    [
      'local all all scram-sha-256',
      'hostssl all by_certificate all cert',
      'hostnossl all by_certificate all reject',
      'host all all all scram-sha-256',
    ].join('\n'),
  );
  await sql(`ALTER SYSTEM SET ssl_ca_file = 'clients.crt'`);
  await sql('ALTER SYSTEM SET ssl = on');
  await sql('SELECT pg_reload_conf()');
  while ((await sql('SHOW ssl'))[0]?.['ssl'] !== 'on');
  await sql('CREATE DATABASE source');
  await sql('CREATE DATABASE target');
  await using session = await PostgresSession.open(server.connection('source'));
  await session.query('CREATE TABLE public.t AS SELECT 7 AS a');
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  expect(await readdir(runtimeDir).catch(() => [])).toEqual([]);
});

function connection(sslMode: SslMode, host: string, tls: TlsMaterial = {}, database = 'source'): ConnectionParams {
  return { ...server.connection(database), host, sslMode, tls };
}

async function isEncrypted(params: ConnectionParams): Promise<unknown> {
  await using session = await PostgresSession.open(params);
  return (await session.queryOne('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))['ssl'];
}

/** What pg_dump does with these parameters, whatever our own sessions think of them. */
async function dump(params: ConnectionParams): Promise<Buffer> {
  const plan = await driver.prepareDump({ connection: connection('disable', ADDRESS), format: 'plain', tools: {} });
  const { output, completed } = await driver.startDump({ ...plan, connection: params }, never);
  const [bytes] = await Promise.all([buffer(output), completed]);
  return bytes;
}

async function roundTrip(params: ConnectionParams): Promise<void> {
  await driver.prepareDump({ connection: params, format: 'plain', tools: {} });
  const bytes = await dump(params);
  const target = { ...params, database: 'target' };
  const plan = await driver.prepareLoad({ connection: target, format: 'plain', tools: {}, skipOwnership: true });
  await driver.load(
    plan,
    { format: 'plain', own: true, open: () => Readable.from([bytes]) },
    { signal: never, beforeCommit: () => Promise.resolve() },
  );
  await using session = await PostgresSession.open(target);
  expect(await session.query('SELECT a FROM public.t')).toEqual([{ a: 7 }]);
  await session.query('DROP TABLE public.t');
}

const trusting = (): TlsMaterial => ({ ca: ours.certificate });
const mistaken = (): TlsMaterial => ({ ca: strangers.certificate });
const nothing = (): TlsMaterial => ({});

describe('Login, dump and load with TLS', () => {
  test.each<[SslMode, string, string, () => TlsMaterial, boolean]>([
    ['disable', ADDRESS, 'no CA', nothing, false],
    ['disable', ADDRESS, 'a CA', trusting, false],
    ['prefer', ADDRESS, 'no CA', nothing, true],
    ['prefer', ADDRESS, 'a wrong CA, at which it does not look', mistaken, true],
    ['require', ADDRESS, 'no CA', nothing, true],
    ['require', ADDRESS, 'the CA', trusting, true],
    ['verify-ca', ADDRESS, 'the CA, whatever the name', trusting, true],
    ['verify-ca', NAMED, 'the CA', trusting, true],
    ['verify-full', NAMED, 'the CA', trusting, true],
  ])('work with "%s" at %s and %s', async (sslMode, host, _title, tls, encrypted) => {
    expect(await isEncrypted(connection(sslMode, host, tls()))).toBe(encrypted);
    await roundTrip(connection(sslMode, host, tls()));
  });

  test.each<[SslMode, string, string, () => TlsMaterial, RegExp]>([
    ['require', ADDRESS, 'a wrong CA, as with libpq', mistaken, /authority that issued/],
    ['verify-ca', ADDRESS, 'no CA', nothing, /as ssl_ca, or .*NODE_EXTRA_CA_CERTS/],
    ['verify-ca', NAMED, 'a wrong CA', mistaken, /authority that issued/],
    ['verify-full', NAMED, 'no CA', nothing, /as ssl_ca, or .*NODE_EXTRA_CA_CERTS/],
    ['verify-full', NAMED, 'a wrong CA', mistaken, /authority that issued/],
    ['verify-full', ADDRESS, 'another name', trusting, /name that the certificate is made out to.*verify-ca/],
  ])('are refused by us and by pg_dump with "%s" at %s and %s', async (sslMode, host, _title, tls, hint) => {
    const params = connection(sslMode, host, tls());
    await expect(driver.probe(params)).rejects.toMatchObject({
      code: 'TLS_FAILED',
      hint: expect.stringMatching(hint),
    });
    await expect(dump(params)).rejects.toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringMatching(/certificate/),
    });
  });
});

describe('A server that demands a client certificate', () => {
  const user = (tls: TlsMaterial, sslMode: SslMode = 'verify-full'): ConnectionParams => ({
    ...connection(sslMode, NAMED, { ...trusting(), ...tls }),
    username: 'by_certificate',
    password: '',
  });

  test.each(['prefer', 'require', 'verify-ca', 'verify-full'] as const)(
    'lets us and the tools in with it, and with "%s"',
    (sslMode) => roundTrip(user(mine, sslMode)),
  );

  test.each(['prefer', 'verify-full'] as const)('says so to who has none, with "%s"', async (sslMode) => {
    await expect(driver.probe(user({}, sslMode))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringContaining('client certificate'),
      hint: 'Give ssl_certificate and ssl_key.',
    });
  });

  it('does not take one of an authority that it does not know', async () => {
    await expect(driver.probe(user(await strangers.issue('by_certificate')))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/failed: tlsv1 alert unknown ca\.$/),
      hint: expect.stringContaining('authority of the client certificate'),
    });
  });

  it('does not take one that is made out to somebody else', async () => {
    await expect(driver.probe(user(await ours.issue('somebody')))).rejects.toMatchObject({
      code: 'WRONG_CREDENTIALS',
      hint: expect.stringContaining('common name'),
    });
  });

  it('is not even asked when the material cannot be used', async () => {
    const { key } = await ours.issue('other');
    for (const unusable of [key, await encryptedKey(folder, mine.key, 'pkcs8')]) {
      const failure = driver.probe(user({ ...mine, key: unusable }));
      await expect(failure).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/^ssl_key cannot be used\. The key (does not belong|is protected)/),
      });
      await expect(
        driver.prepareDump({ connection: user({ key: unusable }), format: 'plain', tools: {} }),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('FAILURES 35: gets it from files that are ours alone, and gone afterwards', async () => {
    await sql('SELECT 1');
    const plan = await driver.prepareDump({ connection: user(mine), format: 'plain', tools: {} });
    const running = await driver.startDump(plan, never);
    const files = (await readdir(runtimeDir)).map((name) => join(runtimeDir, name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(files.every((file) => file.endsWith('.secret'))).toBe(true);
    expect(texts).toEqual(expect.arrayContaining([ours.certificate, mine.certificate, mine.key]));
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    running.output.resume();
    await running.completed;
  });
});
