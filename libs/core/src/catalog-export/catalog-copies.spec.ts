import { appendFile, chmod, mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { Catalog, CatalogRow } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { aConnection } from '../../../catalog/src/testing/sample-records.js';
import { CatalogCopies } from './catalog-copies.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { testCopyKeys } from '../testing/test-copy-keys.js';

describe.each(EVERY_CATALOG)('copies of a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;
  let copies: CatalogCopies;
  let folder: string;

  const copiesOf = (catalog: Catalog, more: { days?: number } = {}) => {
    const { storages, clock } = fixture;
    return new CatalogCopies({
      ...{ catalog, storage: storages.default, folder: join(fixture.folder, '.catalog') },
      ...{ keys: testCopyKeys, clock, logger: silentLogger, ...more },
    });
  };
  const files = async () => (await readdir(folder).catch(() => [])).toSorted();
  const rowsOf = async (rows: AsyncIterable<CatalogRow>) => {
    const all: CatalogRow[] = [];
    for await (const row of rows) all.push(row);
    return all;
  };
  const copyOn = async (day: string) => {
    fixture.clock.time = new Date(`${day}T12:00:00`);
    await copies.copy();
  };
  const nameOn = (day: string) => `catalog_${fixture.catalog.id.slice(0, 8)}_${day.replaceAll('-', '')}.jsonl`;

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    fixture = await dataFixture(await openCatalog(await place.fresh()));
    copies = copiesOf(fixture.catalog);
    folder = join(fixture.folder, '.catalog');
  });
  afterEach(() => fixture.dispose());

  it('hold every row, are named after the catalog and the day, and only the service can read them', async () => {
    // Line separators that JSON does not escape must not split a line.
    await fixture.catalog.connections.insert(aConnection({ label: 'a\u2028b\u0085c\r\nd "e" 😀' }));
    await fixture.catalog.backups.pin('some', true, 5);
    await copyOn('2026-11-22');
    expect(await files()).toEqual([nameOn('2026-11-22')]);
    const copy = await copies.newest();
    expect(copy).toMatchObject({
      filename: nameOn('2026-11-22'),
      catalogId: fixture.catalog.id,
      madeAt: fixture.clock.time,
      counts: { connections: 1, pins: 1 },
    });
    expect(await rowsOf(copy?.rows() ?? none())).toEqual(await rowsOf(fixture.catalog.exportRows()));
    expect((await stat(join(folder, nameOn('2026-11-22')))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('are replaced within a day', async () => {
    await copyOn('2026-11-22');
    await fixture.catalog.connections.insert(aConnection());
    await copyOn('2026-11-22');
    expect(await files()).toEqual([nameOn('2026-11-22')]);
    expect((await copies.newest())?.counts).toEqual({ connections: 1 });
  });

  it('of many rows are whole', async () => {
    for (let i = 0; i < 1200; i += 1) await fixture.catalog.backups.pin(`${'x'.repeat(100)}${i}`, true, i);
    await copyOn('2026-11-22');
    expect((await copies.newest())?.counts).toEqual({ pins: 1200 });
  });

  it('are kept for their days, at least the last one, and those of another catalog are not touched', async () => {
    copies = copiesOf(fixture.catalog, { days: 2 });
    await mkdir(folder);
    await writeFile(join(folder, 'catalog_ffffffff_20200101.jsonl'), 'theirs');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    for (const day of ['2026-11-19', '2026-11-20', '2026-11-22']) await copyOn(day);
    const others = ['catalog_ffffffff_20200101.jsonl', 'notes.txt'];
    expect(await files()).toEqual([nameOn('2026-11-20'), nameOn('2026-11-22'), ...others].toSorted());
    await copyOn('2025-01-01'); // a clock that was set back
    expect(await files()).toEqual([nameOn('2025-01-01'), nameOn('2026-11-22'), ...others].toSorted());
  });

  it.each([
    ['is cut off within its end', (path: string, size: number) => truncate(path, size - 10)],
    ['has no end', async (path: string) => cutLastLine(path)],
    ['was altered', async (path: string) => replace(path, 'sealed', 'opened')],
    ['goes on after its end', (path: string) => appendFile(path, '{"table":"pins","row":{"id":"x","at":1}}\n')],
    ['is empty', (path: string) => truncate(path, 0)],
    ['is of a format to come', async (path: string) => replace(path, '"catalog_copy":1', '"catalog_copy":2')],
  ])('are skipped for the one before when a copy %s', async (_what, damage) => {
    await fixture.catalog.connections.insert(aConnection());
    await copyOn('2026-11-21');
    await copyOn('2026-11-22');
    const path = join(folder, nameOn('2026-11-22'));
    await damage(path, (await stat(path)).size);
    expect((await copies.newest())?.filename).toBe(nameOn('2026-11-21'));
  });

  it('are ordered by the time in them, not by their names (FAILURES 42)', async () => {
    await copyOn('2026-11-21');
    const text = await readFile(join(folder, nameOn('2026-11-21')), 'utf8');
    await copyOn('2026-11-22');
    await writeFile(join(folder, nameOn('2026-12-31')), text);
    expect((await copies.newest())?.filename).toBe(nameOn('2026-11-22'));
  });

  it('of this catalog come before newer ones of others, or after them', async () => {
    await copyOn('2026-11-21');
    const other = await openCatalog(await place.fresh());
    try {
      fixture.clock.time = new Date('2026-11-22T12:00:00');
      await copiesOf(other).copy();
      expect((await copies.newest())?.catalogId).toBe(fixture.catalog.id);
      expect((await copies.newest('others'))?.catalogId).toBe(other.id);
    } finally {
      await other.close();
    }
  });

  it('that fail leave the earlier copy, and nothing half-written', async () => {
    await copyOn('2026-11-22');
    fixture.catalog.exportRows = async function* () {
      await Promise.resolve();
      yield { table: 'pins', row: { id: 'x', at: 1 } };
      throw new Error('connection lost');
    };
    await expect(copies.copy()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await files()).toEqual([nameOn('2026-11-22')]);
    expect((await copies.newest())?.counts).toEqual({});
  });

  it('remove a half-written file of a killed process once that process is surely gone', async () => {
    await copyOn('2026-11-21');
    const [old, fresh] = [`${nameOn('2026-11-20')}.a.partial`, `${nameOn('2026-11-20')}.b.partial`];
    for (const name of [old, fresh]) await writeFile(join(folder, name), '{');
    await utimes(join(folder, old), new Date(), new Date(Date.now() - 7_200_000));
    await copyOn('2026-11-22');
    expect(await files()).toEqual([fresh, nameOn('2026-11-21'), nameOn('2026-11-22')].toSorted());
  });

  it('never appear among the backups', async () => {
    await copyOn('2026-11-22');
    expect(await fixture.listing.list()).toEqual([]);
    await expect(fixture.listing.list('./backups/.catalog')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    expect(await fixture.storage.foldersWithBackups()).toEqual([]);
  });

  it('do not exist before the first one is made', async () => {
    expect(await copies.newest()).toBeUndefined();
  });
});

async function* none(): AsyncGenerator<CatalogRow> {
  // nothing
}

async function replace(path: string, from: string, to: string): Promise<void> {
  await chmod(path, 0o600);
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Error(`nothing to replace: ${from}`);
  await writeFile(path, text.replace(from, to));
}

async function cutLastLine(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`);
}
