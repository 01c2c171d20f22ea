import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactReader } from '@app/artifact';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import { silentLogger, systemClock } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { StorageIdentity } from '@app/storage';
import type { BackupLocations, StorageRegistry } from '@app/storage';
import { openLocalStorages } from '../../../storage/src/testing/open-local-storages.js';
import { BackupIndex } from '../inventory/backup-index.js';
import { CatalogCopies } from '../catalog-export/catalog-copies.js';
import { StorageSweep } from './storage-sweep.js';
import { FakeDriver } from '../testing/fake-driver.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';
import { testCopyKeys } from '../testing/test-copy-keys.js';

let home: string;
let root: string;
let catalog: Catalog;
let identity: StorageIdentity;
let locations: BackupLocations;
let storages: StorageRegistry;
let index: BackupIndex;
let mounted: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'storage-identity-'));
  root = join(home, 'backups');
  catalog = await openCatalog({ file: ':memory:', clock: systemClock, logger: silentLogger });
  identity = new StorageIdentity(catalog.storageRoots);
  mounted = [];
  ({ storages, locations } = openLocalStorages({
    defaultLocation: './backups',
    workingDirectory: home,
    identity,
    mounts: () => Promise.resolve(['/', home, ...mounted]),
  }));
  index = new BackupIndex({
    catalog,
    storages,
    reader: new ArtifactReader(storages),
    locations,
    signer: testSigner,
    drivers: new DriverRegistry([new FakeDriver()]),
  });
});
afterEach(async () => {
  await catalog.close();
  await rm(home, { recursive: true });
});

/** Makes a storage that was used, with one listed file. */
async function used(): Promise<void> {
  const location = await locations.forWriting(undefined);
  await writeFile(join(root, 'shop.sql'), '-- PostgreSQL database dump\n');
  await index.sync(location, 'thorough');
  expect(await rows()).toEqual(['shop.sql']);
}

const rows = async (): Promise<string[]> =>
  (await catalog.backups.page({ limit: 10 })).rows.map(({ filename }) => filename);

/** Simulates umount: the mount point is there, and empty. */
async function unmount(): Promise<void> {
  await rename(root, join(home, 'device'));
  await mkdir(root);
}

const missing = expect.objectContaining({
  code: 'STORAGE_MISSING',
  message: expect.stringContaining('its marker is missing, as when nothing is mounted there') as unknown,
  hint: expect.stringContaining('/api/settings/storage/accept') as unknown,
}) as unknown;

test('80: a storage that is not mounted is neither written to, nor listed as empty, nor swept, nor forgotten', async () => {
  await used();
  const location = await locations.forReading(undefined);
  await unmount();
  await expect(locations.forWriting(undefined)).rejects.toEqual(missing);
  await expect(locations.forReading(undefined)).rejects.toEqual(missing);
  await expect(locations.file('./backups/shop.sql')).rejects.toEqual(missing);
  if (location === undefined) throw new Error('unreachable');
  await expect(index.sync(location, 'thorough')).rejects.toEqual(missing);
  await index.syncEverywhere('thorough');
  expect((await index.page({ limit: 10 })).rows.map(({ filename }) => filename)).toEqual(['shop.sql']);
  await writeFile(join(root, 'x.sql.lease.partial'), '');
  await new StorageSweep(storages, silentLogger).run();
  const copies = new CatalogCopies({
    catalog,
    storage: storages.default,
    folder: join(root, '.catalog'),
    keys: testCopyKeys,
    clock: systemClock,
    logger: silentLogger,
  });
  await expect(copies.copy()).rejects.toEqual(missing);
  expect(await readdir(root)).toEqual(['x.sql.lease.partial']);
  expect(await rows()).toEqual(['shop.sql']);

  await rm(root, { recursive: true });
  await expect(locations.forWriting(undefined)).rejects.toMatchObject({
    code: 'STORAGE_MISSING',
    message: `The storage ${root} is not there.`,
  });
  await rename(join(home, 'device'), root);
  await locations.forWriting(undefined);
  await index.syncEverywhere('thorough');
  expect(await rows()).toEqual(['shop.sql']);
});

test('80: another storage in its place is refused too, until it is accepted', async () => {
  await used();
  await unmount();
  await writeFile(join(root, '.storage-id'), 'another\n');
  const other = new StorageIdentity(catalog.storageRoots);
  await expect(other.require(root)).rejects.toMatchObject({
    code: 'STORAGE_MISSING',
    message: `The storage ${root} is another one than was used before.`,
  });
  await identity.accept(root);
  await other.require(root);
  await locations.forWriting(undefined);
  await index.syncEverywhere('thorough');
  expect(await rows()).toEqual([]);
});

test('80: a mount below a root is a storage of its own, and is neither written to nor forgotten while it is away', async () => {
  const nas = join(root, 'nas');
  await used();
  await mkdir(nas);
  mounted = [nas];
  const location = await locations.forWriting('./backups/nas/weekly');
  await writeFile(join(nas, 'weekly', 'crm.sql'), '-- PostgreSQL database dump\n');
  await index.sync(location, 'thorough');
  expect(await readdir(nas)).toEqual(['.storage-id', 'weekly']);

  await rename(nas, join(home, 'device'));
  await mkdir(nas);
  mounted = [];
  const away = {
    code: 'STORAGE_MISSING',
    message: expect.stringContaining(`The storage ${nas} is not the one`) as string,
  };
  for (const path of ['./backups/nas', './backups/nas/weekly', './backups/nas/new']) {
    await expect(locations.forWriting(path)).rejects.toMatchObject(away);
    await expect(locations.forReading(path)).rejects.toMatchObject(away);
    await expect(locations.file(`${path}/crm.sql`)).rejects.toMatchObject(away);
  }
  await symlink('nas', join(root, 'link'));
  await expect(locations.forWriting('./backups/link/weekly')).rejects.toMatchObject(away);
  await index.syncEverywhere('thorough');
  expect(await rows()).toHaveLength(2);
  expect(await readdir(nas)).not.toContain('.storage-id');
  await locations.forWriting('./backups/other');

  await rm(nas, { recursive: true });
  await rename(join(home, 'device'), nas);
  expect((await locations.forWriting('./backups/nas/weekly')).folder).toBe('nas/weekly');
  await index.syncEverywhere('thorough');
  expect(await rows()).toHaveLength(2);
});

test('80: a mount below a root that is gone for good can be forgotten', async () => {
  const nas = join(root, 'nas');
  await used();
  await mkdir(nas);
  mounted = [nas];
  await locations.forWriting('./backups/nas');
  mounted = [];
  await rm(nas, { recursive: true });
  const another = new StorageIdentity(catalog.storageRoots);
  await another.knows(nas);
  await expect(locations.forWriting('./backups/nas')).rejects.toMatchObject({ code: 'STORAGE_MISSING' });
  await identity.forget(nas);
  expect(await catalog.storageRoots.paths()).toEqual([root]);
  await another.requireBelow(nas);
  await locations.forWriting('./backups/nas');
});

test('a folder below a root where nothing was mounted may come and go', async () => {
  await used();
  await locations.forWriting('./backups/weekly');
  await rm(join(root, 'weekly'), { recursive: true });
  await locations.forWriting('./backups/weekly');
  expect(await readdir(join(root, 'weekly'))).toEqual([]);
});

test('a storage that another service has marked is taken over as it is', async () => {
  await mkdir(root);
  await writeFile(join(root, '.storage-id'), 'shared\n');
  await locations.forWriting(undefined);
  expect(await catalog.storageRoots.identity(root)).toBe('shared');
  expect(await locations.forReading(undefined)).toBeDefined();
});
