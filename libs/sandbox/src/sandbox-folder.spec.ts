import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxFolder } from './sandbox-folder.js';
import { installedMariadb, startMariadb } from './mariadb.js';
import { installedPostgres, postgresAccount, startPostgres } from './postgres.js';

describe('the folder of throwaway servers', () => {
  let home: string;
  const foreign = { uid: 4242, gid: 4242 };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sf-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('is the preferred one, closed to others, when servers run as the account of the service', async () => {
    const folder = join(home, 'servers');
    expect(await sandboxFolder(folder, {})).toBe(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('is open to the account of the servers when that can reach it', async () => {
    await chmod(home, 0o711);
    const folder = join(home, 'servers');
    expect(await sandboxFolder(folder, foreign)).toBe(folder);
    expect((await stat(folder)).mode & 0o7777).toBe(0o1777);
  });

  it('is the one for temporary files when that account cannot reach the data of the service', async () => {
    await chmod(home, 0o700);
    expect(await sandboxFolder(join(home, 'servers'), foreign)).toBe(tmpdir());
    expect((await stat(join(home, 'servers'))).mode & 0o777).toBe(0o700);
  });

  it('is the one for temporary files when its own path is too long for the socket of a server', async () => {
    await chmod(home, 0o711);
    const folder = join(home, 'a'.repeat(60));
    expect(await sandboxFolder(folder, {})).toBe(tmpdir());
    expect(await sandboxFolder(folder, foreign)).toBe(tmpdir());
  });

  it.each([
    ['PostgreSQL', installedPostgres, startPostgres],
    ['MariaDB', installedMariadb, startMariadb],
  ])('holds a %s of the version that its programs have told before', async (flavour, installed, start) => {
    const [found] = await installed();
    expect(found).toMatchObject({ flavour, version: expect.stringMatching(/^\d+\.\d+/) });
    if (found === undefined) return;
    await chmod(home, 0o711);
    // The path has the greatest permitted length.
    const folder = await sandboxFolder(join(home, 'x'.repeat(Math.max(1, 54 - home.length))), await postgresAccount());
    await using server = await start({ installed: found, folder });
    expect(server.socketDirectory.startsWith(folder)).toBe(true);
  });
});
