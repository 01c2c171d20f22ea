import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import { silentLogger, systemClock } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import type { MysqlDriverOptions } from '@app/drivers';
import {
  BackupIndex,
  BackupListing,
  BackupRemoval,
  BackupRunner,
  BackupVerification,
  CatalogJournal,
  databaseKey,
  RestoreRunner,
  RestoredVerification,
  RetentionService,
  VerificationServers,
} from '@app/core';
import type { BackupRequest, VerifiableLevel, RestoreRequest, VerificationServersParts } from '@app/core';
import { EventLog } from '@app/jobs';
import { BackupLocations, LocalStorage } from '@app/storage';
import { catalogEnvironment } from './catalog-server.js';
import { QuietWork } from '../../libs/core/src/testing/quiet-work.js';
import { testSigner } from '../../libs/core/src/testing/test-signer.js';

/** The engine as the service wires it, over the real drivers, in a folder of its own. */
export async function startEngine(
  options: { verificationServers?: Partial<VerificationServersParts>; mysql?: Partial<MysqlDriverOptions> } = {},
) {
  const home = await mkdtemp(join(tmpdir(), 'engine-e2e-'));
  const runtimeDir = join(home, 'run');
  const drivers = new DriverRegistry([
    new PostgresDriver({ runtimeDir }),
    new MysqlDriver({ runtimeDir, ...options.mysql }),
  ]);
  const storage = new LocalStorage();
  const locations = new BackupLocations({ defaultLocation: './backups', workingDirectory: home });
  const common = { storage, signer: testSigner, locations, clock: systemClock, logger: silentLogger };
  const { CATALOG_URL: url } = await catalogEnvironment(home);
  const catalog = await openCatalog({ url, ...common });
  const index = new BackupIndex({ ...common, catalog, drivers });
  const runs = { run: randomUUID(), pastRuns: new Set<string>() };
  const verificationServers = new VerificationServers({
    ...common,
    drivers,
    runs,
    folder: join(home, 'scratch'),
    ...options.verificationServers,
  });
  const restored = new RestoredVerification({ drivers, verificationServers, tools: () => Promise.resolve({}) });
  const verification = new BackupVerification({ ...common, index, restored });
  const retention = new RetentionService({
    ...common,
    catalog,
    index,
    defaultPolicy: { keepLast: 100 },
    timezone: 'UTC',
  });
  const strict = new RetentionService({ ...common, catalog, index, defaultPolicy: { keepLast: 1 }, timezone: 'UTC' });
  const defaults = { format: 'plain', compression: 'none' } as const;
  const backups = new BackupRunner({ ...common, drivers, catalog, index, verification, retention, defaults });
  const removal = new BackupRemoval({ ...common, catalog, index, events: new EventLog() });
  const restores = new RestoreRunner({
    ...common,
    catalog,
    runtimeDir,
    drivers,
    backups,
    removal,
    verification,
    undoMs: 0,
  });
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  const started = <T>(work: Promise<T>): Promise<T> => {
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    running.add(ended);
    void ended.then(() => running.delete(ended));
    return work;
  };
  return {
    drivers,
    runtimeDir,
    backupFolder: join(home, 'backups'),
    listing: new BackupListing({ index, locations }),
    backup: (connection: ConnectionParams, more: Partial<BackupRequest> = {}) =>
      started(backups.run({ connection, kind: 'manual', tools: {}, ...more }, new QuietWork(ending.signal))),
    restore: (connection: ConnectionParams, file: string, more: Partial<RestoreRequest> = {}) =>
      started(
        restores.run(
          { connection, file, skipOwnership: false, tools: {}, ...more },
          new QuietWork(ending.signal),
          new CatalogJournal(catalog, randomUUID()),
        ),
      ),
    plan: (connection: ConnectionParams, file: string, more: Partial<RestoreRequest> = {}) =>
      started(
        restores.plan({ connection, file, skipOwnership: false, tools: {}, ...more }, new QuietWork(ending.signal)),
      ),
    /** `path` as a backup's record shows it. */
    verify: (path: string, level: VerifiableLevel, work = new QuietWork(ending.signal)) =>
      started(locations.file(path).then((file) => verification.verify(file.path, level, work))),
    /** Applies retention that keeps one backup, after `made`. Which of those that count are kept, newest first. */
    retain: async (connection: ConnectionParams, made: string) => {
      const key = databaseKey(connection);
      const location = await locations.forReading(undefined);
      const [row] = await catalog.backups.get(made);
      if (location === undefined || !row?.manifest) throw new Error('There is nothing to retain.');
      await strict.apply(location, row.manifest);
      return { kept: (await catalog.backups.ofDatabase(key)).map(({ id }) => id) };
    },
    catalog,
    home,
    /** Aborts what runs, and waits until it has cleaned up. */
    cancel: async () => {
      ending.abort();
      await Promise.all(running);
    },
    /** What tools and jobs may have left: secret files and partial artifacts. */
    leftovers: async () => {
      const secrets = await readdir(runtimeDir).catch(() => []);
      const files = await readdir(join(home, 'backups')).catch(() => []);
      return [...secrets, ...files.filter((name) => name.endsWith('.partial'))];
    },
    stop: async () => {
      ending.abort();
      await Promise.all(running);
      await catalog.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;
