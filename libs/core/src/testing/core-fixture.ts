import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ArtifactReader, ArtifactWriter } from '@app/artifact';
import { openCatalog } from '@app/catalog';
import { silentLogger } from '@app/domain';
import type { ArtifactAddress, ConnectionParams, RetentionPolicy } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import type { LocalStoragesOptions } from '@app/storage';
import { BackupIndex } from '../inventory/backup-index.js';
import { BackupListing } from '../listing/backup-listing.js';
import { BackupRemoval } from '../inventory/backup-removal.js';
import { BackupRunner } from '../backup/backup-runner.js';
import type { BackupDefaults, BackupRequest } from '../backup/backup-maker.js';
import { CatalogJournal } from '../restore/restore-journal.js';
import { RestoredVerification } from '../verification/restored-verification.js';
import { RestoreRunner } from '../restore/restore-runner.js';
import type { RestoreRequest } from '../restore/restore-request.js';
import { RetentionService } from '../retention/retention.js';
import { BackupVerification } from '../verification/verification.js';
import { openLocalStorages } from '../../../storage/src/testing/open-local-storages.js';
import { FakeDriver } from './fake-driver.js';
import { FakeVerificationServers } from './fake-verification-servers.js';
import { QuietWork } from './quiet-work.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';

export const shop: ConnectionParams = {
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'u',
  password: 'secret',
  sslMode: 'prefer',
};

/** Makes the core with a fake driver, a real folder and a real catalog. `clock.time` is the time; it stands still unless set. */
export async function coreFixture(
  options: {
    /** Makes the storage; default: a local one. */
    storage?: LocalStoragesOptions['create'];
    retention?: number | RetentionPolicy;
    defaults?: Partial<BackupDefaults>;
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'core-'));
  const driver = new FakeDriver();
  const drivers = new DriverRegistry([driver]);
  const { storages, locations } = openLocalStorages({
    defaultLocation: './backups',
    workingDirectory: folder,
    ...(options.storage === undefined ? {} : { create: options.storage }),
  });
  const clock = { time: new Date(2026, 10, 22, 10, 15, 0), now: () => clock.time };
  const logger = silentLogger;
  const signer = testSigner;
  const reader = new ArtifactReader(storages);
  const writer = new ArtifactWriter(storages, signer);
  const catalog = await openCatalog({ file: ':memory:', clock, logger });
  const index = new BackupIndex({ catalog, storages, reader, signer, locations, drivers });
  const { retention: retained = 3 } = options;
  const retention = new RetentionService({
    catalog,
    storages,
    signer,
    index,
    clock,
    logger,
    defaultPolicy: typeof retained === 'number' ? { keepLast: retained } : retained,
    timezone: 'UTC',
  });
  const verificationServers = new FakeVerificationServers(driver);
  const restored = new RestoredVerification({ drivers, verificationServers, tools: () => Promise.resolve({}) });
  const verification = new BackupVerification({ storages, reader, signer, index, clock, restored });
  const shared = { drivers, storages, reader, signer, locations, clock, logger };
  const defaults = { format: 'plain', compression: 'none', ...options.defaults } as const;
  const backups = new BackupRunner({ ...shared, writer, catalog, index, verification, retention, defaults });
  const removal = new BackupRemoval({ catalog, storages, signer, index, logger });
  const answering = { askEveryMs: 5, answerWithinMs: 50, unanswered: 100_000, unansweredOnceAsked: 2 };
  const restores = new RestoreRunner({
    ...shared,
    catalog,
    backups,
    removal,
    verification,
    undoMs: 3_600_000,
    answering,
  });
  return {
    folder,
    backupFolder: join(folder, 'backups'),
    driver,
    drivers,
    clock,
    catalog,
    storages,
    locations,
    index,
    retention,
    verification,
    verificationServers,
    /** The domain events so far. */
    events: () => catalog.outbox.after(0, 500),
    listing: new BackupListing({ index, storages, locations }),
    backups,
    removal,
    restores,
    backup: (more: Partial<BackupRequest> = {}, work = new QuietWork()) =>
      backups.run({ connection: shop, kind: 'manual', tools: {}, ...more }, work),
    restore: (more: Partial<RestoreRequest> & { file: string }, work = new QuietWork()) =>
      restores.run(
        { connection: shop, skipOwnership: false, tools: {}, ...more },
        work,
        new CatalogJournal(catalog, randomUUID()),
      ),
    /** The address of a file in the backup folder, by its path. */
    at: (path: string): ArtifactAddress => ({ storageId: 'local', key: relative(join(folder, 'backups'), path) }),
    /** Names in the backup folder, sorted. */
    files: async () => (await readdir(join(folder, 'backups')).catch(() => [])).toSorted(),
    dispose: async () => {
      await catalog.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type CoreFixture = Awaited<ReturnType<typeof coreFixture>>;
