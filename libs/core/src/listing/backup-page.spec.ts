import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';

describe.each(EVERY_CATALOG)('pages of backups from a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    fixture = await dataFixture(await openCatalog(await place.fresh()));
  });
  afterEach(() => fixture.dispose());

  it('have the newest first, and each backup once', async () => {
    for (let day = 1; day <= 7; day += 1) await storeBackup(fixture.folder, `2026-01-0${day}T00:00:00Z`);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await fixture.listing.page({ limit: 3, after });
      expect(page.total).toBe(7);
      seen.push(...page.records.map(({ filename }) => filename));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((day) => `shop_2026010${day}_000000.sql`));
    expect((await fixture.listing.list()).map(({ filename }) => filename)).toEqual(seen);
  });

  it('show the fields of the list, and also the schedule or connection, the pin and the location', async () => {
    const { manifest } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', {
      connection_id: 'shop',
      schedule_id: 'nightly',
      warnings: ['a warning'],
    });
    await fixture.catalog.backups.pin(manifest.id, true, 1);
    const { records } = await fixture.listing.page({ limit: 5 });
    expect(records).toEqual(await fixture.listing.list());
    expect(records).toEqual([
      expect.objectContaining({
        id: manifest.id,
        path: './backups/shop_20260101_000000.sql',
        location: './backups',
        connectionId: 'shop',
        scheduleId: 'nightly',
        pinned: true,
        warnings: ['a warning'],
        verification: manifest.verification,
      }),
    ]);
  });

  it('can be of one status, name or folder', async () => {
    await storeBackup(fixture.folder, '2026-01-01T00:00:00Z');
    await storeBackup(fixture.folder, '2026-01-02T00:00:00Z', { artifact: 'cut.sql', size: 1, database: 'Billing' });
    await writeFile(join(fixture.folder, 'theirs.sql'), 'FAKE\n');
    await storeBackup(fixture.second, '2026-01-03T00:00:00Z');
    const names = async (query: object) =>
      (await fixture.listing.page({ limit: 5, ...query })).records.map(({ filename }) => filename);
    expect(await names({ status: 'damaged' })).toEqual(['cut.sql']);
    expect(await names({ search: 'BILL' })).toEqual(['cut.sql']);
    expect(await names({ search: 'theirs' })).toEqual(['theirs.sql']);
    expect(await names({ location: fixture.second })).toEqual(['shop_20260103_000000.sql']);
    await expect(names({ location: './backups/none' })).rejects.toMatchObject({ code: 'LOCATION_NOT_FOUND' });
    await expect(names({ location: '/etc' })).rejects.toMatchObject({ code: 'INVALID_PATH' });
  });

  it('of a connection come from every folder, with each root as the settings name it', async () => {
    await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', { connection_id: 'shop' });
    await storeBackup(join(fixture.folder, 'weekly'), '2026-01-02T00:00:00Z', { connection_id: 'shop' });
    await storeBackup(fixture.second, '2026-01-03T00:00:00Z', { connection_id: 'shop' });
    await storeBackup(fixture.second, '2026-01-04T00:00:00Z', { connection_id: 'other' });
    for (const folder of [join(fixture.folder, 'weekly'), fixture.second]) await fixture.sync(folder);
    const { records, total } = await fixture.listing.page({ connectionId: 'shop', limit: 5 });
    expect(total).toBe(3);
    expect(records.map(({ path }) => path)).toEqual([
      './second/shop_20260103_000000.sql',
      './backups/weekly/shop_20260102_000000.sql',
      './backups/shop_20260101_000000.sql',
    ]);
    expect((await fixture.listing.page({ connectionId: 'shop', location: './backups', limit: 5 })).total).toBe(1);
    expect((await fixture.listing.page({ everywhere: true, limit: 5 })).total).toBe(4);
    expect((await fixture.listing.page({ everywhere: true, location: './backups', limit: 5 })).total).toBe(1);
  });

  it('are empty before the first backup', async () => {
    expect(await fixture.listing.page({ limit: 5 })).toEqual({ records: [], next: undefined, total: 0 });
  });

  it('find one backup by its id with its manifest and address, and prefer a whole file to a damaged one', async () => {
    const { manifest } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', { size: 1 });
    await mkdir(join(fixture.folder, 'copy'));
    const whole = await storeBackup(join(fixture.folder, 'copy'), '2026-01-01T00:00:00Z', { id: manifest.id });
    await fixture.sync(join(fixture.folder, 'copy'));
    await fixture.sync();
    expect(await fixture.listing.find(manifest.id)).toMatchObject({
      address: { storageId: 'local', key: 'copy/shop_20260101_000000.sql' },
      manifest: whole.manifest,
      record: { status: 'complete', path: './backups/copy/shop_20260101_000000.sql' },
    });
    await expect(fixture.listing.find('none')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('find a foreign file by its id, without a manifest', async () => {
    await writeFile(join(fixture.folder, 'theirs.sql'), 'FAKE\n');
    const [listed] = await fixture.listing.list();
    const found = await fixture.listing.find(listed?.id ?? '');
    expect(found).toMatchObject({
      address: { storageId: 'local', key: 'theirs.sql' },
      record: { status: 'foreign' },
    });
    expect(found.manifest).toBeUndefined();
  });
});
