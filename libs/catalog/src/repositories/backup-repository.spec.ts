import { folderOf, textOfFolder } from '@app/domain';
import type { ArtifactFolder, Manifest } from '@app/domain';
import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { after, allPages, givenCatalog } from '../testing/given-catalog.js';
import { aBackup } from '../testing/sample-records.js';
import type { BackupQuery, BackupRow } from '../records.js';

const at = (folder: string): ArtifactFolder => ({ storageId: 'local', folder });

describe.each(EVERY_CATALOG)('backups in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  const listed = (query: Omit<BackupQuery, 'limit'> = {}, limit = 3): Promise<BackupRow[]> =>
    allPages((position) => given.catalog.backups.page({ ...query, limit, ...after(position) }));

  const ours = aBackup({
    filename: 'a.sql',
    manifest: { manifest_version: 1, warnings: ['“ä”'], objects: { tables: 3 } } as unknown as Manifest,
    verificationFailed: true,
    size: 2 ** 45,
    connectionId: 'c',
    scheduleId: 's',
  });
  const foreign: BackupRow = {
    storageId: 'local',
    key: 'backups/a.sql',
    filename: 'a.sql',
    id: 'foreign',
    status: 'foreign',
    kind: null,
    dbType: null,
    database: null,
    databaseKey: null,
    connectionId: null,
    scheduleId: null,
    format: null,
    compression: null,
    size: 7,
    createdAt: 2_000,
    verification: null,
    verificationFailed: false,
    manifest: null,
    foreignBecause: null,
    fileModifiedAt: 2_000,
    manifestModifiedAt: null,
  };

  it('are returned with all fields, and are replaced as a whole', async () => {
    for (const row of [ours, foreign, ours]) {
      await given.catalog.backups.put([row]);
      expect(await listed()).toEqual([row]);
      expect(await given.catalog.backups.at({ storageId: 'local', key: 'backups/a.sql' })).toEqual(row);
    }
    expect(await given.catalog.backups.at({ storageId: 'local', key: 'a.sql' })).toBeUndefined();
    expect(await given.catalog.backups.at({ storageId: 'other', key: 'backups/a.sql' })).toBeUndefined();
  });

  it('of one place in one call are replaced by the last one', async () => {
    await given.catalog.backups.put([ours, foreign, { ...ours, database: 'Other' }]);
    expect(await listed()).toEqual([{ ...ours, database: 'Other' }]);
    expect(await listed({ search: 'other' })).toHaveLength(1);
    expect(await listed({ search: 'shop' })).toEqual([]);
    await given.catalog.backups.put([]);
  });

  describe.each([
    ['created', 'asc', ['b', 'a', 'd', 'c']],
    ['created', 'desc', ['c', 'a', 'd', 'b']],
    ['size', 'asc', ['a', 'b', 'd', 'c']],
    ['size', 'desc', ['c', 'a', 'b', 'd']],
    ['database', 'asc', ['c', 'a', 'b', 'd']],
    ['database', 'desc', ['d', 'a', 'b', 'c']],
    ['filename', 'asc', ['a', 'b', 'c', 'd']],
    ['filename', 'desc', ['d', 'c', 'b', 'a']],
  ] as const)('by %s, %s', (sort, order, names) => {
    it.each([1, 3])('are listed by page, %d at a time, each exactly once', async (limit) => {
      const like = (name: string, createdAt: number, size: number, database: string | null): BackupRow =>
        aBackup({ filename: `${name}.sql`, id: name, createdAt, size, database });
      await given.catalog.backups.put([
        like('a', 2_000, 5, 'm'),
        like('b', 1_000, 5, 'm'),
        like('c', 3_000, 9, null),
        like('d', 2_000, 5, 'z'),
      ]);
      expect((await listed({ sort, order }, limit)).map(({ id }) => id)).toEqual(names);
    });
  });

  it('refuse the position of a list in another order', async () => {
    await given.catalog.backups.put([ours, foreign, aBackup({ filename: 'b.sql' })]);
    const { next } = await given.catalog.backups.page({ sort: 'size', limit: 1 });
    await expect(given.catalog.backups.page({ limit: 1, ...after(next) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'after', message: expect.stringContaining('another order') as unknown }],
    });
  });

  it('are counted by database and by folder, the foreign ones only by folder', async () => {
    const other = aBackup({ filename: 'b.sql', folder: 'other', databaseKey: 'x', size: 3 });
    await given.catalog.backups.put([
      { ...ours, size: 2 ** 45 },
      aBackup({ filename: 'c.sql', databaseKey: ours.databaseKey, size: 1 }),
      { ...foreign, key: 'backups/f.sql', filename: 'f.sql' },
      other,
    ]);
    expect(await given.catalog.backups.totals()).toEqual(
      new Map([
        [ours.databaseKey, { backups: 2, bytes: 2 ** 45 + 1 }],
        ['x', { backups: 1, bytes: 3 }],
      ]),
    );
    const { createdAt } = other;
    const one = new Map([['x', { backups: 1, bytes: 3 }]]);
    expect(await given.catalog.backups.totals({ key: 'x', from: createdAt, until: createdAt + 1 })).toEqual(one);
    expect(await given.catalog.backups.totals({ key: 'x', until: createdAt })).toEqual(new Map());
    expect(await given.catalog.backups.totals({ key: 'x', from: createdAt + 1 })).toEqual(new Map());
    const folders = await given.catalog.backups.inFolders();
    expect(folders.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))).toEqual([
      { ...at('backups'), backups: 3, bytes: 2 ** 45 + 8 },
      { ...at('other'), backups: 1, bytes: 3 },
    ]);
  });

  it('are removed by key from one storage, a thousand at once', async () => {
    const many = Array.from({ length: 1_200 }, () => aBackup());
    const kept = aBackup();
    const elsewhere = { ...kept, storageId: 'other', key: many[0]?.key ?? '' };
    await given.catalog.backups.put([...many, kept, elsewhere]);
    await given.catalog.backups.remove(
      'local',
      many.map(({ key }) => key),
    );
    expect(await listed()).toHaveLength(2);
    await given.catalog.backups.remove('local', []);
  });

  it('are listed newest first, then by name in the order of bytes, then by address', async () => {
    const some = [
      aBackup({ createdAt: 3_000, filename: 'z' }),
      aBackup({ createdAt: 2_000, filename: 'B' }),
      aBackup({ createdAt: 2_000, filename: 'B', folder: 'other' }),
      aBackup({ createdAt: 2_000, filename: 'B', folder: 'a', storageId: 'other' }),
      aBackup({ createdAt: 2_000, filename: 'a' }),
      aBackup({ createdAt: 2_000, filename: 'a_2' }),
      aBackup({ createdAt: 2_000, filename: 'ä' }),
      aBackup({ createdAt: 1_000, filename: 'Z' }),
    ];
    await given.catalog.backups.put(some.toReversed());
    for (const limit of [1, 2, 3, 8, 10]) expect(await listed({}, limit)).toEqual(some);
  });

  it('are listed and counted by folder, connection and status', async () => {
    const some = Array.from({ length: 24 }, (_, index) =>
      aBackup({
        createdAt: 100 - index,
        folder: index % 2 === 0 ? 'a' : 'b',
        connectionId: index % 3 === 0 ? 'c' : null,
        status: index % 4 === 0 ? 'damaged' : 'complete',
      }),
    );
    await given.catalog.backups.put(some);
    const queries: Omit<BackupQuery, 'limit'>[] = [
      { folder: at('a') },
      { connectionId: 'c' },
      { status: 'damaged' },
      { folder: at('a'), connectionId: 'c', status: 'complete' },
      { folder: at('none') },
      { folder: { storageId: 'other', folder: 'a' } },
    ];
    for (const query of queries) {
      const expected = some.filter((row) =>
        Object.entries(query).every(([key, value]) =>
          key === 'folder'
            ? textOfFolder(folderOf(row)) === textOfFolder(value as ArtifactFolder)
            : row[key as keyof BackupRow] === value,
        ),
      );
      expect(await listed(query)).toEqual(expected);
      expect(await given.catalog.backups.count(query)).toBe(expected.length);
    }
    expect(await given.catalog.backups.ofConnection('c')).toEqual(some.filter((row) => row.connectionId === 'c'));
  });

  it.each([
    ['shop', ['Shop_2026.sql', 'other.sql']],
    ['SHOP', ['Shop_2026.sql', 'other.sql']],
    ['ÄRZTE', ['ärzte.sql']],
    ['p_2', ['Shop_2026.sql']],
    ['50%', ['50%.sql']],
    ['\\', ['back\\slash.sql']],
    ['%', ['50%.sql']],
    ['', ['50%.sql', 'Shop_2026.sql', 'back\\slash.sql', 'other.sql', 'ärzte.sql']],
    ['nothing', []],
  ])('are found by %j in the name of file or database, in any case', async (search, expected) => {
    await given.catalog.backups.put([
      aBackup({ filename: 'Shop_2026.sql', database: 'x' }),
      aBackup({ filename: 'other.sql', database: 'webShop' }),
      aBackup({ filename: 'ärzte.sql', database: null }),
      aBackup({ filename: '50%.sql', database: 'x' }),
      aBackup({ filename: 'back\\slash.sql', database: 'x' }),
    ]);
    expect((await listed({ search })).map(({ filename }) => filename)).toEqual(expected);
    expect(await given.catalog.backups.count({ search })).toBe(expected.length);
  });

  it('are found in every folder that holds them', async () => {
    const here = aBackup({ folder: 'a' });
    const there = { ...here, key: here.key.replace('a/', 'b/') };
    await given.catalog.backups.put([there, here, aBackup()]);
    expect(await given.catalog.backups.get(here.id)).toEqual([here, there]);
    expect(await given.catalog.backups.get('another')).toEqual([]);
  });

  it('return only the fields that a comparison with their folder needs', async () => {
    const one = aBackup({ size: 5, fileModifiedAt: 6, manifestModifiedAt: null });
    await given.catalog.backups.put([one, aBackup({ folder: 'other' }), aBackup({ storageId: 'other' })]);
    expect(await given.catalog.backups.known(at('backups'))).toEqual([
      { filename: one.filename, size: 5, fileModifiedAt: 6, manifestModifiedAt: null },
    ]);
  });

  it('of one database are listed newest first, only the whole ones', async () => {
    const key = 'k';
    const old = aBackup({ databaseKey: key, createdAt: 1, folder: 'a' });
    const young = aBackup({ databaseKey: key, createdAt: 9, folder: 'b' });
    const damaged = aBackup({ databaseKey: key, status: 'damaged' });
    await given.catalog.backups.put([old, young, damaged, aBackup()]);
    expect(await given.catalog.backups.ofDatabase(key)).toEqual([young, old]);
    expect(await given.catalog.backups.ofDatabase(key, { limit: 1 })).toEqual([young]);
    expect(await given.catalog.backups.ofDatabase(key, { folder: at('a') })).toEqual([old]);
  });

  it('stay pinned when their row is replaced, removed and inserted again', async () => {
    const one = aBackup();
    await given.catalog.backups.put([one]);
    await given.catalog.backups.pin(one.id, true, 5_000);
    await given.catalog.backups.pin(one.id, true, 6_000);
    await given.catalog.backups.put([one]);
    await given.catalog.backups.remove(one.storageId, [one.key]);
    await given.catalog.backups.clear();
    const asked = [one.id, ...Array.from({ length: 600 }, (_, index) => `none-${index}`)];
    expect(await given.catalog.backups.pinned(asked)).toEqual(new Set([one.id]));
    await given.catalog.backups.pin(one.id, false, 7_000);
    await given.catalog.backups.pin(one.id, false, 7_000);
    expect(await given.catalog.backups.pinned([one.id])).toEqual(new Set());
  });

  it('remember the state of each folder, and forget it with all rows', async () => {
    await given.catalog.backups.put([aBackup({ folder: 'a' })]);
    expect(await given.catalog.backups.folderState(at('a'))).toBeUndefined();
    await given.catalog.backups.setFolderState(at('a'), 'one');
    await given.catalog.backups.setFolderState(at('a'), 'two');
    await given.catalog.backups.put([aBackup({ folder: 'a' })]);
    await given.catalog.backups.setFolderState(at('empty'), 'state');
    expect(await given.catalog.backups.folderState(at('a'))).toBe('two');
    expect(await given.catalog.backups.folders()).toEqual([at('a'), at('empty')]);
    await given.catalog.backups.clear();
    expect(await given.catalog.backups.folders()).toEqual([]);
    expect(await given.catalog.backups.folderState(at('a'))).toBeUndefined();
    expect(await given.catalog.backups.count({})).toBe(0);
  });

  it('are inserted by the ten thousand, all or none', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => aBackup({ createdAt: index }));
    await given.catalog.backups.put(many);
    expect(await given.catalog.backups.count({})).toBe(10_000);
    const faulty = { ...aBackup({ filename: 'zzz' }), size: null } as unknown as BackupRow;
    await expect(
      given.catalog.backups.put([...many.map((row) => ({ ...row, size: 1 })), faulty]),
    ).rejects.toMatchObject({
      code: 'CATALOG_FAILED',
    });
    expect((await given.catalog.backups.page({ limit: 1 })).rows).toEqual([many.at(-1)]);
  });

  it('of storages that a service does not have are neither listed nor forgotten by it', async () => {
    const here = aBackup({ connectionId: 'c', databaseKey: 'k' });
    const there = { ...here, storageId: 'there' };
    await given.catalog.backups.put([here, there]);
    const seen = given.catalog.seeing(() => ['local']).backups;
    expect(await seen.get(here.id)).toEqual([here]);
    expect((await seen.page({ limit: 9 })).rows).toEqual([here]);
    expect(await seen.count({})).toBe(1);
    expect(await seen.ofDatabase('k')).toEqual([here]);
    expect(await seen.ofConnection('c')).toEqual([here]);
    expect(await seen.totals()).toEqual(new Map([['k', { backups: 1, bytes: here.size }]]));
    expect(await seen.inFolders()).toEqual([{ ...at('backups'), backups: 1, bytes: here.size }]);
    expect(await seen.folders()).toEqual([at('backups')]);
    await seen.clear();
    expect(await listed()).toEqual([there]);
    expect(await given.catalog.backups.folders()).toEqual([{ storageId: 'there', folder: 'backups' }]);
    await given.catalog
      .seeing(() => ['local'])
      .transaction(async ({ backups }) => {
        expect(await backups.count({})).toBe(0);
      });
  });
});
