import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import { readEnvironment } from '@app/config';
import { silentLogger, systemClock } from '@app/domain';
import { StorageIdentity } from '@app/storage';
import { openLocalStorages } from '../../../../libs/storage/src/testing/open-local-storages.js';
import { SettingsService } from './settings.service.js';

describe('80: accept of a mount below a folder of backups', () => {
  let home: string;
  let nas: string;
  let catalog: Catalog;
  let settings: SettingsService;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'settings-'));
    nas = join(home, 'backups', 'nas');
    catalog = await openCatalog({ file: ':memory:', clock: systemClock, logger: silentLogger });
    const identity = new StorageIdentity(catalog.storageRoots);
    const mounts = () => Promise.resolve([nas]);
    const { locations, storages, sites } = openLocalStorages({
      ...{ defaultLocation: './backups', workingDirectory: home, identity, mounts },
    });
    await locations.forWriting('./backups/nas');
    const none = undefined as never;
    settings = new SettingsService(readEnvironment({}, home), catalog, '1', none, locations, storages, sites, none);
  });
  afterEach(async () => {
    await catalog.close();
    await rm(home, { recursive: true });
  });

  it('forgets one that is gone for good, and no other', async () => {
    expect(await settings.accept('./backups/nas')).toBe('accepted');
    expect(await catalog.storageRoots.paths()).toContain(nas);
    await rm(nas, { recursive: true });
    expect(await settings.accept('./backups/nas')).toBe('forgotten');
    expect(await catalog.storageRoots.paths()).toEqual([join(home, 'backups')]);
    await expect(settings.accept('./backups/nas')).rejects.toMatchObject({ code: 'INVALID_PATH' });
  });

  it('forgets none while the folder above it is away itself', async () => {
    await rm(join(home, 'backups'), { recursive: true });
    await mkdir(join(home, 'backups'));
    await expect(settings.accept('./backups/nas')).rejects.toMatchObject({ code: 'STORAGE_MISSING' });
    expect(await catalog.storageRoots.paths()).toContain(nas);
  });
});
