import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { BackupLocations, LocalStorage } from '@app/storage';
import { BackupListing } from '../backup-listing.js';
import { BackupRunner } from '../backup-runner.js';
import { Operations } from '../operations.js';
import { RestoreRunner } from '../restore-runner.js';
import { Retention } from '../retention.js';
import { FakeDriver } from './fake-driver.js';

export const shop: ConnectionParams = {
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'u',
  password: 'secret',
  sslMode: 'prefer',
};

/** The engine over a fake driver and a real folder. `clock.time` is the time; it stands still unless set. */
export async function engineBench(options: { storage?: LocalStorage; retention?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const driver = new FakeDriver();
  const drivers = new DriverRegistry([driver]);
  const storage = options.storage ?? new LocalStorage();
  const locations = new BackupLocations({ defaultLocation: './backups', workingDirectory: folder });
  const operations = new Operations();
  const clock = { time: new Date(2026, 10, 22, 10, 15, 0), now: () => clock.time };
  const logger = silentLogger;
  const retention = new Retention(storage, options.retention ?? 3, logger);
  const defaults = { format: 'plain', compression: 'none' } as const;
  const shared = { drivers, storage, locations, operations, clock, logger };
  const backups = new BackupRunner({ ...shared, retention, defaults });
  return {
    folder,
    backupFolder: join(folder, 'backups'),
    driver,
    clock,
    operations,
    backups,
    listing: new BackupListing(storage, locations, drivers),
    restores: new RestoreRunner({ ...shared, backups }),
    /** Names in the backup folder, sorted. */
    files: async () => (await readdir(join(folder, 'backups')).catch(() => [])).toSorted(),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

export type EngineBench = Awaited<ReturnType<typeof engineBench>>;
