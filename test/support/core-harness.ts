import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@app/config';
import { CatalogJournal, databaseKey, RetentionService } from '@app/core';
import type { BackupRequest, VerifiableLevel, RestoreRequest, VerificationServersParts } from '@app/core';
import { silentLogger } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver, PostgresDriver } from '@app/drivers';
import type { MysqlDriverOptions } from '@app/drivers';
import { createRuntime } from '@app/runtime';
import { catalogEnvironment } from './catalog-server.js';
import { QuietWork } from '../../libs/core/src/testing/quiet-work.js';
import { testSecretKey } from '../../libs/artifact/src/testing/test-signer.js';

/** The runtime of the service without its jobs, over the real drivers, in a folder of its own. */
export async function startEngine(
  options: { verificationServers?: Partial<VerificationServersParts>; mysql?: Partial<MysqlDriverOptions> } = {},
) {
  const home = await mkdtemp(join(tmpdir(), 'engine-e2e-'));
  const environment = {
    BACKUP_GLOBALS: 'none',
    BACKUP_RETENTION_COUNT: '100',
    BACKUP_VERIFICATION: 'complete',
    RESTORE_UNDO_HOURS: '0',
    SECRET_KEY_FILE: join(home, 'secret.key'),
    ...(await catalogEnvironment(home)),
  };
  await writeFile(environment.SECRET_KEY_FILE, testSecretKey.toString('base64'), { mode: 0o600 });
  const config = readEnvironment(environment, home);
  const { runtimeDir } = config;
  const runtime = await createRuntime({
    config,
    logger: silentLogger,
    overrides: {
      // Without `dataFolders`: a test may put tools of its own into `home`.
      drivers: () => [new PostgresDriver({ runtimeDir }), new MysqlDriver({ runtimeDir, ...options.mysql })],
      verificationServers: { folder: join(home, 'scratch'), ...options.verificationServers },
    },
  });
  const { drivers, catalog, locations, verification, backups, restores, listing } = runtime;
  const strict = new RetentionService({ ...runtime, defaultPolicy: { keepLast: 1 }, timezone: 'UTC' });
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
    listing,
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
      started(locations.file(path).then((file) => verification.verify(file, level, work))),
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
      await runtime.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;
