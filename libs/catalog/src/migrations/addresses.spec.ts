import type { Manifest } from '@app/domain';
import { openCatalog } from '../open-catalog.js';
import type { CatalogOptions } from '../open-catalog.js';
import { EVERY_CATALOG, catalogPlace } from '../testing/catalog-matrix.js';
import type { CatalogPlace } from '../testing/catalog-matrix.js';
import { makeEarlierCatalog } from '../testing/earlier-catalog.js';

const LAST_WITH_PATHS = '0007-manifest-revisions';

const verification = { level: 'restored', at: '2026-11-22T10:15:00Z' };
/** Rows as the version before wrote them. */
const ROWS = [
  `insert into backups (location, filename, id, status, kind, db_type, database, database_key, connection_id, schedule_id,
     format, compression, size, created_at, verification, verification_failed, manifest, foreign_because,
     file_modified_at, manifest_modified_at, search_text)
   values ('/srv/backups', 'a.sql', 'one', 'complete', 'manual', 'PostgreSQL', 'shop', 'k', 'c', 's', 'plain', 'none', 7, 2000,
     'restored', 0, '{"warnings":[]}', null, 2001, 2002, 'a.sql shop'),
   ('/srv/backups/weekly', 'a.sql', 'one', 'foreign', null, null, null, null, null, null, null, null, 8, 1000,
     null, 1, null, 'unsigned', 1001, null, 'a.sql'),
   ('/mnt/other', 'b.sql', 'two', 'complete', null, null, null, null, null, null, null, null, 9, 500,
     null, 0, null, null, 501, null, 'b.sql')`,
  `insert into folders (location, state) values ('/srv/backups', '2 1:2:3'), ('/srv/backups/weekly', null), ('/mnt/other', '2 x')`,
  `insert into manifest_revisions (location, filename, id, revision, verification, failed)
   values ('/srv/backups', 'a.sql', 'one', 3, '${JSON.stringify(verification)}', 0),
   ('/srv/backups/weekly', 'a.sql', 'one', 4, '${JSON.stringify(verification)}', 1)`,
  `insert into pins (id, at) values ('one', 5)`,
];

