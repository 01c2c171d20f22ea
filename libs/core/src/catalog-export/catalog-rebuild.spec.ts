import { createHash } from 'node:crypto';
import { readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactReader } from '@app/artifact';
import { openCatalog } from '@app/catalog';
import type { Catalog, CatalogRow } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { aConnection, anAuditEntry, aRestore, aSchedule } from '../../../catalog/src/testing/sample-records.js';
import { BackupIndex } from '../inventory/backup-index.js';
import { CatalogExport } from './catalog-export.js';
import { CatalogCopies } from './catalog-copies.js';
import { CatalogRebuild } from './catalog-rebuild.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { FakeDriver } from '../testing/fake-driver.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';
import { testCopyKeys } from '../testing/test-copy-keys.js';

describe.each(EVERY_CATALOG)('rebuilding a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;
  let others: { close(): Promise<void> }[];

  /** Opens the same folders under another catalog, as a start after a loss does. */
  const over = (catalog: Catalog) => {
    const { storages, locations, clock } = fixture;
    const logger = silentLogger;
    const copies = new CatalogCopies({
      ...{ catalog, storage: storages.default, folder: join(fixture.folder, '.catalog') },
      ...{ keys: testCopyKeys, clock, logger },
    });
    const catalogExport = new CatalogExport({ catalog, copies });
    const drivers = new DriverRegistry([new FakeDriver()]);
    const index = new BackupIndex({
      catalog,
      storages,
      reader: new ArtifactReader(storages),
      signer: testSigner,
      locations,
      drivers,
    });
    const storageStore = { load: () => Promise.resolve() };
    const rebuild = new CatalogRebuild({
      ...{ catalog, storages, storageStore, locations, index, copies, catalogExport, logger },
    });
    return { catalog, copies, index, rebuild };
  };
  const openNew = async () => {
    const catalog = await openCatalog(await place.fresh());
    const opened = over(catalog);
    others.push(catalog);
    return opened;
  };
  const exported = async (catalog: Catalog) => {
    const rows: CatalogRow[] = [];
    for await (const row of catalog.exportRows()) rows.push(row);
    return rows;
  };
  const backupsOf = async (catalog: Catalog) => (await catalog.backups.page({ limit: 500 })).rows;

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    others = [];
    fixture = await dataFixture(await openCatalog(await place.fresh()));
  });
  afterEach(async () => {
    for (const one of others) await one.close();
    await fixture.dispose();
  });

  /** Fills a catalog with everything but jobs. */
  const fill = async () => {
    const connection = aConnection({
      label: 'Shop',
      retention: { keepLast: 5, maxBytes: 9e12 },
      sealedPassword: 'v1:sealed',
      tlsCa: '-----BEGIN',
      sealedTlsKey: 'v1:key',
    });
    const source = aConnection();
    const nightly = aSchedule({
      connectionId: connection.id,
      options: { compression: 'zstd', verification: 'stored' },
      retention: { daily: 7 },
    });
    const staging = aSchedule({ connectionId: source.id, action: 'restore', sourceConnectionId: connection.id });
    for (const record of [connection, source]) await fixture.catalog.connections.insert(record);
    await fixture.catalog.schedules.insert([nightly, staging]);
    await fixture.catalog.restores.insert(aRestore({ connectionId: connection.id, state: 'succeeded' }));
    await fixture.catalog.audit.insert(anAuditEntry({ subject: connection.id }));
    const made = { connection_id: connection.id, schedule_id: nightly.id };
    const { manifest } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', made);
    await storeBackup(join(fixture.folder, 'deep/weekly'), '2026-01-02T00:00:00Z', made);
    await storeBackup(fixture.second, '2026-01-03T00:00:00Z', {
      verification: { level: 'stored', at: '2026-01-04T00:00:00.000Z' },
    });
    await writeFile(join(fixture.folder, 'theirs.sql'), 'FAKE\n');
    await fixture.catalog.backups.pin(manifest.id, true, 77);
    for (const folder of [fixture.folder, join(fixture.folder, 'deep/weekly'), fixture.second])
      await fixture.sync(folder);
    return { connection, nightly, pinned: manifest.id };
  };

  it('brings everything back into an empty catalog but ended jobs, with secrets sealed as they were', async () => {
    await fill();
    await over(fixture.catalog).copies.copy();
    const [rows, backups] = [await exported(fixture.catalog), await backupsOf(fixture.catalog)];
    expect(new Set(rows.map(({ table }) => table)).size).toBe(5);

    const { catalog, rebuild } = await openNew();
    expect(catalog.id).not.toBe(fixture.catalog.id);
    expect(await rebuild.isNeeded()).toBe(true);
    expect(await rebuild.rebuild()).toEqual({ connections: 2, schedules: 2, pins: 1, backups: 3, warnings: [] });
    expect(await exported(catalog)).toEqual(rows);
    expect(await backupsOf(catalog)).toEqual(backups);
    expect(catalog.id).toBe(fixture.catalog.id);
    expect(await rebuild.rebuild()).toEqual({ connections: 0, schedules: 0, pins: 0, backups: 3, warnings: [] });
  });

  it('brings back the journal of a swap, but never that of a restore in place', async () => {
    const swap = aRestore({ state: 'interrupted', incoming: 'x', journal: { step: 'swap', outgoing: 'y' } });
    const inPlace = aRestore({ state: 'interrupted', journal: { step: 'in_place', safetyBackup: './old.sql' } });
    for (const record of [swap, inPlace]) await fixture.catalog.restores.insert(record);
    await over(fixture.catalog).copies.copy();
    const { catalog, rebuild } = await openNew();
    await rebuild.rebuild();
    expect(await catalog.restores.get(swap.id)).toEqual(swap);
    expect(await catalog.restores.get(inPlace.id)).toEqual({ ...inPlace, journal: null });
  });

  it('brings back the backups without a copy, and says what is missing', async () => {
    const { pinned } = await fill();
    const { catalog, rebuild } = await openNew();
    const { warnings, ...counts } = await rebuild.rebuild();
    expect(counts).toEqual({ connections: 0, schedules: 0, pins: 0, backups: 3 });
    expect(warnings).toEqual([expect.stringContaining('no copy of the catalog')]);
    expect(await catalog.backups.get(pinned)).toHaveLength(1);
  });

  it.each<[string, (text: string) => string]>([
    ['is unsigned', (text) => text.replace(/,"signature":\{[^}]*\}/, '')],
    ['is signed with another key', (text) => text.replace(/"key_id":"....../, '"key_id":"000000')],
    ['has another row, and the hash of it', (text) => withHash(text.replace('"label":"Shop"', '"label":"Trap"'))],
    [
      'has another row, and is unsigned',
      (text) => withHash(text.replace('"label":"Shop"', '"label":"Trap"')).replace(/,"signature":\{[^}]*\}/, ''),
    ],
  ])('54: skips a copy that %s, and uses it without secrets when a person accepts it', async (_what, alter) => {
    await fill();
    await over(fixture.catalog).copies.copy();
    const [path] = (await readdir(join(fixture.folder, '.catalog'))).map((name) =>
      join(fixture.folder, '.catalog', name),
    );
    const text = await readFile(path ?? '', 'utf8');
    expect(alter(text)).not.toBe(text);
    await writeFile(path ?? '', alter(text));
    const { catalog, rebuild } = await openNew();
    const refused = await rebuild.rebuild();
    expect(refused).toMatchObject({ connections: 0, schedules: 0, pins: 0, backups: 3 });
    expect(refused.warnings[0]).toMatch(/was passed over: it (is not|was) .*somebody else may have written it/);
    expect(await rebuild.rebuild()).toMatchObject({ connections: 0 });
    const taken = await rebuild.rebuild({ acceptForeign: true });
    expect(taken).toMatchObject({ connections: 2, schedules: 2, pins: 1 });
    expect(taken.warnings.join()).toContain('came back without their passwords');
    const rows = await exported(catalog);
    expect(rows.filter(({ table }) => table === 'restores' || table === 'audit')).toEqual([]);
    expect(JSON.stringify(rows)).not.toContain('v1:');
  });

  it('54: brings nothing back from a copy that is replaced while it is read', async () => {
    await fill();
    await over(fixture.catalog).copies.copy();
    const { catalog, copies } = await openNew();
    const copy = await copies.newest('others');
    const path = join(fixture.folder, '.catalog', copy?.filename ?? '');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"label":"Shop"', '"label":"Trap"'));
    await expect(catalog.importRows('x', copy?.rows() ?? none())).rejects.toThrow('altered while it was read');
    expect(await exported(catalog)).toEqual([]);
  });

  it('uses the copy before a damaged one', async () => {
    await fill();
    const { copies } = over(fixture.catalog);
    fixture.clock.time = new Date('2026-11-21T12:00:00');
    await copies.copy();
    fixture.clock.time = new Date('2026-11-22T12:00:00');
    await copies.copy();
    const folder = join(fixture.folder, '.catalog');
    await truncate(join(folder, (await readdir(folder)).toSorted().at(-1) ?? ''), 200);
    const { catalog, rebuild } = await openNew();
    expect(await rebuild.rebuild()).toMatchObject({ connections: 2, schedules: 2, pins: 1 });
    expect(await exported(catalog)).toEqual(await exported(fixture.catalog));
  });

  it('works also for a new catalog that was copied before anybody noticed the loss', async () => {
    await fill();
    await over(fixture.catalog).copies.copy();
    const { catalog, copies, rebuild } = await openNew();
    fixture.clock.time = new Date('2026-12-01T12:00:00');
    await copies.copy();
    expect(await rebuild.rebuild()).toMatchObject({ connections: 2, schedules: 2, pins: 1 });
    expect(await exported(catalog)).toEqual(await exported(fixture.catalog));
  });

  it('adds on demand what is missing, changes no row that exists, and does not bring back deleted rows', async () => {
    const { connection, nightly, pinned } = await fill();
    const { copies, rebuild } = over(fixture.catalog);
    await copies.copy();
    await fixture.catalog.connections.update(connection.id, { label: 'Renamed' });
    await fixture.catalog.schedules.remove(nightly.id);
    await fixture.catalog.backups.pin(pinned, false, 1);
    expect(await rebuild.rebuild()).toMatchObject({ connections: 0, schedules: 1, pins: 1 });
    expect(await fixture.catalog.connections.get(connection.id)).toMatchObject({ label: 'Renamed' });
    // The service makes a copy after each change.
    await fixture.catalog.schedules.remove(nightly.id);
    await copies.copy();
    await rebuild.rebuild();
    expect(await fixture.catalog.schedules.get(nightly.id)).toBeUndefined();
  });

  it('gives the schedules of a database to its new connection when it was connected again meanwhile', async () => {
    const { connection, nightly } = await fill();
    await over(fixture.catalog).copies.copy();
    const { catalog, rebuild } = await openNew();
    await catalog.connections.insert({ ...connection, id: 'anew', label: null });
    expect(await rebuild.rebuild()).toMatchObject({ connections: 1, schedules: 2 });
    expect(await catalog.schedules.get(nightly.id)).toMatchObject({ connectionId: 'anew' });
    expect((await catalog.connections.page({ limit: 9 })).rows).toHaveLength(2);
  });

  it('reads every manifest again, and forgets folders that are gone', async () => {
    await fill();
    const { rebuild } = over(fixture.catalog);
    await over(fixture.catalog).copies.copy();
    await rm(join(fixture.folder, 'deep'), { recursive: true });
    const [row] = await backupsOf(fixture.catalog);
    if (row === undefined) throw new Error('no backup');
    await fixture.catalog.backups.put([{ ...row, database: 'wrong' }]);
    expect(await rebuild.rebuild()).toMatchObject({ backups: 2 });
    expect((await backupsOf(fixture.catalog)).map(({ database }) => database)).not.toContain('wrong');
  });

  it('tells how many backups are damaged', async () => {
    const { path } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z');
    await truncate(path, 1);
    const { warnings } = await over(fixture.catalog).rebuild.rebuild();
    expect(warnings).toContainEqual('Damaged backups: 1; the list shows which.');
  });

  it('follows no link out of the roots', async () => {
    const outside = join(fixture.home, 'outside');
    await storeBackup(outside, '2026-01-01T00:00:00Z');
    await symlink(outside, join(fixture.folder, 'link'));
    expect(await over(fixture.catalog).rebuild.rebuild()).toMatchObject({ backups: 0 });
  });

  it('is needed by a new catalog and by one that a crash left empty, and by no other', async () => {
    expect(await over(fixture.catalog).rebuild.isNeeded()).toBe(true);
    const options = await place.fresh();
    await (await openCatalog(options)).close();
    const reopened = await openCatalog(options);
    others.push(reopened);
    const { rebuild } = over(reopened);
    expect(await rebuild.isNeeded()).toBe(true);
    await rebuild.rebuild();
    expect(await rebuild.isNeeded()).toBe(false);
  });
});

/** Forges a copy as somebody would who knows the format. */
function withHash(text: string): string {
  const lines = text.trimEnd().split('\n');
  const end = JSON.parse(lines.pop() ?? '') as object;
  const before = lines.map((line) => `${line}\n`).join('');
  return `${before}${JSON.stringify({ ...end, sha256: createHash('sha256').update(before).digest('hex') })}\n`;
}

async function* none(): AsyncGenerator<CatalogRow> {
  // nothing
}
