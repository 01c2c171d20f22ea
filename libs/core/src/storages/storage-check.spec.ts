import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import type { ArtifactStorage } from '@app/storage';
import { localStorageAt } from '../../../storage/src/testing/open-local-storages.js';
import { checkStorage } from './storage-check.js';

describe('the test of a storage', () => {
  let home: string;
  let storage: ArtifactStorage;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'check-'));
    await mkdir(join(home, 'backups'));
    storage = localStorageAt(join(home, 'backups'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const files = async () =>
    (await readdir(join(home, 'backups'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.database-backup'))
      .map(({ name }) => name);
  /** The storage with one method that fails, or answers something else. */
  const changedBy = (changed: Partial<ArtifactStorage>): ArtifactStorage =>
    new Proxy(storage, {
      get: (target, key: keyof ArtifactStorage) =>
        changed[key] ?? (typeof target[key] === 'function' ? target[key].bind(target) : target[key]),
    });
  const refused = () => Promise.reject(new DomainError('STORAGE_FAILED', 'access was denied.', { hint: 'Allow it.' }));

  it('takes every step, and leaves nothing', async () => {
    expect(await checkStorage(storage)).toEqual(['reach', 'write', 'read', 'list', 'delete']);
    expect(await files()).toEqual([]);
    expect(await storage.foldersWithBackups()).toEqual([]);
  });

  it.each<[string, Partial<ArtifactStorage>, string]>([
    ['reach', { prepare: refused }, 'The storage cannot be reached: access was denied.'],
    ['write', { create: refused }, 'The storage took no object: access was denied.'],
    ['read', { open: refused }, 'The storage did not give back an object that was just written: access was denied.'],
    ['list', { list: refused }, 'The storage did not list an object that was just written: access was denied.'],
    ['delete', { remove: refused }, 'The storage did not delete an object: access was denied.'],
  ])('says that it could not %s, and why', async (step, changed, message) => {
    const error = { code: 'STORAGE_FAILED', message, hint: 'Allow it.' };
    await expect(checkStorage(changedBy(changed))).rejects.toMatchObject(error);
    if (step !== 'delete') expect(await files()).toEqual([]);
  });

  it('fails when an object is not listed, or is still there after it was deleted', async () => {
    const list = () => Promise.resolve([]);
    await expect(checkStorage(changedBy({ list }))).rejects.toMatchObject({
      message: expect.stringContaining('length'),
    });
    expect(await files()).toEqual([]);
    const remove = () => Promise.resolve();
    await expect(checkStorage(changedBy({ remove }))).rejects.toMatchObject({
      message: 'The storage did not delete an object: it is still there.',
    });
  });
});
