import { copyFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { dataBench } from '../testing/data-bench.js';
import type { DataBench } from '../testing/data-bench.js';
import { storeBackup } from '../testing/stored-backup.js';
import { amendManifest, testSigner } from '../testing/test-signer.js';

describe.each(EVERY_CATALOG)('the index of backups in a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let bench: DataBench;
  const rows = async (location = bench.folder) =>
    (await bench.catalog.backups.page({ location, limit: 5000 })).rows.map(({ filename, status }) => [
      filename,
      status,
    ]);
  const page = (limit = 100) => bench.index.page({ location: bench.folder, limit });
  const store = (hour: number, more = {}) =>
    storeBackup(bench.folder, `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`, more);

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    bench = await dataBench(await openCatalog(await place.fresh()));
  });
  afterEach(() => bench.dispose());

  it('has what is in the folder: ours, dumps from elsewhere, damaged ones, and nothing else', async () => {
    await store(1);
    await store(2, { artifact: 'short.sql', size: 3 });
    await store(3, { artifact: 'unreadable.sql' });
    await writeFile(join(bench.folder, 'unreadable.sql.manifest.json'), '{}');
    await writeFile(join(bench.folder, 'theirs.sql'), 'FAKE\n');
    await writeFile(join(bench.folder, 'notes.txt'), 'FAKE\n');
    await bench.sync();
    expect(Object.fromEntries(await rows())).toEqual({
      'shop_20260101_010000.sql': 'complete',
      'short.sql': 'damaged',
      'unreadable.sql': 'damaged',
      'theirs.sql': 'foreign',
    });
  });

  it('opens nothing, and does not even list, when nothing changed', async () => {
    for (const hour of [1, 2, 3]) await store(hour);
    await bench.settle();
    await bench.sync();
    bench.storage.reset();
    await bench.sync();
    expect(bench.storage.asked).toEqual({ lists: 0, stats: 0, manifests: 0, opens: 0 });
  });

  it('opens only what is new', async () => {
    for (const hour of [1, 2, 3]) await store(hour);
    await bench.settle();
    await bench.sync();
    bench.storage.reset();
    await store(4);
    await bench.settle();
    await bench.sync();
    expect(bench.storage.asked).toMatchObject({ lists: 1, manifests: 1, opens: 0 });
    expect(await rows()).toHaveLength(4);
  });

  it('does not trust a change of just now: the next may look the same', async () => {
    await store(1);
    await bench.sync();
    bench.storage.reset();
    await store(2);
    await bench.sync();
    expect(await rows()).toHaveLength(2);
    await rm(join(bench.folder, 'shop_20260101_010000.sql'));
    await bench.sync();
    expect(await rows()).toEqual([['shop_20260101_020000.sql', 'complete']]);
    expect(bench.storage.asked).toMatchObject({ lists: 2, manifests: 1 });
  });

  it('loses what was deleted or lost its manifest', async () => {
    const [gone, bare] = [await store(1), await store(2)];
    await bench.settle();
    await bench.sync();
    await rm(gone.path);
    await rm(`${bare.path}.manifest.json`);
    await bench.settle();
    await bench.sync();
    expect(await rows()).toEqual([['shop_20260101_020000.sql', 'foreign']]);
  });

  it('keeps a backup that is published while the folder is being read', async () => {
    await store(1);
    bench.storage.afterList = async () => {
      bench.storage.afterList = () => Promise.resolve();
      const { manifest, path } = await store(2);
      const file = await bench.storage.stat(path);
      if (file === undefined) throw new Error('not there');
      await bench.index.published(manifest, file, await bench.locate(bench.folder));
    };
    await bench.sync();
    expect(await rows()).toHaveLength(2);
  });

  it('reads everything again when another version of the service wrote the rows', async () => {
    await store(1);
    await bench.settle();
    await bench.sync();
    const state = await bench.catalog.backups.folderState(bench.folder);
    await bench.catalog.backups.setFolderState(bench.folder, `0${state}`);
    bench.storage.reset();
    await bench.sync();
    expect(bench.storage.asked.manifests).toBe(1);
  });

  it('looks at a folder once for all who ask meanwhile, and again for those who ask later', async () => {
    await store(1);
    bench.storage.reset();
    await Promise.all(Array.from({ length: 10 }, () => bench.sync()));
    expect(bench.storage.asked.lists).toBeLessThanOrEqual(2);
    await store(2);
    await bench.sync();
    expect(await rows()).toHaveLength(2);
  });

  describe('a page', () => {
    it('notices what was altered in place, for what it shows', async () => {
      const [, cut, edited] = [await store(1), await store(2), await store(3)];
      await bench.settle();
      await bench.sync();
      await truncate(cut.path, 3);
      await amendManifest(edited.path, { warnings: ['x'] });
      const shown = (await page()).rows;
      expect(shown.map(({ status }) => status)).toEqual(['complete', 'damaged', 'complete']);
      expect(shown[0]?.manifest?.warnings).toEqual(['x']);
      expect(Object.fromEntries(await rows())).toMatchObject({ [cut.manifest.artifact]: 'damaged' });
    });

    it('has no backup that its query does not mean any more', async () => {
      const { path } = await store(1);
      for (const hour of [2, 3]) await store(hour);
      await bench.settle();
      await bench.sync();
      await truncate(path, 3);
      const { rows: shown, total } = await bench.index.page({ location: bench.folder, status: 'complete', limit: 5 });
      expect([shown.length, total]).toEqual([2, 2]);
    });

    it('does not show what is gone, and has it again when the folder comes back as it was', async () => {
      const { path } = await store(1);
      await store(2);
      await bench.settle();
      await bench.sync();
      await rename(path, join(bench.home, 'aside.sql'));
      await bench.restoreTime();
      await bench.sync();
      expect(await page()).toMatchObject({ total: 1 });
      await rename(join(bench.home, 'aside.sql'), path);
      await bench.restoreTime();
      await bench.sync();
      expect(await page()).toMatchObject({ total: 2 });
    });

    it('costs the same of ten backups as of a thousand', async () => {
      const costs: object[] = [];
      const { manifest } = await store(1);
      for (const count of [10, 1000]) {
        for (let i = 0; i < count; i += 1) {
          const name = `${i}.sql`;
          await copyFile(join(bench.folder, manifest.artifact), join(bench.folder, name));
          const own = testSigner.textOf({ ...manifest, artifact: name, id: `id-${i}` });
          await writeFile(join(bench.folder, `${name}.manifest.json`), own);
        }
        await bench.settle();
        await bench.sync();
        bench.storage.reset();
        expect(await bench.listing.page({ limit: 10 })).toMatchObject({ total: count + 1 });
        costs.push({ ...bench.storage.asked });
      }
      expect(costs[0]).toEqual({ lists: 0, stats: 10, manifests: 0, opens: 0 });
      expect(costs[1]).toEqual(costs[0]);
    });
  });

  it('finds a backup by its id in every folder, also one that it has not seen yet', async () => {
    const { manifest, path } = await store(1);
    await mkdir(join(bench.folder, 'copy'));
    for (const suffix of ['', '.manifest.json']) {
      await copyFile(path + suffix, join(bench.folder, 'copy', manifest.artifact + suffix));
    }
    expect(await bench.index.get(manifest.id)).toHaveLength(1);
    await bench.sync(join(bench.folder, 'copy'));
    expect((await bench.index.get(manifest.id)).map(({ location }) => location)).toEqual([
      bench.folder,
      join(bench.folder, 'copy'),
    ]);
    expect(await bench.index.get('none')).toEqual([]);
  });

  it('forgets a folder that is gone', async () => {
    const weekly = join(bench.folder, 'weekly');
    await storeBackup(weekly, '2026-01-01T00:00:00Z');
    await bench.sync(weekly);
    await rm(weekly, { recursive: true });
    await bench.index.syncEverywhere();
    expect(await rows(weekly)).toEqual([]);
  });
});
