import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import type { ConnectionParams, SslMode } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { MysqlDriver } from '../mysql-driver.js';
import { withSession } from './mysql-session.js';

jest.setTimeout(60_000);

const FIXTURES = join(__dirname, '../../../../../test/fixtures/mariadb-tls');
/** The certificate is made out to this name, and not to the address behind it. */
const NAMED = 'localhost';

let server: SandboxServer;
let folder: string;
let driver: MysqlDriver;
const trusted = tls.getCACertificates('default');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mysql-tls-'));
  await chmod(folder, 0o755);
  // The server runs as another user, who may not be able to read the sources.
  const settings: Record<string, string> = {};
  for (const [setting, file] of Object.entries({
    'ssl-ca': 'authority.pem',
    'ssl-cert': 'server.pem',
    'ssl-key': 'server-key.pem',
  })) {
    await copyFile(join(FIXTURES, file), join(folder, file));
    await chmod(join(folder, file), 0o644);
    settings[setting] = join(folder, file);
  }
  server = await startMariadb({ settings });
  driver = new MysqlDriver({ runtimeDir: join(folder, 'runtime') });
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const connection = (sslMode: SslMode, host = NAMED): ConnectionParams => ({
  ...server.connection('mysql'),
  host,
  sslMode,
});

const cipher = (params: ConnectionParams): Promise<string> =>
  withSession(params, {}, async (session) => {
    const { Value } = await session.row<{ Value: string }>(`SHOW STATUS LIKE 'Ssl_cipher'`);
    return Value;
  });

async function dump(params: ConnectionParams): Promise<string> {
  const plan = await driver.prepareDump({ connection: params, format: 'plain', tools: {} });
  const running = await driver.startDump(plan, new AbortController().signal);
  const output = await text(running.output);
  await running.completed;
  return output;
}

describe('A server with TLS', () => {
  it.each([
    ['disable', false],
    ['prefer', true],
    ['require', true],
  ] as const)(
    'is used with ssl mode %s: encrypted %s, and the tools get along (FAILURES 28)',
    async (mode, encrypted) => {
      expect((await cipher(connection(mode))) !== '').toBe(encrypted);
      expect(await dump(connection(mode))).toContain('-- Dump completed');
    },
  );

  it('is refused by verify-full as long as nobody vouches for it, and by another name than its own', async () => {
    await expect(driver.probe(connection('verify-full'))).rejects.toMatchObject({ code: 'TLS_FAILED' });
    tls.setDefaultCACertificates([...trusted, await readFile(join(FIXTURES, 'authority.pem'), 'utf8')]);
    expect(await cipher(connection('verify-full'))).not.toBe('');
    expect(await dump(connection('verify-full'))).toContain('-- Dump completed');
    await expect(driver.probe(connection('verify-full', '127.0.0.1'))).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });

  it('that wants every login encrypted says so', async () => {
    await withSession(connection('require'), {}, async (session) => {
      await session.run(`CREATE USER tls@'%' IDENTIFIED BY 'pw' REQUIRE SSL`);
      await session.run(`GRANT SELECT ON mysql.* TO tls@'%'`);
    });
    const user = { username: 'tls', password: 'pw' };
    await expect(driver.probe({ ...connection('prefer'), ...user })).resolves.toBeDefined();
    await expect(driver.probe({ ...connection('disable'), ...user })).rejects.toMatchObject({
      code: 'WRONG_CREDENTIALS',
    });
  });
});
