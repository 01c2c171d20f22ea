import type { Catalog, CatalogRow } from './catalog.js';
import { openCatalog } from './open-catalog.js';
import { EVERY_CATALOG, catalogPlace } from './testing/catalog-matrix.js';
import { givenCatalog } from './testing/given-catalog.js';
import { aBackup, aConnection, aJob, anAuditEntry, aRestore, aSchedule } from './testing/sample-records.js';

async function rowsOf(catalog: Catalog): Promise<CatalogRow[]> {
  const rows: CatalogRow[] = [];
  for await (const row of catalog.exportRows()) rows.push(row);
  return rows;
}

async function* stream(rows: readonly CatalogRow[]): AsyncGenerator<CatalogRow> {
  yield* JSON.parse(JSON.stringify(rows)) as CatalogRow[];
}

describe.each(EVERY_CATALOG)('a copy of a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  async function fill(catalog: Catalog): Promise<void> {
    const [a, b] = [aConnection({ retention: { keepLast: 1 } }), aConnection()];
    for (const one of [a, b]) await catalog.connections.insert(one);
    await catalog.schedules.insert([
      aSchedule({ connectionId: a.id, action: 'restore', sourceConnectionId: b.id, options: { name: 'n' } }),
      aSchedule({ id: 'default' }),
    ]);
    await catalog.backups.put([aBackup()]);
    await catalog.backups.pin('pinned', true, 1_790_000_000_000);
    await catalog.jobs.insert([aJob()]);
    await catalog.restores.insert(aRestore({ failure: { code: 'CANCELLED', message: 'm' }, state: 'failed' }));
    await catalog.audit.insert(anAuditEntry({ details: { a: 1 } }));
  }

  it.each(EVERY_CATALOG)('brings everything back into a new $kind catalog, with its id', async ({ kind: target }) => {
    await fill(given.catalog);
    const rows = await rowsOf(given.catalog);
    expect(new Set(rows.map(({ table }) => table))).toEqual(
      new Set(['connections', 'schedules', 'pins', 'restores', 'audit']),
    );
    const place = await catalogPlace(target);
    const options = await place.fresh();
    const fresh = await openCatalog(options);
    await fresh.importRows(given.catalog.id, stream(rows));
    expect(fresh.id).toBe(given.catalog.id);
    expect(await rowsOf(fresh)).toEqual(rows);
    await fresh.close();
    const again = await openCatalog(options);
    expect(again.id).toBe(given.catalog.id);
    await again.close();
    await place.dispose();
  });

  it('holds thousands of rows of one table, each once', async () => {
    const schedules = Array.from({ length: 1_300 }, () => aSchedule());
    await given.catalog.schedules.insert(schedules);
    const rows = await rowsOf(given.catalog);
    expect(rows.map(({ row }) => row['id'])).toEqual(schedules.map(({ id }) => id).toSorted());
    const fresh = await openCatalog(await given.place.fresh());
    await fresh.importRows('id', stream(rows));
    expect(await rowsOf(fresh)).toEqual(rows);
    await fresh.close();
  });

  it('replaces no row that exists already', async () => {
    await fill(given.catalog);
    const rows = await rowsOf(given.catalog);
    await given.catalog.schedules.update('default', { name: 'Changed since' });
    const before = await rowsOf(given.catalog);
    await given.catalog.importRows('id', stream(rows));
    expect(await rowsOf(given.catalog)).toEqual(before);
  });

  it('gives its schedules and restores to the connection with the same login', async () => {
    const [copied, here] = [aConnection({ database: 'shop' }), aConnection({ database: 'shop' })];
    await given.catalog.connections.insert(copied);
    const schedule = aSchedule({ connectionId: copied.id, sourceConnectionId: copied.id });
    const restore = aRestore({ connectionId: copied.id });
    await given.catalog.schedules.insert([schedule]);
    await given.catalog.restores.insert(restore);
    const fresh = await openCatalog(await given.place.fresh());
    await fresh.connections.insert(here);
    await fresh.importRows('id', stream(await rowsOf(given.catalog)));
    expect((await fresh.connections.page({ limit: 5 })).rows).toEqual([here]);
    expect(await fresh.schedules.get(schedule.id)).toEqual({
      ...schedule,
      connectionId: here.id,
      sourceConnectionId: here.id,
    });
    expect(await fresh.restores.get(restore.id)).toEqual({ ...restore, connectionId: here.id });
    await fresh.close();
  });

  it('is read without a schedule whose connection it does not hold, as the service worked meanwhile', async () => {
    const connection = aConnection();
    await given.catalog.connections.insert(connection);
    const [orphan, kept] = [aSchedule({ connectionId: connection.id }), aSchedule()];
    await given.catalog.schedules.insert([orphan, kept]);
    const rows = (await rowsOf(given.catalog)).filter(({ table }) => table !== 'connections');
    const fresh = await openCatalog(await given.place.fresh());
    await fresh.importRows('id', stream(rows));
    expect((await fresh.schedules.page({ limit: 5 })).rows).toEqual([kept]);
    await fresh.close();
  });

  it('is imported as a whole or not at all', async () => {
    const rows: CatalogRow[] = [
      { table: 'pins', row: { id: 'a', at: 1 } },
      { table: 'pins', row: { id: 'b', at: null } },
    ];
    const { id } = given.catalog;
    await expect(given.catalog.importRows('id', stream(rows))).rejects.toMatchObject({ code: 'CATALOG_FAILED' });
    expect(await rowsOf(given.catalog)).toEqual([]);
    expect(given.catalog.id).toBe(id);
  });

  it('of a newer version is refused', async () => {
    const later = stream([{ table: 'teams', row: { id: 'a' } }]);
    await expect(given.catalog.importRows('id', later)).rejects.toMatchObject({ code: 'CATALOG_TOO_NEW' });
  });
});
