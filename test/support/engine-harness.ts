import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import { BackupListing, BackupRunner, Operations, RestoreRunner, Retention } from '@app/engine';
import type { BackupRequest, RestoreRequest } from '@app/engine';
import { BackupLocations, LocalStorage } from '@app/storage';

/** The engine as the service wires it, over the real drivers, in a folder of its own. */
export async function startEngine() {
  const home = await mkdtemp(join(tmpdir(), 'engine-e2e-'));
  const runtimeDir = join(home, 'run');
  const drivers = new DriverRegistry([new PostgresDriver({ runtimeDir }), new MysqlDriver({ runtimeDir })]);
  const storage = new LocalStorage();
  const locations = new BackupLocations({ defaultLocation: './backups', workingDirectory: home });
  const operations = new Operations();
  const shared = { drivers, storage, locations, operations, clock: systemClock, logger: silentLogger };
  const backups = new BackupRunner({
    ...shared,
    retention: new Retention(storage, 100, silentLogger),
    defaults: { format: 'plain', compression: 'none' },
  });
  const restores = new RestoreRunner({ ...shared, backups });
  return {
    drivers,
    operations,
    runtimeDir,
    backupFolder: join(home, 'backups'),
    listing: new BackupListing(storage, locations, drivers),
    backup: (connection: ConnectionParams, more: Partial<BackupRequest> = {}) =>
      backups.run({ connection, kind: 'manual', tools: {}, ...more }),
    restore: (connection: ConnectionParams, file: string, more: Partial<RestoreRequest> = {}) =>
      restores.run({ connection, file, skipOwnership: false, tools: {}, ...more }),
    /** What tools and operations may have left: secret files and partial artifacts. */
    leftovers: async () => {
      const secrets = await readdir(runtimeDir).catch(() => []);
      const files = await readdir(join(home, 'backups')).catch(() => []);
      return [...secrets, ...files.filter((name) => name.endsWith('.partial'))];
    },
    stop: async () => {
      await operations.shutdown(0);
      await rm(home, { recursive: true, force: true });
    },
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;
