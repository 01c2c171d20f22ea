import { randomBytes } from 'node:crypto';
import type { Catalog } from '@app/catalog';
import { DomainError, silentLogger, systemClock } from '@app/domain';
import { SecretBox } from '@app/security';
import { StorageKinds, StorageRegistry } from '@app/storage';
import type { ArtifactStorage, StorageFactory } from '@app/storage';
import { CATALOG_KINDS } from '../../../catalog/src/testing/catalog-matrix.js';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { StorageStore } from './storage-store.js';

interface TapeStorage extends ArtifactStorage {
  settings: object;
}

const tapes: StorageFactory = {
  kind: 'tape',
  secretsGoTo: ['host'],
  withoutSecrets: ({ host, slot }) => ({ host, slot }),
  create: ({ id, name, settings }) => {
    if (settings['host'] === undefined) {
      const fields = [{ field: 'host', message: 'is missing' }];
      throw new DomainError('INVALID_INPUT', 'host is missing.', { fields });
    }
    return { id, name, settings } as TapeStorage;
  },
};
const LOCAL = { id: 'local', name: '/srv/backups' } as ArtifactStorage;

describe.each(CATALOG_KINDS)('the storages that people add, in a catalog of %s', (kind) => {
  const given = givenCatalog(kind);
  const key = randomBytes(32);
  let storages: StorageRegistry;
  let store: StorageStore;

  const process = (secrets = new SecretBox(key), catalog: Catalog = given.catalog) => {
    const registry = new StorageRegistry([LOCAL]);
    const kinds = new StorageKinds([tapes]);
    const parts = { catalog, secrets, kinds, storages: registry, clock: systemClock, logger: silentLogger };
    return { registry, store: new StorageStore(parts) };
  };
  const settingsOf = (id: string, registry = storages) => (registry.of({ storageId: id }) as TapeStorage).settings;
  const events = async () =>
    (await given.catalog.outbox.after(0, 100)).map(({ name, payload }) => `${name} ${payload['change'] as string}`);

  beforeEach(() => {
    ({ registry: storages, store } = process());
  });

  it('are there by their ids and names, with their secrets, and are told of', async () => {
    const { id } = await store.create('tape', 'offsite', { host: 'robot', pin: '1234' });
    expect(storages.ids).toEqual(['local', id]);
    expect(storages.named('offsite')?.id).toBe(id);
    expect(storages.named('/srv/backups')).toBeUndefined();
    expect(settingsOf(id)).toEqual({ host: 'robot', pin: '1234' });
    await store.remove(id);
    expect(storages.ids).toEqual(['local']);
    expect(await events()).toEqual(['StorageChanged created', 'StorageChanged removed']);
    await expect(store.get(id)).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
  });

  it('hold no secret in clear text, and none that opens in another row', async () => {
    const one = await store.create('tape', 'one', { host: 'robot', pin: 'hunter2' });
    const two = await store.create('tape', 'two', { host: 'robot' });
    expect(JSON.stringify(await given.run('select * from storages'))).not.toContain('hunter2');
    expect(one.settings).toEqual({ host: 'robot' });
    expect([store.secretsOf(one), store.secretsOf(two)]).toEqual([['pin'], []]);
    await given.catalog.storages.update(two.id, { sealedSecrets: one.sealedSecrets });
    await store.load();
    expect(storages.ids).toEqual(['local', one.id]);
    expect(store.faultOf(two.id)).toContain('cannot be opened');
  });

  it('come up in another process after its start, and when it is told of a change', async () => {
    const { id } = await store.create('tape', 'offsite', { host: 'robot', pin: '1234' });
    const other = process();
    await other.store.load();
    expect(settingsOf(id, other.registry)).toEqual({ host: 'robot', pin: '1234' });
    const before = other.registry.of({ storageId: id });
    await store.change(id, { settings: { slot: '7' } });
    await other.store.handle();
    expect(settingsOf(id, other.registry)).toEqual({ host: 'robot', slot: '7', pin: '1234' });
    const after = other.registry.of({ storageId: id });
    expect(after).not.toBe(before);
    await other.store.handle();
    expect(other.registry.of({ storageId: id })).toBe(after);
  });

  it('stay in the list when they cannot be opened, and work again with another secret', async () => {
    const { id } = await store.create('tape', 'offsite', { host: 'robot', pin: '1234' });
    const other = process(new SecretBox(randomBytes(32)));
    await other.store.load();
    expect(other.registry.ids).toEqual(['local']);
    expect((await other.store.all()).map(({ name }) => name)).toEqual(['offsite']);
    await other.store.change(id, { settings: { host: 'robot', pin: '4321' } });
    expect(settingsOf(id, other.registry)).toEqual({ host: 'robot', pin: '4321' });
    expect(other.store.faultOf(id)).toBeUndefined();
  });

  it('change only what is given, and take away what is null', async () => {
    const { id } = await store.create('tape', 'offsite', { host: 'robot', slot: '7', pin: '1234' });
    await store.change(id, { name: 'vault' });
    expect(storages.named('vault')?.id).toBe(id);
    expect(storages.named('offsite')).toBeUndefined();
    await store.change(id, { settings: { slot: null, pin: '4321' } });
    expect(settingsOf(id)).toEqual({ host: 'robot', pin: '4321' });
  });

  it('do not send a stored secret to another server', async () => {
    const { id } = await store.create('tape', 'offsite', { host: 'robot', pin: '1234' });
    const refused = { code: 'INVALID_INPUT', fields: [{ field: 'settings.pin' }] };
    await expect(store.change(id, { settings: { host: 'thief' } })).rejects.toMatchObject(refused);
    await expect(store.draftOf(id, { settings: { host: 'thief' } })).rejects.toMatchObject(refused);
    await store.change(id, { settings: { host: 'other', pin: '4321' } });
    await store.change(id, { settings: { host: 'other' } });
    expect(settingsOf(id)).toEqual({ host: 'other', pin: '4321' });
  });

  it('refuse a name that is taken, a kind that there is not, and wrong settings, and change nothing', async () => {
    const { id } = await store.create('tape', 'one', { host: 'robot' });
    await store.create('tape', 'two', { host: 'robot' });
    const taken = { code: 'STORAGE_EXISTS', message: 'There is a storage "two" already.' };
    await expect(store.create('tape', 'two', { host: 'robot' })).rejects.toMatchObject(taken);
    await expect(store.change(id, { name: 'two' })).rejects.toMatchObject(taken);
    await expect(store.create('disk', 'three', {})).rejects.toMatchObject({ fields: [{ field: 'kind' }] });
    await expect(store.create('tape', 'three', {})).rejects.toMatchObject({ fields: [{ field: 'host' }] });
    await expect(store.change(id, { settings: { host: null } })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect((await store.all()).map(({ name }) => name)).toEqual(['one', 'two']);
    expect(settingsOf(id)).toEqual({ host: 'robot' });
  });
});
