import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@app/domain';
import type { ConnectionParams, Manifest } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import type { InstalledServer, SandboxOptions, SandboxServer } from '@app/sandbox';
import { VerificationServers } from './verification-servers.js';
import type { VerificationServersParts } from './verification-servers.js';
import { FakeDriver } from '../testing/fake-driver.js';

const never = new AbortController().signal;
const postgres = (version: string): InstalledServer => ({
  flavour: 'PostgreSQL',
  version,
  versionParts: version.split('.').map(Number),
  programs: ['initdb', version],
});
const manifest = (more: Partial<Manifest> = {}): Manifest =>
  ({
    db_type: 'PostgreSQL',
    server: { flavour: 'PostgreSQL', version: '15.1' },
    dump_size: 1000,
    database_settings: {},
    ...more,
  }) as Manifest;

describe('the verification server', () => {
  let folder: string;
  let driver: FakeDriver;
  let started: SandboxOptions[];
  let running: number;
  let installed: InstalledServer[];

  const servers = (more: Partial<VerificationServersParts> = {}) =>
    new VerificationServers({
      drivers: new DriverRegistry([driver]),
      clock: { now: () => new Date() },
      logger: silentLogger,
      folder: join(folder, 'servers'),
      runs: { run: 'cafe0000-this', pastRuns: new Set(['deadbeef-before']) },
      sandbox: {
        installed: () => Promise.resolve(installed),
        account: () => Promise.resolve({}),
        start: (_dbType, options) => {
          started.push(options);
          running += 1;
          return Promise.resolve({
            connection: (database: string): ConnectionParams => connectionTo(database),
            stop: () => Promise.resolve(void (running -= 1)),
          } as SandboxServer);
        },
      },
      ...more,
    });
  const connectionTo = (database: string): ConnectionParams => ({
    ...{ dbType: 'PostgreSQL', host: 'verification', port: 1, database, username: 'u', password: 'p' },
    sslMode: 'disable',
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-'));
    driver = new FakeDriver();
    [started, running, installed] = [[], 0, [postgres('15.3')]];
  });
  afterEach(async () => {
    expect(running).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    [['17.1', '15.9', '13.2'], '15.9'],
    [['13.2', '18.0', '16.4'], '16.4'],
    [['15.2', '15.9'], '15.9'],
  ])('is the nearest installed one that is not older (of %j): %s', async (versions, chosen) => {
    installed = versions.map(postgres);
    await using server = await servers().open(manifest(), never);
    expect(server.throwaway).toBe(true);
    expect(started).toMatchObject([{ installed: { version: chosen }, folder: join(folder, 'servers') }]);
  });

  it.each<[string, string[], Partial<Manifest>, RegExp]>([
    ['nothing is installed', [], {}, /no PostgreSQL server programs are installed/],
    [
      'only older ones are installed',
      ['14.9', '13.1'],
      {},
      /backup is of PostgreSQL 15\.1, and installed is only PostgreSQL 14\.9, PostgreSQL 13\.1/,
    ],
    [
      'only another product is installed',
      ['15.3'],
      { server: { flavour: 'MySQL', version: '8.0.36' } },
      /of MySQL 8\.0\.36, and installed is only PostgreSQL 15\.3/,
    ],
    ['it is too big for the disk', ['15.3'], { dump_size: 1e18 }, /needs about .* and .* are free/],
  ])('is missing where %s, and the error says what to do', async (_what, versions, more, words) => {
    installed = versions.map(postgres);
    const failure = await servers()
      .open(manifest(more), never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(words),
      hint: expect.stringMatching(/VERIFY_POSTGRES_URL/),
    });
    expect(started).toEqual([]);
  });

  it('serves one verification at a time, and a caller who gives up waiting holds nobody up', async () => {
    const all = servers();
    const order: string[] = [];
    const first = await all.open(manifest(), never);
    const cancel = new AbortController();
    const second = all.open(manifest(), cancel.signal).catch((error: unknown) => error);
    const third = all.open(manifest(), never).then((server) => {
      order.push('third');
      return server;
    });
    cancel.abort();
    expect(await second).toMatchObject({ code: 'CANCELLED' });
    expect(started).toHaveLength(1);
    order.push('first ends');
    await first[Symbol.asyncDispose]();
    await (await third)[Symbol.asyncDispose]();
    expect(order).toEqual(['first ends', 'third']);
  });

  it('that fails to start does not block the next one', async () => {
    const all = servers();
    driver.probe = () => Promise.reject(new Error('odd'));
    await expect(all.open(manifest(), never)).rejects.toThrow('odd');
    expect(running).toBe(0);
    driver.probe = new FakeDriver().probe;
    await using _server = await all.open(manifest(), never);
    expect(running).toBe(1);
  });

  it('is created in a folder that holds nothing of an earlier one', async () => {
    const verificationServers = join(folder, 'servers');
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const name of ['backup-sandbox-postgres-dead', 'backup-sandbox-postgres-alive', 'mine']) {
      await mkdir(join(verificationServers, name, 'data'), { recursive: true });
      const pid = name.endsWith('alive') ? process.pid : 2 ** 30;
      await writeFile(join(verificationServers, name, 'data', 'postmaster.pid'), `${pid}\n/data\n`);
      await utimes(join(verificationServers, name), old, old);
    }
    await mkdir(join(verificationServers, 'backup-sandbox-postgres-young'));
    await using _server = await servers().open(manifest(), never);
    expect((await readdir(verificationServers)).toSorted()).toEqual([
      ...['backup-sandbox-postgres-alive', 'backup-sandbox-postgres-young', 'mine'],
    ]);
    expect((await stat(verificationServers)).isDirectory()).toBe(true);
  });

  describe('named by a setting', () => {
    const named = () => servers({ named: { PostgreSQL: connectionTo('postgres') } });

    it('is used even where server programs are installed, and only its verification database is created and dropped', async () => {
      const server = await named().open(manifest(), never);
      expect(server.throwaway).toBe(false);
      const { database } = await server.freshDatabase({});
      expect(database).toMatch(/^verify_[0-9a-f]{8}_[0-9a-z]+_[0-9a-f]{8}$/);
      expect([...driver.databases.keys()]).toEqual(['shop', database]);
      const again = await server.freshDatabase({});
      expect([...driver.databases.keys()]).toEqual(['shop', again.database]);
      await server[Symbol.asyncDispose]();
      expect([...driver.databases.keys()]).toEqual(['shop']);
      expect(started).toEqual([]);
    });

    it('is cleared at once of what a crashed run of this service left there', async () => {
      const left = await (await named().open(manifest(), never)).freshDatabase({});
      const foreign = `verify_00000000_${Date.now().toString(36)}_00000000`;
      driver.databases.set(foreign, '');
      await using _server = await named().open(manifest(), never);
      expect(driver.databases.has(left.database)).toBe(false);
      expect(driver.databases.has(foreign)).toBe(true);
    });

    it.each<[string, Partial<Manifest>]>([
      ['older', { server: { flavour: 'PostgreSQL', version: '16.0' } }],
      ['another product', { server: { flavour: 'MySQL', version: '8.0' } }],
    ])('cannot be used where it is %s', async (_what, more) => {
      await expect(named().open(manifest(more), never)).rejects.toMatchObject({
        message: expect.stringMatching(/the server of VERIFY_POSTGRES_URL is PostgreSQL 15\.1, and the backup is of/),
      });
    });
  });
});
