import { copyFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { ArtifactFolder } from '@app/domain';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';
import { amendManifest, testSigner } from '../../../artifact/src/testing/test-signer.js';

const inLocal = (folder = ''): ArtifactFolder => ({ storageId: 'local', folder });

describe.each(EVERY_CATALOG)('the index of backups in a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;
  const rows = async (folder = '') =>
    (await fixture.catalog.backups.page({ folder: inLocal(folder), limit: 5000 })).rows.map(({ filename, status }) => [
      filename,
      status,
    ]);
  const page = (limit = 100) => fixture.index.page({ folder: inLocal(), limit });
  const store = (hour: number, more = {}) =>
    storeBackup(fixture.folder, `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`, more);

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    fixture = await dataFixture(await openCatalog(await place.fresh()));
  });
  afterEach(() => fixture.dispose());

  it('holds the backups of a folder, foreign dumps and damaged backups, and nothing else', async () => {
    await store(1);
    await store(2, { artifact: 'short.sql', size: 3 });
    await store(3, { artifact: 'unreadable.sql' });
    await writeFile(join(fixture.folder, 'unreadable.sql.manifest.json'), '{}');
    await writeFile(join(fixture.folder, 'theirs.sql'), 'FAKE\n');
    await writeFile(join(fixture.folder, 'notes.txt'), 'FAKE\n');
    await fixture.sync();
    expect(Object.fromEntries(await rows())).toEqual({
      'shop_20260101_010000.sql': 'complete',
      'short.sql': 'damaged',
      'unreadable.sql': 'damaged',
      'theirs.sql': 'foreign',
    });
  });

  it('opens no file and does not list the folder when nothing changed', async () => {
    for (const hour of [1, 2, 3]) await store(hour);
    await fixture.makeOld();
    await fixture.sync();
    fixture.storage.reset();
    await fixture.sync();
    expect(fixture.storage.asked).toEqual({ lists: 0, stats: 0, manifests: 0, opens: 0 });
  });

  it('opens only new files', async () => {
    for (const hour of [1, 2, 3]) await store(hour);
    await fixture.makeOld();
    await fixture.sync();
    fixture.storage.reset();
    await store(4);
    await fixture.makeOld();
    await fixture.sync();
    expect(fixture.storage.asked).toMatchObject({ lists: 1, manifests: 1, opens: 0 });
    expect(await rows()).toHaveLength(4);
  });

  it('does not trust a change of the last moment, as the next one may look the same', async () => {
    await store(1);
    await fixture.sync();
    fixture.storage.reset();
    await store(2);
    await fixture.sync();
    expect(await rows()).toHaveLength(2);
    await rm(join(fixture.folder, 'shop_20260101_010000.sql'));
    await fixture.sync();
    expect(await rows()).toEqual([['shop_20260101_020000.sql', 'complete']]);
    expect(fixture.storage.asked).toMatchObject({ lists: 2, manifests: 1 });
  });

  it('forgets a backup that was deleted or lost its manifest', async () => {
    const [gone, bare] = [await store(1), await store(2)];
    await fixture.makeOld();
    await fixture.sync();
    await rm(gone.path);
    await rm(`${bare.path}.manifest.json`);
    await fixture.makeOld();
    await fixture.sync();
    expect(await rows()).toEqual([['shop_20260101_020000.sql', 'foreign']]);
  });

  it('keeps a backup that is published while the folder is being read', async () => {
    await store(1);
    fixture.storage.afterList = async () => {
      fixture.storage.afterList = () => Promise.resolve();
      const { manifest } = await store(2);
      const file = await fixture.storage.stat(manifest.artifact);
      if (file === undefined) throw new Error('not there');
      await fixture.index.published(manifest, file, await fixture.locate(fixture.folder));
    };
    await fixture.sync();
    expect(await rows()).toHaveLength(2);
  });

  it('reads everything again when another version of the service wrote the rows', async () => {
    await store(1);
    await fixture.makeOld();
    await fixture.sync();
    const state = await fixture.catalog.backups.folderState(inLocal());
    await fixture.catalog.backups.setFolderState(inLocal(), `0${state}`);
    fixture.storage.reset();
    await fixture.sync();
    expect(fixture.storage.asked.manifests).toBe(1);
  });

  it('reads a folder once for all callers that ask meanwhile, and again for later ones', async () => {
    await store(1);
    fixture.storage.reset();
    await Promise.all(Array.from({ length: 10 }, () => fixture.sync()));
    expect(fixture.storage.asked.lists).toBeLessThanOrEqual(2);
    await store(2);
    await fixture.sync();
    expect(await rows()).toHaveLength(2);
  });

  describe('a page', () => {
    it('notices that a file which it shows was altered in place', async () => {
      const [, cut, edited] = [await store(1), await store(2), await store(3)];
      await fixture.makeOld();
      await fixture.sync();
      await truncate(cut.path, 3);
      await amendManifest(edited.path, { warnings: ['x'] });
      const shown = (await page()).rows;
      expect(shown.map(({ status }) => status)).toEqual(['complete', 'damaged', 'complete']);
      expect(shown[0]?.manifest?.warnings).toEqual(['x']);
      expect(Object.fromEntries(await rows())).toMatchObject({ [cut.manifest.artifact]: 'damaged' });
    });

    it('does not show a backup that does not match its query any more', async () => {
      const { path } = await store(1);
      for (const hour of [2, 3]) await store(hour);
      await fixture.makeOld();
      await fixture.sync();
      await truncate(path, 3);
      const { rows: shown, total } = await fixture.index.page({
        folder: inLocal(),
        status: 'complete',
        limit: 5,
      });
      expect([shown.length, total]).toEqual([2, 2]);
    });

    it('does not show a backup that is gone, and shows it again when the folder comes back as it was', async () => {
      const { path } = await store(1);
      await store(2);
      await fixture.makeOld();
      await fixture.sync();
      await rename(path, join(fixture.home, 'moved-away.sql'));
      await fixture.restoreTime();
      await fixture.sync();
      expect(await page()).toMatchObject({ total: 1 });
      await rename(join(fixture.home, 'moved-away.sql'), path);
      await fixture.restoreTime();
      await fixture.sync();
      expect(await page()).toMatchObject({ total: 2 });
    });

    it('costs the same for ten backups as for a thousand', async () => {
      const costs: object[] = [];
      const { manifest } = await store(1);
      for (const count of [10, 1000]) {
        for (let i = 0; i < count; i += 1) {
          const name = `${i}.sql`;
          await copyFile(join(fixture.folder, manifest.artifact), join(fixture.folder, name));
          const own = testSigner.textOf({ ...manifest, artifact: name, id: `id-${i}` });
          await writeFile(join(fixture.folder, `${name}.manifest.json`), own);
        }
        await fixture.makeOld();
        await fixture.sync();
        fixture.storage.reset();
        expect(await fixture.listing.page({ limit: 10 })).toMatchObject({ total: count + 1 });
        costs.push({ ...fixture.storage.asked });
      }
      expect(costs[0]).toEqual({ lists: 0, stats: 10, manifests: 0, opens: 0 });
      expect(costs[1]).toEqual(costs[0]);
    });
  });

  it('finds a backup by its id in every folder, also one that it has not seen yet', async () => {
    const { manifest, path } = await store(1);
    await mkdir(join(fixture.folder, 'copy'));
    for (const suffix of ['', '.manifest.json']) {
      await copyFile(path + suffix, join(fixture.folder, 'copy', manifest.artifact + suffix));
    }
    expect(await fixture.index.get(manifest.id)).toHaveLength(1);
    await fixture.sync(join(fixture.folder, 'copy'));
    expect((await fixture.index.get(manifest.id)).map(({ key }) => key)).toEqual([
      `copy/${manifest.artifact}`,
      manifest.artifact,
    ]);
    expect(await fixture.index.get('none')).toEqual([]);
  });

  it('forgets a folder that is gone', async () => {
    const weekly = join(fixture.folder, 'weekly');
    await storeBackup(weekly, '2026-01-01T00:00:00Z');
    await fixture.sync(weekly);
    await rm(weekly, { recursive: true });
    await fixture.index.syncEverywhere();
    expect(await rows(weekly)).toEqual([]);
  });
});
