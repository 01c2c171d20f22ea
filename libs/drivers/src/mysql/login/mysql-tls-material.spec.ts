import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { compareVersions } from '@app/domain';
import type { ConnectionParams, SslMode, TlsMaterial } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { Authority, encryptedKey } from '../../testing/authority.js';
import type { IssuedCertificate } from '../../testing/authority.js';
import { MysqlDriver } from '../mysql-driver.js';
import { withSession } from './mysql-session.js';

/** The server's certificate is made out to this name, and not to the address behind it. */
const NAMED = 'localhost';
const ADDRESS = '127.0.0.1';
const never = new AbortController().signal;

let folder: string;
let runtimeDir: string;
let driver: MysqlDriver;
let server: SandboxServer;
let ours: Authority;
let strangers: Authority;
let mine: IssuedCertificate;
/** Whether the client that is installed here can be told a fingerprint (MariaDB 11.4 and newer). */
let pins: boolean;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mysql-tls-material-'));
  // The server runs as another user.
  await chmod(folder, 0o755);
  runtimeDir = join(folder, 'runtime');
  driver = new MysqlDriver({ runtimeDir });
  [ours, strangers] = await Promise.all([Authority.create(folder), Authority.create(folder)]);
  const own = await ours.issue(NAMED);
  mine = await ours.issue('client');
  const settings: Record<string, string> = {};
  const texts = { 'ssl-ca': ours.certificate, 'ssl-cert': own.certificate, 'ssl-key': own.key };
  for (const [setting, text] of Object.entries(texts)) {
    settings[setting] = join(folder, setting);
    await writeFile(join(folder, setting), text, { mode: 0o644 });
  }
  server = await startMariadb({ settings });
  await withSession(server.connection('mysql'), {}, async (session) => {
    await session.run('CREATE DATABASE source');
    await session.run('CREATE DATABASE target');
    await session.run('CREATE TABLE source.t (a int PRIMARY KEY)');
    await session.run('INSERT INTO source.t VALUES (7)');
    await session.run(`CREATE USER client@'%' IDENTIFIED BY 'pw' REQUIRE X509`);
    await session.run(`GRANT ALL ON *.* TO client@'%'`);
  });
  const tools = await driver.tools.detect({});
  pins = tools.every(({ best }) => best?.flavour === 'MariaDB' && compareVersions(best.versionParts, [11, 4]) >= 0);
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

const isEncrypted = (params: ConnectionParams): Promise<boolean> =>
  withSession(params, {}, async (session) => {
    const { Value } = await session.row<{ Value: string }>(`SHOW STATUS LIKE 'Ssl_cipher'`);
    return Value !== '';
  });

/** What the dump program does with these parameters, after a preparation that had no trouble. */
async function dump(params: ConnectionParams): Promise<Buffer> {
  const plan = await driver.prepareDump({ connection: connection('disable', ADDRESS), format: 'plain', tools: {} });
  const { output, completed } = await driver.startDump({ ...plan, connection: params }, never);
  const [bytes] = await Promise.all([buffer(output), completed]);
  return bytes;
}

const prepareLoad = (target: ConnectionParams) =>
  driver.prepareLoad({ connection: target, format: 'plain', tools: {}, skipOwnership: false });