describe.each(EVERY_CATALOG)('a $kind catalog that names folders by their paths', ({ kind }) => {
  let place: CatalogPlace;
  let options: CatalogOptions;

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  beforeEach(async () => {
    options = await place.fresh();
    await makeEarlierCatalog(options, LAST_WITH_PATHS);
    for (const row of ROWS) await place.run(options, row);
  });
  afterAll(() => place.dispose());

  it('keeps everything it knows, by path until a service assigns the folder to a storage', async () => {
    const catalog = await openCatalog(options);
    try {
      const { backups } = catalog;
      expect(await backups.unassigned()).toEqual(['/mnt/other', '/srv/backups', '/srv/backups/weekly']);
      await backups.assign('/srv/backups', { storageId: 'local', folder: '' });
      await backups.assign('/srv/backups/weekly', { storageId: 'local', folder: 'weekly' });
      expect(await backups.unassigned()).toEqual(['/mnt/other']);
      expect(await backups.at({ storageId: 'local', key: 'a.sql' })).toEqual({
        storageId: 'local',
        key: 'a.sql',
        filename: 'a.sql',
        id: 'one',
        status: 'complete',
        kind: 'manual',
        dbType: 'PostgreSQL',
        database: 'shop',
        databaseKey: 'k',
        connectionId: 'c',
        scheduleId: 's',
        format: 'plain',
        compression: 'none',
        size: 7,
        createdAt: 2_000,
        verification: 'restored',
        verificationFailed: false,
        manifest: { warnings: [] },
        foreignBecause: null,
        fileModifiedAt: 2_001,
        manifestModifiedAt: 2_002,
      });
      expect(await backups.page({ limit: 9, folder: { storageId: 'local', folder: 'weekly' } })).toMatchObject({
        rows: [
          { key: 'weekly/a.sql', status: 'foreign', foreignBecause: 'unsigned', verificationFailed: true, size: 8 },
        ],
      });
      expect(await backups.folders()).toEqual([
        { storageId: 'local', folder: '' },
        { storageId: 'local', folder: 'weekly' },
        { storageId: 'unassigned', folder: '/mnt/other' },
      ]);
      expect(await backups.folderState({ storageId: 'local', folder: '' })).toBe('2 1:2:3');
      expect(await backups.folderState({ storageId: 'local', folder: 'weekly' })).toBeUndefined();
      expect(await backups.revisions({ storageId: 'local', key: 'a.sql' })).toEqual([
        { id: 'one', revision: 3, verification },
      ]);
      expect(await backups.revisions({ storageId: 'local', key: 'weekly/a.sql' })).toMatchObject([{ revision: 4 }]);
      expect(await backups.pinned(['one'])).toEqual(new Set(['one']));
      expect((await backups.page({ limit: 9, search: 'b.sql' })).rows).toMatchObject([{ key: '/mnt/other/b.sql' }]);
    } finally {
      await catalog.close();
    }
  });

  it('keeps what is known of an address already when another service has listed the folder meanwhile', async () => {
    const catalog = await openCatalog(options);
    try {
      const { backups } = catalog;
      const [old] = (await backups.page({ limit: 9, search: 'shop' })).rows;
      if (old === undefined) throw new Error('The backup is lost.');
      await backups.put([{ ...old, storageId: 'local', key: 'a.sql', size: 99 }]);
      await backups.assign('/srv/backups', { storageId: 'local', folder: '' });
      expect(await backups.get('one')).toMatchObject([
        { storageId: 'local', key: 'a.sql', size: 99 },
        { storageId: 'unassigned', key: '/srv/backups/weekly/a.sql' },
      ]);
      expect(await backups.unassigned()).toEqual(['/mnt/other', '/srv/backups/weekly']);
    } finally {
      await catalog.close();
    }
  });

  it('keeps the later of two verdicts when another service has read the folder meanwhile', async () => {
    const catalog = await openCatalog(options);
    try {
      const { backups } = catalog;
      const [old] = (await backups.page({ limit: 9, search: 'shop' })).rows;
      if (old === undefined) throw new Error('The backup is lost.');
      // Somebody put an earlier manifest beside the file before the folder was assigned.
      const manifest = { id: 'one', revision: 1, verification: { level: 'stored', at: verification.at } } as Manifest;
      await backups.put([{ ...old, storageId: 'local', key: 'a.sql', manifest }]);
      await backups.setFolderState({ storageId: 'local', folder: '' }, '2 1:2:3');
      await backups.assign('/srv/backups', { storageId: 'local', folder: '' });
      expect(await backups.revisions({ storageId: 'local', key: 'a.sql' })).toEqual([
        { id: 'one', revision: 3, verification },
      ]);
      // The next comparison reads the folder, as rows have come to it.
      expect(await backups.folderState({ storageId: 'local', folder: '' })).toBeUndefined();
    } finally {
      await catalog.close();
    }
  });

  it('knows a folder at its new address as well, with the later verdicts, and reads it anew', async () => {
    const catalog = await openCatalog(options);
    try {
      const { backups } = catalog;
      const before = { storageId: 'local', folder: 'weekly' };
      const now = { storageId: 'other', folder: '' };
      await backups.assign('/srv/backups/weekly', before);
      await backups.setFolderState(before, '2 state');
      await backups.knowAlsoAt(before, now);
      expect(await backups.folders()).toContainEqual(now);
      expect(await backups.folderState(now)).toBeUndefined();
      expect(await backups.revisions({ storageId: 'other', key: 'a.sql' })).toMatchObject([{ id: 'one', revision: 4 }]);
      expect(await backups.at({ storageId: 'local', key: 'weekly/a.sql' })).toBeDefined();
      expect(await backups.folderState(before)).toBe('2 state');
    } finally {
      await catalog.close();
    }
  });

  it('gives the first root that asks the id of the local storage', async () => {
    const catalog = await openCatalog(options);
    try {
      expect(await catalog.storageRoots.holder('local', '/srv/backups')).toBe('/srv/backups');
      expect(await catalog.storageRoots.holder('local', '/mnt/other')).toBe('/srv/backups');
      expect(await catalog.storageRoots.holders()).toEqual([{ storageId: 'local', root: '/srv/backups' }]);
      expect(await catalog.storageRoots.paths()).toEqual([]);
    } finally {
      await catalog.close();
    }
  });
});
