import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupLocations } from '../backup-locations.js';
import { openLocalStorages } from '../testing/open-local-storages.js';
import { idOfFolder } from './local-roots.js';

describe('backup locations', () => {
  let home: string;
  let locations: BackupLocations;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'locations-')));
    await mkdir(join(home, 'outside'));
    await writeFile(join(home, 'outside', 'secret.sql'), 'x');
    ({ locations } = openLocalStorages({ defaultLocation: './backups', workingDirectory: home }));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('shows paths as the specification does when the default is relative', async () => {
    for (const given of [undefined, './backups', 'backups', './backups/', './backups/../backups']) {
      const location = await locations.forWriting(given);
      expect(location).toMatchObject({ storageId: 'local', folder: '' });
      expect(location.display('a.sql')).toBe('./backups/a.sql');
    }
    expect((await locations.forWriting('./backups/weekly')).display('a.sql')).toBe('./backups/weekly/a.sql');
  });

  it('shows absolute paths when the default is absolute', async () => {
    const { locations: absolute } = openLocalStorages({
      defaultLocation: join(home, 'backups'),
      workingDirectory: home,
    });
    expect((await absolute.forWriting(undefined)).display('a.sql')).toBe(join(home, 'backups/a.sql'));
  });

  it('finds the address of a folder by its real path, shows it in the form of its root, and finds none that is gone or in no root', async () => {
    await symlink(join(home, 'outside'), join(home, 'linked'));
    const { storages, addressOf } = openLocalStorages({ defaultLocation: './linked', workingDirectory: home });
    await mkdir(join(home, 'outside/weekly'));
    await symlink('weekly', join(home, 'outside/link'));
    const weekly = { storageId: 'local', folder: 'weekly' };
    expect(await addressOf(join(home, 'outside/weekly'))).toEqual(weekly);
    expect(await addressOf(join(home, 'backups'))).toBeUndefined();
    expect((await storages.location(weekly))?.display('a.sql')).toBe('./linked/weekly/a.sql');
    for (const folder of ['none', 'link']) {
      expect(await storages.location({ storageId: 'local', folder })).toBeUndefined();
    }
    expect(await storages.location({ storageId: 'other', folder: 'weekly' })).toBeUndefined();
    for (const folder of ['..', '../backups', '/etc', 'weekly/..', './weekly', 'a\0']) {
      await expect(storages.location({ storageId: 'local', folder })).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  it('gives each root an id that does not depend on the order of the settings, and keeps "local" for the first one that had it', () => {
    const ids = (first: string, others: string[], holder?: string) =>
      openLocalStorages({
        ...{ defaultLocation: first, allowedRoots: others, workingDirectory: home },
        ...(holder === undefined ? {} : { holder }),
      }).storages.ids;
    expect(ids('/a', ['/b', '/c', '/b'])).toEqual(['local', idOfFolder('/b'), idOfFolder('/c')]);
    expect(ids('/a', ['/c', '/b'])).toEqual(['local', idOfFolder('/c'), idOfFolder('/b')]);
    expect(ids('/b', ['/a'], '/a')).toEqual([idOfFolder('/b'), 'local']);
  });

  it('accepts further roots of the operator', async () => {
    const { locations: more } = openLocalStorages({
      defaultLocation: './backups',
      allowedRoots: [join(home, 'outside')],
      workingDirectory: home,
    });
    expect((await more.file(join(home, 'outside/secret.sql'))).filename).toBe('secret.sql');
    expect(await more.forWriting(join(home, 'outside/new'))).toMatchObject({
      storageId: idOfFolder(join(home, 'outside')),
      folder: 'new',
    });
  });

  const tricks = [
    '..',
    '../outside',
    './backups/../../outside',
    '/etc',
    '/',
    './backups-evil',
    'backups/\0/x',
    '',
    '   ',
    `./backups/${'x'.repeat(5000)}`,
  ];

  it.each(tricks)('refuse %j, and create nothing', async (trick) => {
    for (const attempt of [
      () => locations.forWriting(trick),
      () => locations.forReading(trick),
      () => locations.file(trick),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_PATH' });
    }
    expect(await readdir(home)).toEqual(['outside']);
  });

  it('treat a percent-encoded path as an ordinary name', async () => {
    expect((await locations.forWriting('./backups/%2e%2e')).folder).toBe('%2e%2e');
    await expect(locations.file('./backups/%2e%2e/%2e%2e/outside/secret.sql')).rejects.toMatchObject({
      code: 'BACKUP_NOT_FOUND',
    });
  });

  it('refuse a name that is too long for the file system', async () => {
    await expect(locations.forWriting(`./backups/${'x'.repeat(300)}`)).rejects.toMatchObject({ code: 'INVALID_PATH' });
  });

  it('follow links before they judge', async () => {
    await mkdir(join(home, 'backups/real'), { recursive: true });
    await writeFile(join(home, 'backups/real/a.sql'), 'x');
    await symlink(join(home, 'outside'), join(home, 'backups/link'));
    await symlink(join(home, 'outside/secret.sql'), join(home, 'backups/file.sql'));
    await symlink('real', join(home, 'backups/good'));
    await expect(locations.forWriting('./backups/link')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.forWriting('./backups/link/new')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.forReading('./backups/link')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.file('./backups/link/secret.sql')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.file('./backups/link/none.sql')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.forReading('./backups/link/none')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.file('./backups/file.sql')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    expect(await readdir(join(home, 'outside'))).toEqual(['secret.sql']);
    expect(await locations.file('./backups/good/a.sql')).toMatchObject({
      ...{ storageId: 'local', key: 'real/a.sql' },
      display: './backups/good/a.sql',
    });
  });

  it('accept a root that is itself a link, as the operator chose it', async () => {
    await symlink(join(home, 'outside'), join(home, 'backups'));
    expect((await locations.file('./backups/secret.sql')).key).toBe('secret.sql');
  });

  it('distinguish a missing default folder from a wrong location', async () => {
    expect(await locations.forReading(undefined)).toBeUndefined();
    expect(await locations.forReading('./backups')).toBeUndefined();
    await expect(locations.forReading('./backups/typo')).rejects.toMatchObject({ code: 'LOCATION_NOT_FOUND' });
    await expect(locations.file('./backups/none.sql')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('distinguish files from folders', async () => {
    await mkdir(join(home, 'backups/folder'), { recursive: true });
    await writeFile(join(home, 'backups/file'), 'x');
    await expect(locations.file('./backups/folder')).rejects.toMatchObject({
      code: 'INVALID_PATH',
      message: 'backup_file_path is a folder.',
      hint: expect.stringContaining('tar -cf dump.tar FOLDER') as string,
    });
    await expect(locations.forReading('./backups/file')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.forWriting('./backups/file/new')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(locations.file('./backups/file/x.sql')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('name the file that was probably meant when there is none of a name', async () => {
    const home = await mkdtemp(join(tmpdir(), 'nearest-'));
    try {
      await mkdir(join(home, 'backups'));
      for (const name of ['shop_20231220_120000.sql', 'shop_20231220_120000.sql.manifest.json', 'crm.sql']) {
        await writeFile(join(home, 'backups', name), 'x');
      }
      const { locations } = openLocalStorages({ defaultLocation: './backups', workingDirectory: home });
      const hintOf = async (input: string): Promise<unknown> =>
        locations.file(input).then(
          () => undefined,
          (error: { hint?: string }) => error.hint,
        );
      const meant = 'Did you mean ./backups/shop_20231220_120000.sql? GET /api/backups lists the files that there are.';
      expect(await hintOf('./backups/shop_20231220_120001.sql')).toBe(meant);
      expect(await hintOf('./backups/weekly/shop_20231220_120000.sql')).toBe(meant);
      expect(await hintOf('./backups/Shop-20231220-120000.sql')).toBe(meant);
      const elsewhere = /^Did you mean \.\/backups\/shop_20231220_120000\.sql\? Use a path inside \.\/backups,/;
      for (const folder of ['', './', './backup/', '/backups/', '../backups/', '~/']) {
        expect(await hintOf(`${folder}shop_20231220_120000.sql`)).toMatch(elsewhere);
      }
      for (const other of ['../../etc/passwd', '', '..', '/', 'x\0', 'y'.repeat(5_000)]) {
        expect(await hintOf(other)).not.toMatch(/Did you mean/);
      }
      expect(await hintOf('./backups/other.dump')).toBe('GET /api/backups lists the files that there are.');
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