async function roundTrip(params: ConnectionParams): Promise<void> {
  await driver.prepareDump({ connection: params, format: 'plain', tools: {} });
  const bytes = await dump(params);
  const target = { ...params, database: 'target' };
  await driver.load(
    await prepareLoad(target),
    { format: 'plain', own: true, open: () => Readable.from([bytes]) },
    { signal: never, beforeCommit: () => Promise.resolve() },
  );
  await withSession(target, {}, async (session) => {
    expect(await session.rows('SELECT a FROM t')).toEqual([{ a: 7 }]);
    await session.run('DROP TABLE t');
  });
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
    ['require', NAMED, 'the CA', trusting, true],
    ['verify-ca', NAMED, 'the CA', trusting, true],
    ['verify-full', NAMED, 'the CA', trusting, true],
  ])('work with "%s" at %s and %s', async (sslMode, host, _title, tls, encrypted) => {
    expect(await isEncrypted(connection(sslMode, host, tls()))).toBe(encrypted);
    await roundTrip(connection(sslMode, host, tls()));
  });

  test.each(['verify-ca', 'require'] as const)(
    'work by another name with "%s" and the CA, or are refused before anything is touched (FAILURES 28)',
    async (sslMode) => {
      const params = connection(sslMode, ADDRESS, trusting());
      expect(await isEncrypted(params)).toBe(true);
      if (pins) return roundTrip(params);
      const refusal = { code: 'UNSUPPORTED', hint: expect.stringMatching(/DNS:localhost.*MariaDB 11\.4/) };
      await expect(driver.prepareDump({ connection: params, format: 'plain', tools: {} })).rejects.toMatchObject(
        refusal,
      );
      await expect(prepareLoad({ ...params, database: 'target' })).rejects.toMatchObject(refusal);
      await expect(dump(params)).rejects.toMatchObject(refusal);
    },
  );

  test.each<[SslMode, string, string, () => TlsMaterial, RegExp]>([
    ['require', ADDRESS, 'a wrong CA, as with libpq', mistaken, /authority that issued/],
    ['verify-ca', ADDRESS, 'no CA', nothing, /as ssl_ca, or .*NODE_EXTRA_CA_CERTS/],
    ['verify-ca', NAMED, 'a wrong CA', mistaken, /authority that issued/],
    ['verify-full', NAMED, 'no CA', nothing, /as ssl_ca, or .*NODE_EXTRA_CA_CERTS/],
    ['verify-full', NAMED, 'a wrong CA', mistaken, /authority that issued/],
  ])('are refused by us and by the tools with "%s" at %s and %s', async (sslMode, host, _title, tls, hint) => {
    const params = connection(sslMode, host, tls());
    await expect(driver.probe(params)).rejects.toMatchObject({ code: 'TLS_FAILED', hint: expect.stringMatching(hint) });
    await expect(dump(params)).rejects.toMatchObject({ code: expect.stringMatching(/^(DUMP|TLS)_FAILED$/) });
  });

  it('are refused with "verify-full" by another name', async () => {
    await expect(driver.probe(connection('verify-full', ADDRESS, trusting()))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      hint: expect.stringMatching(/name that the certificate is made out to.*verify-ca/),
    });
  });
});

describe('An account that demands a client certificate', () => {
  const user = (tls: TlsMaterial, sslMode: SslMode = 'verify-full'): ConnectionParams => ({
    ...connection(sslMode, NAMED, { ...trusting(), ...tls }),
    username: 'client',
    password: 'pw',
  });

  test.each(['prefer', 'require', 'verify-ca', 'verify-full'] as const)(
    'lets us and the tools in with it, and with "%s"',
    (sslMode) => roundTrip(user(mine, sslMode)),
  );

  it('cannot be told from a wrong password by who has none, but the hint says so', async () => {
    await expect(driver.probe(user({}))).rejects.toMatchObject({
      code: 'WRONG_CREDENTIALS',
      hint: expect.stringContaining('client certificate'),
    });
  });

  it('does not take one of an authority that the server does not know', async () => {
    await expect(driver.probe(user(await strangers.issue('client')))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      hint: expect.stringContaining('authority of the client certificate'),
    });
  });

  it('is not even asked when the material cannot be used', async () => {
    const { key } = await ours.issue('other');
    for (const unusable of [key, await encryptedKey(folder, mine.key, 'traditional')]) {
      await expect(driver.probe(user({ ...mine, key: unusable }))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/^ssl_key cannot be used\. The key (does not belong|is protected)/),
      });
    }
  });

  it('FAILURES 35: gets it from files that are ours alone, and gone afterwards', async () => {
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
