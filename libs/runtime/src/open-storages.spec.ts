import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import { readEnvironment } from '@app/config';
import { silentLogger, systemClock } from '@app/domain';
import { catalogPlace } from '../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../catalog/src/testing/catalog-matrix.js';
import { makeEarlierCatalog } from '../../catalog/src/testing/earlier-catalog.js';
import { openStorages } from './open-storages.js';

const writer = { run: 'this', pastRuns: new Set<string>() };

describe('the storages of a service', () => {
  let place: CatalogPlace;
  let home: string;
  let catalog: Catalog;

  /** Opens a catalog in which an earlier version has listed these folders. */
  async function givenFolders(folders: readonly string[]): Promise<void> {
    const options = { ...(await place.fresh()), clock: systemClock, logger: silentLogger };
    await makeEarlierCatalog(options, '0007-manifest-revisions');
    for (const folder of folders) {
      await place.run(options, `insert into folders (location, state) values ('${folder}', '2 state')`);
    }
    catalog = await openCatalog(options);
  }
  const open = (environment: Record<string, string>) =>
    openStorages(readEnvironment(environment, home), catalog, writer);

  beforeAll(async () => {
    place = await catalogPlace('sqlite');
  });
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'storages-')));
    for (const folder of ['backups/weekly', 'nas']) await mkdir(join(home, folder), { recursive: true });
  });
  afterEach(async () => {
    await catalog.close();
    await rm(home, { recursive: true });
  });
  afterAll(() => place.dispose());

  it('get what an earlier version has listed by paths, each service what lies in its own', async () => {
    await givenFolders([join(home, 'backups'), join(home, 'backups/weekly'), join(home, 'nas/gone'), '/elsewhere']);
    const here = await open({});
    expect(await catalog.seeing(() => here.storages.ids).backups.folders()).toEqual([
      { storageId: 'local', folder: '' },
      { storageId: 'local', folder: 'weekly' },
    ]);
    expect(await catalog.backups.unassigned()).toEqual([join(home, 'nas/gone'), '/elsewhere'].toSorted());
    const both = await open({ BACKUP_ALLOWED_DIRS: join(home, 'nas') });
    const [, nas = ''] = both.storages.ids;
    expect(await catalog.seeing(() => [nas]).backups.folders()).toEqual([{ storageId: nas, folder: 'gone' }]);
    expect(await catalog.backups.folderState({ storageId: 'local', folder: '' })).toBe('2 state');
    expect(await catalog.backups.unassigned()).toEqual(['/elsewhere']);
  });

  it('get what lies behind the link that names them, also while nothing is mounted there', async () => {
    await symlink(join(home, 'mnt/disk/kept'), join(home, 'link'));
    await givenFolders([join(home, 'mnt/disk/kept'), join(home, 'mnt/disk/kept/weekly'), join(home, 'mnt/disk/other')]);
    const { storages } = await open({ BACKUP_DIR: join(home, 'link/') });
    expect(await catalog.seeing(() => storages.ids).backups.folders()).toEqual([
      { storageId: 'local', folder: '' },
      { storageId: 'local', folder: 'weekly' },
    ]);
    expect(await catalog.backups.unassigned()).toEqual([join(home, 'mnt/disk/other')]);
  });

  it.each<[string, string, (path: string) => Record<string, string>]>([
    ['the folder above', 'weekly', (path) => ({ BACKUP_DIR: path })],
    ['a link to it', '', (path) => ({ BACKUP_DIR: join(path, 'link') })],
    ['the folder above and it', 'weekly', (path) => ({ BACKUP_DIR: path, BACKUP_ALLOWED_DIRS: join(path, 'weekly') })],
  ])('know their folders after the operator named %s instead', async (_, under, later) => {
    await givenFolders([]);
    const root = join(home, 'backups/weekly');
    await symlink(root, join(home, 'backups/link'));
    const before = await open({ BACKUP_DIR: root, BACKUP_ALLOWED_DIRS: join(home, 'nas') });
    const [local = '', nas = ''] = before.storages.ids;
    for (const folder of ['', 'a/b']) await catalog.backups.setFolderState({ storageId: local, folder }, '2 state');
    await catalog.backups.setFolderState({ storageId: nas, folder: 'c' }, '2 state');
    const { storages, locations } = await open(later(join(home, 'backups')));
    const [first = ''] = storages.ids;
    const known = await catalog.seeing(() => [first]).backups.folders();
    expect(known).toEqual([under, join(under, 'a/b')].map((folder) => ({ storageId: first, folder })));
    // They are what the locations of callers lead to.
    const named = join(storages.default.name, under);
    expect(await locations.forReading(named)).toMatchObject({ storageId: first, folder: under });
    expect(await catalog.backups.folderState({ storageId: first, folder: under })).toBeUndefined();
  });

  it('have ids of their own where two services on one catalog keep backups in different folders', async () => {
    await givenFolders([]);
    const one = await open({});
    const other = await open({ BACKUP_DIR: join(home, 'nas') });
    expect(one.storages.ids).toEqual(['local']);
    expect(other.storages.ids).toEqual([expect.stringMatching(/^local-/)]);
    expect((await open({})).storages.ids).toEqual(['local']);
  });
});
