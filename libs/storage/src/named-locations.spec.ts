import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStorage } from './artifact-storage.js';
import { NamedLocations, storageNameFault } from './named-locations.js';
import { localStorageAt, openLocalStorages } from './testing/open-local-storages.js';

describe('an address with the name of a storage', () => {
  let home: string;
  let locations: NamedLocations;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'named-'));
    await mkdir(join(home, 'away/shop'), { recursive: true });
    await writeFile(join(home, 'away/shop/a.sql'), 'dump');
    const { storages, locations: paths } = openLocalStorages({ defaultLocation: './backups', workingDirectory: home });
    const away = localStorageAt(join(home, 'away'));
    // A remote storage shows its files by its name.
    const offsite = new Proxy<ArtifactStorage>(away, {
      get: (target, key: keyof ArtifactStorage) => {
        if (key === 'id') return 'the-id';
        if (key === 'name') return 'offsite';
        if (key !== 'location') return typeof target[key] === 'function' ? target[key].bind(target) : target[key];
        return (folder: string) =>
          Promise.resolve({ storageId: 'the-id', folder, display: (name: string) => `offsite:${folder}/${name}` });
      },
    });
    storages.replaceAdded([offsite]);
    locations = new NamedLocations(storages, paths);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('leads to a folder or a file in it', async () => {
    expect(await locations.forWriting('offsite:')).toMatchObject({ storageId: 'the-id', folder: '' });
    expect(await locations.forWriting('offsite:shop/')).toMatchObject({ storageId: 'the-id', folder: 'shop' });
    expect(await locations.forReading('offsite:shop')).toMatchObject({ storageId: 'the-id', folder: 'shop' });
    expect(locations.folderMeant('offsite:shop')).toEqual({ storageId: 'the-id', folder: 'shop' });
    expect(await locations.file('offsite:shop/a.sql')).toMatchObject({
      ...{ storageId: 'the-id', key: 'shop/a.sql', filename: 'a.sql', display: 'offsite:shop/a.sql' },
    });
    await expect(locations.file('offsite:shop/b.sql')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await expect(locations.file('offsite:')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it.each(['offsite:../x', 'offsite:/etc', 'offsite:a//b', 'offsite:./a', 'offsite:a/..', 'offsite:a\0b'])(
    'is refused as %j, which is no key',
    async (address) => {
      await expect(locations.forWriting(address)).rejects.toMatchObject({ code: 'INVALID_PATH' });
      await expect(locations.file(address)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    },
  );

  it('leaves every path to the folders of the machine, also one with a colon', async () => {
    expect(await locations.forWriting(undefined)).toMatchObject({ storageId: 'local', folder: '' });
    expect(await locations.forWriting('./backups/a:b')).toMatchObject({ storageId: 'local', folder: 'a:b' });
  });

  it('says so when there is no storage of its name', async () => {
    const message = 'There is no storage "elsewhere".';
    await expect(locations.forWriting('elsewhere:x')).rejects.toMatchObject({ code: 'INVALID_PATH', message });
    await expect(locations.forReading('elsewhere:')).rejects.toMatchObject({ message });
    await expect(locations.file('elsewhere:a.sql')).rejects.toMatchObject({ message });
  });
});

describe('the name of a storage', () => {
  it.each(['offsite', 's3', 'a-b_c9'])('may be %j', (name) => expect(storageNameFault(name)).toBeUndefined());
  it.each(['', 'c', 'Offsite', '9lives', 'a:b', 'a/b', 'local', 'local-2', 'x'.repeat(64)])('must not be %j', (name) =>
    expect(storageNameFault(name)).toMatch(/^must /),
  );
});
