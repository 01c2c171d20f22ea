import { mkdir, mkdtemp, realpath, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { ArtifactReader } from '@app/artifact';
import { DriverRegistry } from '@app/drivers';
import { BackupIndex } from '../inventory/backup-index.js';
import { BackupListing } from '../listing/backup-listing.js';
import { RetentionService } from '../retention/retention.js';
import { openLocalStorages } from '../../../storage/src/testing/open-local-storages.js';
import { FakeDriver } from './fake-driver.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';
import { WatchedStorage } from './watched-storage.js';

/** Makes the parts that keep and list backups, with real folders and the given catalog. `second` is another backup root. */
export async function dataFixture(catalog: Catalog) {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'data-')));
  const folder = join(home, 'backups');
  const second = join(home, 'second');
  await mkdir(folder);
  await mkdir(second);
  const made: WatchedStorage[] = [];
  const { storages, locations, addressOf } = openLocalStorages({
    defaultLocation: './backups',
    allowedRoots: [second],
    workingDirectory: home,
    create: (parts) => made[made.push(new WatchedStorage(parts)) - 1] as WatchedStorage,
  });
  const storage = made[0] as WatchedStorage;
  const drivers = new DriverRegistry([new FakeDriver()]);
  const clock = { time: new Date('2026-11-22T10:00:00Z'), now: () => clock.time };
  const index = new BackupIndex({
    catalog,
    storages,
    reader: new ArtifactReader(storages),
    signer: testSigner,
    locations,
    drivers,
  });
  const retention = new RetentionService({
    catalog,
    storages,
    signer: testSigner,
    index,
    clock,
    logger: silentLogger,
    defaultPolicy: { keepLast: 3 },
    timezone: 'UTC',
  });
  const locate = async (of: string) => {
    const folder = await addressOf(of);
    const location = folder && (await storages.location(folder));
    if (folder === undefined || location === undefined) throw new Error(`${of} is no backup folder`);
    return location;
  };
  const times = new Map<string, Date>();
  return {
    catalog,
    home,
    folder,
    second,
    storage,
    storages,
    locations,
    clock,
    index,
    listing: new BackupListing({ index, storages, locations }),
    retention,
    /** The backups that retention reported as removed. */
    locate,
    sync: async (of = folder) => index.sync(await locate(of)),
    /** Makes the last change of the folder look old, so that its state can be trusted. Each call is another change. */
    makeOld: async (of = folder) => {
      const time = new Date((times.get(of) ?? new Date('2026-01-01T00:00:00Z')).getTime() + 60_000);
      times.set(of, time);
      await utimes(of, time, time);
    },
    /** Makes the folder look unchanged since the last call of `makeOld`. */
    restoreTime: async (of = folder) => {
      const time = times.get(of) ?? new Date(0);
      await utimes(of, time, time);
    },
    dispose: async () => {
      await catalog.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export type DataFixture = Awaited<ReturnType<typeof dataFixture>>;
