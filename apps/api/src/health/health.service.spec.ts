import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@app/config';
import { DomainError } from '@app/domain';
import { openLocalStorages } from '../../../../libs/storage/src/testing/open-local-storages.js';
import type { Shutdown } from '@app/runtime';
import { HealthService } from './health.service.js';

describe('HealthService', () => {
  let folder: string;
  let shutdown: { shuttingDown: boolean };
  let catalog: { ping: () => Promise<void> };
  let health: HealthService;
  let locked: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'health-'));
    await Promise.all([mkdir(join(folder, 'backups')), mkdir(join(folder, 'data'))]);
    shutdown = { shuttingDown: false };
    const { storages } = openLocalStorages({ defaultLocation: './backups', workingDirectory: folder });
    locked = [];
    catalog = { ping: () => Promise.resolve() };
    health = new HealthService(readEnvironment({}, folder), storages, shutdown as Shutdown, catalog, {
      locked: () => Promise.resolve(locked),
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const fine = { backup_folder: 'ok', data_folder: 'ok' };

  it('is ready while both folders can be written and the catalog answers', async () => {
    expect(await health.readiness()).toEqual({ success: true, status: 'ready', checks: fine });
  });

  it('is ready, and leaves no file in the data folder, when it is asked often at once after a service was killed', async () => {
    await writeFile(join(folder, 'data', '.ready.probe'), 'left by a killed service');
    const answers = await Promise.all(Array.from({ length: 20 }, () => health.readiness()));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'ready'));
    expect(await readdir(join(folder, 'data'))).toEqual([]);
  });

  it('is not ready when the data folder cannot be written', async () => {
    await mkdir(join(folder, 'data', '.ready.probe'));
    expect(await health.readiness()).toMatchObject({
      ...{ success: false, checks: { data_folder: 'cannot be written (EISDIR)' } },
    });
  });

  it('stays ready, and says how many connections have secrets that were sealed with another key', async () => {
    locked = ['shop', 'blog'];
    expect(await health.readiness()).toEqual({
      success: true,
      status: 'ready',
      checks: { ...fine, secrets: 'sealed with another secret key: those of 2 connections, which the log names' },
    });
  });

  it('is not ready any more from the first moment of a shutdown', async () => {
    shutdown.shuttingDown = true;
    expect(await health.readiness()).toEqual({ success: false, status: 'shutting down', checks: fine });
  });

  it('says which folder is missing, or is none', async () => {
    await rm(join(folder, 'backups'), { recursive: true });
    await rm(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'data'), '');
    expect(await health.readiness()).toEqual({
      success: false,
      status: 'not ready',
      checks: { backup_folder: 'is missing', data_folder: 'is not a folder' },
    });
  });

  it('says by its code why the catalog fails, without naming its server, which anybody could read here', async () => {
    const failure = new DomainError('CATALOG_UNAVAILABLE', 'db.internal:5432 refuses user "keeper".');
    catalog.ping = () => Promise.reject(failure);
    expect(await health.readiness()).toEqual({
      success: false,
      status: 'not ready',
      checks: { ...fine, catalog: 'failed (CATALOG_UNAVAILABLE)' },
    });
  });

  describe('with a folder that hangs, as one of NFS does whose server is away,', () => {
    const hanging = (hangs: (root: string) => boolean): jest.Mock => {
      const { storages } = openLocalStorages({
        ...{ defaultLocation: './backups', allowedRoots: ['./nas', './usb'], workingDirectory: folder },
      });
      const look = jest.fn((root: string) => (hangs(root) ? new Promise<void>(() => undefined) : Promise.resolve()));
      for (const storage of storages.all()) {
        jest.spyOn(storage, 'requirePresent').mockImplementation(() => look(storage.name));
      }
      health = new HealthService(readEnvironment({}, folder), storages, shutdown as Shutdown, catalog, {
        locked: () => Promise.resolve(locked),
      });
      return look;
    };

    it('stays ready without it, and leaves one look waiting for it, however often it is asked', async () => {
      const look = hanging((root) => !root.endsWith('backups'));
      const told = { ...fine, other_folders: 'no answer within 2 s' };
      const ready = { success: true, status: 'ready', checks: told };
      expect(await Promise.all([health.readiness(), health.readiness()])).toEqual([ready, ready]);
      expect(await health.readiness()).toEqual(ready);
      expect(look.mock.calls.filter(([root]) => root !== join(folder, 'backups'))).toEqual([[join(folder, 'nas')]]);
    });

    it('is not ready when it is the one of new backups', async () => {
      hanging((root) => root.endsWith('backups'));
      expect(await health.readiness()).toEqual({
        success: false,
        status: 'not ready',
        checks: { ...fine, backup_folder: 'no answer within 2 s' },
      });
    });
  });

  it('does not wait for ever for a catalog that hangs', async () => {
    catalog.ping = () => new Promise(() => undefined);
    expect((await health.readiness()).checks.catalog).toBe('failed (no answer within 2 s)');
  });
});
