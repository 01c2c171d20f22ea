import { randomBytes } from 'node:crypto';
import type { Catalog } from '@app/catalog';
import { CATALOG_KINDS, openTestCatalog } from '../../../catalog/src/testing/catalog-matrix.js';
import { systemClock } from '@app/domain';
import { SecretBox } from '@app/security';
import { ConnectionStore } from './connection-store.js';
import { shop } from '../testing/core-fixture.js';

describe.each(CATALOG_KINDS)('the connections of a %s catalog', (kind) => {
  let catalog: Catalog;
  let store: ConnectionStore;
  const anotherKey = () => new ConnectionStore(catalog, new SecretBox(randomBytes(32)), systemClock);

  beforeAll(async () => {
    catalog = await openTestCatalog(kind);
  });
  afterAll(() => catalog.close());
  beforeEach(async () => {
    store = new ConnectionStore(catalog, new SecretBox(randomBytes(32)), systemClock);
    for (const { id } of (await store.page({ limit: 100 })).rows) await store.remove(id);
  });

  it('are one for each login, however it is written and however many requests come at once', async () => {
    const all = await Promise.all(['db', 'DB', 'Db', 'db'].map((host) => store.remember({ ...shop, host })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    const other = await store.remember({ ...shop, username: 'another' });
    expect(other.id).not.toBe(all[0]?.id);
    expect((await store.page({ limit: 10 })).rows).toHaveLength(2);
  });

  it('replace the password by a new one, and keep TLS material that the request does not mention', async () => {
    const tls = { ca: 'CA', certificate: 'CERT', key: 'KEY' };
    const { id } = await store.remember({ ...shop, tls });
    await store.remember({ ...shop, password: 'new' });
    expect(await store.paramsOf(id)).toEqual({ ...shop, password: 'new', tls });
    await store.change(id, { params: { tls: {} } });
    expect(await store.paramsOf(id)).toEqual({ ...shop, password: 'new' });
  });

  it('hold no secret in clear text, and none that opens in another row', async () => {
    const tls = { ca: 'CA', certificate: 'CERT', key: 'private key text' };
    const first = await store.create({ ...shop, tls });
    const second = await store.create({ ...shop, database: 'other' });
    expect(JSON.stringify(first)).not.toMatch(/"secret"|private key text/);
    await catalog.connections.update(second.id, { sealedPassword: first.sealedPassword });
    await expect(store.paramsOf(second.id)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('are not written when nothing has changed', async () => {
    const { id } = await store.remember(shop);
    const before = await store.get(id);
    expect(await store.remember(shop)).toEqual(before);
    expect(await store.get(id)).toEqual(before);
  });

  it('that were sealed with another key say so, and accept the password again', async () => {
    const { id } = await store.remember(shop);
    const other = anotherKey();
    await expect(other.paramsOf(id)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await other.find(shop)).toBeUndefined();
    expect((await other.remember(shop)).id).toBe(id);
    expect(await other.paramsOf(id)).toEqual(shop);
  });

  it('refuse a second connection with the same login, and report an id that does not exist', async () => {
    const { id } = await store.create(shop);
    await expect(store.create(shop)).rejects.toMatchObject({ code: 'CONNECTION_EXISTS' });
    const other = await store.create({ ...shop, database: 'other' });
    await expect(store.change(other.id, { params: { database: 'shop' } })).rejects.toMatchObject({
      code: 'CONNECTION_EXISTS',
    });
    await store.remove(id);
    const calls = [store.get(id), store.paramsOf(id), store.remove(id), store.change(id, { label: 'x' })];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_NOT_FOUND' } });
    }
  });
});
