import { StorageKinds } from './storage-kinds.js';
import { StorageRegistry } from './storage-registry.js';
import { localStorageAt, openLocalStorages } from './testing/open-local-storages.js';

describe('the kinds of storages', () => {
  const { factory, configured } = openLocalStorages({ defaultLocation: '/srv/backups', allowedRoots: ['/mnt/nas'] });

  it('make the configured storages, the default one first', () => {
    const storages = new StorageKinds([factory]).open(configured);
    expect(storages.ids).toEqual(['local', expect.stringMatching(/^local-[0-9a-f]{12}$/) as unknown]);
    expect(storages.default.name).toBe('/srv/backups');
    expect(storages.of({ storageId: 'local' })).toBe(storages.default);
  });

  it('refuse two factories of one kind, a kind that there is not, and settings that are wrong', () => {
    expect(() => new StorageKinds([factory, factory])).toThrow('Two factories make "local" storages.');
    const kinds = new StorageKinds([factory]);
    expect(() => kinds.get('tape')).toThrow('There is no kind of storage "tape": kind must be local.');
    expect(() => kinds.get('local').create({ id: 'local', name: 'local', settings: { folder: '/etc' } })).toThrow(
      '/etc is not a folder for backups.',
    );
  });

  it('never make two storages with one id, or none at all', async () => {
    const storage = localStorageAt('/srv/backups');
    expect(() => new StorageRegistry([storage, storage])).toThrow('Two storages have the id "local".');
    expect(() => new StorageRegistry([])).toThrow('A service needs a storage.');
    const storages = new StorageRegistry([storage]);
    expect(() => storages.of({ storageId: 'tape' })).toThrow('This service has no storage "tape".');
    expect(await storages.location({ storageId: 'tape', folder: '' })).toBeUndefined();
    await expect(storages.requirePresent({ storageId: 'tape', folder: '' })).rejects.toMatchObject({
      code: 'STORAGE_MISSING',
    });
  });
});
