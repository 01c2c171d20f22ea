import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { after, allPages, givenCatalog } from '../testing/given-catalog.js';
import { aConnection, aSchedule } from '../testing/sample-records.js';

describe.each(EVERY_CATALOG)('schedules in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  it('are returned with all fields', async () => {
    const [target, source] = [aConnection(), aConnection()];
    for (const one of [target, source]) await given.catalog.connections.insert(one);
    const full = aSchedule({
      connectionId: target.id,
      action: 'restore',
      sourceConnectionId: source.id,
      enabled: false,
      options: { format: 'custom', compression: 'zstd', verification: 'stored', location: './a', name: 'b' },
      retention: { monthly: 12 },
      jitterSeconds: 60,
      nextDueAt: null,
      servedDueAt: 1_790_000_000_000,
    });
    const plain = aSchedule();
    await given.catalog.schedules.insert([full, plain]);
    expect(await given.catalog.schedules.get(full.id)).toEqual(full);
    expect(await given.catalog.schedules.get(plain.id)).toEqual(plain);
    expect(await given.catalog.schedules.get('another')).toBeUndefined();
  });

  it('belong to an existing connection', async () => {
    const orphan = aSchedule({ connectionId: 'none' });
    await expect(given.catalog.schedules.insert([aSchedule(), orphan])).rejects.toMatchObject({
      code: 'CONNECTION_NOT_FOUND',
    });
    expect((await given.catalog.schedules.page({ limit: 5 })).rows).toEqual([]);
  });

  it('change in the given fields, and are removed', async () => {
    const one = aSchedule();
    await given.catalog.schedules.insert([one]);
    const change = { enabled: false, nextDueAt: null, options: { name: 'n' } };
    expect(await given.catalog.schedules.update(one.id, change)).toEqual({ ...one, ...change });
    expect(await given.catalog.schedules.update(one.id, {})).toEqual({ ...one, ...change });
    expect(await given.catalog.schedules.update('another', change)).toBeUndefined();
    expect(await given.catalog.schedules.remove(one.id)).toBe(true);
    expect(await given.catalog.schedules.remove(one.id)).toBe(false);
  });

  it('are listed by page, for one connection or all', async () => {
    const [mine, other] = [aConnection(), aConnection()];
    for (const one of [mine, other]) await given.catalog.connections.insert(one);
    const some = Array.from({ length: 7 }, (_, index) =>
      aSchedule({ createdAt: index, connectionId: index % 2 === 0 ? mine.id : other.id }),
    );
    await given.catalog.schedules.insert(some);
    expect(await allPages((at) => given.catalog.schedules.page({ limit: 2, ...after(at) }))).toEqual(some);
    const ofMine = (at: string | undefined) =>
      given.catalog.schedules.page({ connectionId: mine.id, limit: 2, ...after(at) });
    expect(await allPages(ofMine)).toEqual(some.filter(({ connectionId }) => connectionId === mine.id));
  });

  it('are due from their instant on, the longest due first, and only while enabled', async () => {
    const late = aSchedule({ nextDueAt: 1_000 });
    const later = aSchedule({ nextDueAt: 900 });
    const soon = aSchedule({ nextDueAt: 1_001 });
    const paused = aSchedule({ nextDueAt: 800, enabled: false });
    const never = aSchedule({ nextDueAt: null });
    expect(await given.catalog.schedules.nextDueAt()).toBeUndefined();
    await given.catalog.schedules.insert([late, later, soon, paused, never]);
    expect(await given.catalog.schedules.due(1_000, 10)).toEqual([later, late]);
    expect(await given.catalog.schedules.due(1_000, 1)).toEqual([later]);
    expect(await given.catalog.schedules.due(899, 10)).toEqual([]);
    expect(await given.catalog.schedules.nextDueAt()).toBe(900);
  });

  it('advance only from the instant that was served (FAILURES 43)', async () => {
    const [served, changed] = [aSchedule({ nextDueAt: 1_000 }), aSchedule({ nextDueAt: 3_000 })];
    await given.catalog.schedules.insert([served, changed]);
    await given.catalog.schedules.advance([
      { id: served.id, due: 1_000, next: 2_000 },
      { id: changed.id, due: 1_000, next: 2_000 },
      { id: 'gone', due: 1_000, next: 2_000 },
    ]);
    expect(await given.catalog.schedules.get(served.id)).toEqual({ ...served, servedDueAt: 1_000, nextDueAt: 2_000 });
    expect(await given.catalog.schedules.get(changed.id)).toEqual(changed);
    await given.catalog.schedules.advance([]);
  });

  it('advance by the ten thousand', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => aSchedule({ nextDueAt: 1_000, createdAt: index }));
    await given.catalog.schedules.insert(many);
    await given.catalog.schedules.advance(many.map(({ id }, index) => ({ id, due: 1_000, next: 2_000 + index })));
    expect(await given.catalog.schedules.due(1_999, 1)).toEqual([]);
    expect(await given.catalog.schedules.due(20_000, 20_000)).toEqual(
      many.map((one, index) => ({ ...one, servedDueAt: 1_000, nextDueAt: 2_000 + index })),
    );
  });
});
