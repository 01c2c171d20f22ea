import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { after, allPages, givenCatalog } from '../testing/given-catalog.js';
import { aConnection, aSchedule } from '../testing/sample-records.js';

describe.each(EVERY_CATALOG)('connections in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  it('are returned with all fields', async () => {
    const full = aConnection({
      label: 'Shop “ä”',
      dbType: 'MySQL',
      sslMode: 'verify-ca',
      tlsCa: 'CA\nlines',
      tlsCertificate: 'certificate',
      sealedTlsKey: 'sealed key',
      retention: { keepLast: 3, weekly: 4, maxBytes: 2 ** 50 },
      createdAt: 1_790_000_000_123,
    });
    const plain = aConnection();
    await given.catalog.connections.insert(full);
    await given.catalog.connections.insert(plain);
    expect(await given.catalog.connections.get(full.id)).toEqual(full);
    expect(await given.catalog.connections.get(plain.id)).toEqual(plain);
    expect(await given.catalog.connections.get('another')).toBeUndefined();
  });

  it('are one for each login, also when many are inserted or changed at once', async () => {
    const login = { database: 'shop', username: 'backup' };
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => given.catalog.connections.insert(aConnection(login))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONNECTION_EXISTS' });
    }
    const other = aConnection({ database: 'shop', username: 'another' });
    await given.catalog.connections.insert(other);
    await expect(given.catalog.connections.update(other.id, { username: 'backup' })).rejects.toMatchObject({
      code: 'CONNECTION_EXISTS',
    });
    expect(await given.catalog.connections.get(other.id)).toEqual(other);
  });

  it('are found by their whole login only', async () => {
    const one = aConnection({ database: 'shop' });
    await given.catalog.connections.insert(one);
    await given.catalog.connections.insert(aConnection({ database: 'shop', port: 5433 }));
    expect(await given.catalog.connections.find(one)).toEqual(one);
    expect(await given.catalog.connections.find({ ...one, username: 'Backup' })).toBeUndefined();
  });

  it('change in the given fields, and keep the others', async () => {
    const one = aConnection({ label: 'Shop', retention: { days: 7 } });
    await given.catalog.connections.insert(one);
    const changed = { ...one, label: null, retention: { keepLast: 1 }, updatedAt: 2_000 };
    const change = { label: null, retention: { keepLast: 1 }, updatedAt: 2_000 };
    expect(await given.catalog.connections.update(one.id, change)).toEqual(changed);
    expect(await given.catalog.connections.update(one.id, {})).toEqual(changed);
    expect(await given.catalog.connections.get(one.id)).toEqual(changed);
    expect(await given.catalog.connections.update('another', { label: 'x' })).toBeUndefined();
  });

  it('are removed with their schedules, and no others', async () => {
    const [gone, source, kept] = [aConnection(), aConnection(), aConnection()];
    for (const one of [gone, source, kept]) await given.catalog.connections.insert(one);
    const ofGone = aSchedule({ connectionId: gone.id });
    const ofKept = aSchedule({ connectionId: kept.id });
    const fromSource = aSchedule({ connectionId: kept.id, action: 'restore', sourceConnectionId: source.id });
    const ofNobody = aSchedule({ id: 'default' });
    await given.catalog.schedules.insert([ofGone, ofKept, fromSource, ofNobody]);
    expect(await given.catalog.connections.remove(gone.id)).toBe(true);
    expect(await given.catalog.connections.remove(gone.id)).toBe(false);
    expect(await given.catalog.connections.remove(source.id)).toBe(true);
    const { rows } = await given.catalog.schedules.page({ limit: 10 });
    expect(rows.map(({ id }) => id).toSorted()).toEqual([ofKept.id, 'default'].toSorted());
  });

  it('are found by the thousand by their ids', async () => {
    const some = Array.from({ length: 30 }, () => aConnection());
    await given.catalog.transaction(async ({ connections }) => {
      for (const one of some) await connections.insert(one);
    });
    const asked = [...some.map(({ id }) => id), ...Array.from({ length: 1_500 }, (_, index) => `none-${index}`)];
    const found = await given.catalog.connections.getMany(asked);
    expect(new Set(found)).toEqual(new Set(some));
    expect(await given.catalog.connections.getMany([])).toEqual([]);
  });

  it('are found by server, whatever the account', async () => {
    const here = [aConnection({ createdAt: 1 }), aConnection({ username: 'another', createdAt: 2 })];
    const elsewhere = [aConnection({ port: 5433 }), aConnection({ dbType: 'MySQL' }), aConnection({ host: 'other' })];
    for (const one of [...here, ...elsewhere]) await given.catalog.connections.insert(one);
    expect(await given.catalog.connections.onServer({ dbType: 'PostgreSQL', host: 'db.example', port: 5432 })).toEqual(
      here,
    );
  });

  it('are listed in the order in which they were made, each once, while others are added and removed', async () => {
    const some = Array.from({ length: 7 }, (_, index) => aConnection({ createdAt: Math.floor(index / 2) }));
    for (const one of some) await given.catalog.connections.insert(one);
    const inOrder = some.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    const page = (position: string | undefined) => given.catalog.connections.page({ limit: 2, ...after(position) });
    expect(await allPages(page)).toEqual(inOrder);

    const first = await given.catalog.connections.page({ limit: 3 });
    await given.catalog.connections.remove(inOrder[2]?.id ?? '');
    await given.catalog.connections.remove(inOrder[0]?.id ?? '');
    const late = aConnection({ createdAt: 99 });
    await given.catalog.connections.insert(late);
    const rest = await given.catalog.connections.page({ limit: 10, ...after(first.next) });
    expect(rest).toEqual({ rows: [...inOrder.slice(3), late], next: undefined });
  });

  it('have no next page when the last one is full', async () => {
    for (const one of [aConnection(), aConnection()]) await given.catalog.connections.insert(one);
    expect((await given.catalog.connections.page({ limit: 2 })).next).toBeUndefined();
    expect((await given.catalog.connections.page({ limit: 1 })).next).toEqual(expect.any(String));
  });

  it.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['nothing', ''],
    ['another list', Buffer.from('[1]').toString('base64url')],
    ['other types', Buffer.from('["1","a"]').toString('base64url')],
    ['an object', Buffer.from('{"0":1,"1":"a"}').toString('base64url')],
  ])('refuse an `after` that is %s', async (_, position) => {
    await expect(given.catalog.connections.page({ limit: 2, after: position })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'after' }],
    });
  });

  describe('of a database whose key changed', () => {
    const move = (former: string, key: string, at: number): Promise<void> =>
      given.catalog.connections.noteFormerKey(key, former, at);
    const of = (key: string): Promise<object[]> => given.catalog.connections.formerKeys(key);

    it('return its former keys up to the moment of each change', async () => {
      await move('a', 'b', 10);
      await move('b', 'c', 20);
      expect(await of('c')).toEqual([
        { key: 'b', until: 20 },
        { key: 'a', until: 10 },
      ]);
      expect(await of('a')).toEqual([]);
    });

    it('leave out the time in which another database had such a key', async () => {
      await move('a', 'b', 10);
      await move('a', 'c', 30);
      expect(await of('b')).toEqual([{ key: 'a', until: 10 }]);
      expect(await of('c')).toEqual([{ key: 'a', from: 10, until: 30 }]);
      await move('x', 'a', 40);
      expect(await of('b')).toEqual([{ key: 'a', until: 10 }]);
      expect(await of('a')).toEqual([{ key: 'x', until: 40 }]);
      await move('b', 'd', 50);
      await move('y', 'b', 60);
      expect(await of('b')).toEqual([{ key: 'y', until: 60 }]);
      expect(await of('d')).toEqual([
        { key: 'b', until: 50 },
        { key: 'a', until: 10 },
      ]);
    });

    it('end at a database that had its key before', async () => {
      await move('a', 'b', 10);
      await move('b', 'a', 20);
      expect(await of('a')).toEqual([
        { key: 'b', until: 20 },
        { key: 'a', until: 10 },
      ]);
    });
  });
});
