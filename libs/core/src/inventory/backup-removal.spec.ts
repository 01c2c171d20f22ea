import { readdir, rm } from 'node:fs/promises';
import { openCatalog } from '@app/catalog';
import type { BackupRow, ConnectionRecord } from '@app/catalog';
import { DomainError, silentLogger } from '@app/domain';
import { BackupRemoval } from './backup-removal.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';
import { amendManifest, testSigner } from '../../../artifact/src/testing/test-signer.js';

const CONNECTION: ConnectionRecord = {
  id: 'shop-connection',
  label: null,
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'clerk',
  sealedPassword: '',
  sslMode: 'prefer',
  tlsCa: null,
  tlsCertificate: null,
  sealedTlsKey: null,
  identity: null,
  retention: null,
  createdAt: 0,
  updatedAt: 0,
};
const OWN = { connection_id: CONNECTION.id };

describe('the removal of a connection’s backups', () => {
  let fixture: DataFixture;
  let removal: BackupRemoval;

  const own = async (): Promise<BackupRow[]> => (await removal.ofConnection(CONNECTION)).own;
  const files = async (): Promise<string[]> =>
    (await readdir(fixture.folder)).filter((name) => name.endsWith('.sql')).toSorted();

  beforeEach(async () => {
    const place = { clock: { now: () => new Date() }, logger: silentLogger };
    fixture = await dataFixture(await openCatalog({ file: ':memory:', ...place }));
    removal = new BackupRemoval({ ...fixture, signer: testSigner, logger: silentLogger });
  });
  afterEach(() => fixture.dispose());

  it('removes artifact, manifest and row, and publishes an event for each backup', async () => {
    const { manifest } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', OWN);
    await storeBackup(fixture.second, '2026-01-02T00:00:00Z', OWN);
    await storeBackup(fixture.folder, '2026-01-03T00:00:00Z', { connection_id: 'another' });
    await storeBackup(fixture.folder, '2026-01-04T00:00:00Z');
    await fixture.sync();
    await fixture.sync(fixture.second);
    expect(await removal.remove(await own(), CONNECTION)).toEqual({ removed: 2, kept: 0 });
    expect(await readdir(fixture.second)).toEqual([]);
    expect(await files()).toEqual(['shop_20260103_000000.sql', 'shop_20260104_000000.sql']);
    expect(await own()).toEqual([]);
    const events = await fixture.catalog.outbox.after(0, 10);
    expect(events.map(({ name }) => name)).toEqual(['BackupRemoved', 'BackupRemoved']);
    const payload = { backupId: manifest.id, connectionId: CONNECTION.id, database: 'shop', because: 'requested' };
    expect(events).toContainEqual(expect.objectContaining({ payload }));
  });

  it('keeps backups of another database that the connection named earlier', async () => {
    await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', { ...OWN, database: 'crm' });
    await fixture.sync();
    const { all } = await removal.ofConnection(CONNECTION);
    expect(all).toHaveLength(1);
    expect(await own()).toEqual([]);
    expect(await removal.remove(all, CONNECTION)).toEqual({ removed: 0, kept: 1 });
    expect(await files()).toHaveLength(1);
  });

  it.each([
    ['is another backup', { id: 'another' }],
    ['is of another connection', { connection_id: 'another' }],
    ['is of another server', { host: 'elsewhere' }],
    ['is of another file', { artifact: 'other.sql' }],
    ['cannot be read', { manifest_version: 2 }],
  ])('keeps a backup that was listed, but %s by now (FAILURES 41)', async (_what, change) => {
    const { path } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', OWN);
    await fixture.sync();
    const listed = await own();
    expect(listed).toHaveLength(1);
    await amendManifest(path, change as object);
    expect(await removal.remove(listed, CONNECTION)).toEqual({ removed: 0, kept: 1 });
    expect(await files()).toHaveLength(1);
  });

  it('keeps a file whose manifest is gone, one that was pinned meanwhile, and a folder that is no root any more', async () => {
    const { path } = await storeBackup(fixture.folder, '2026-01-01T00:00:00Z', OWN);
    const { manifest: pinned } = await storeBackup(fixture.folder, '2026-01-02T00:00:00Z', OWN);
    await storeBackup(fixture.folder, '2026-01-03T00:00:00Z', OWN);
    await fixture.sync();
    const listed = await own();
    await rm(`${path}.manifest.json`);
    await fixture.catalog.backups.pin(pinned.id, true, 0);
    const elsewhere = listed.map((row) => ({ ...row, storageId: 'gone' }));
    expect(await removal.remove(elsewhere, CONNECTION)).toEqual({ removed: 0, kept: 3 });
    expect(await removal.remove(listed, CONNECTION)).toEqual({ removed: 1, kept: 2 });
    expect(await files()).toEqual(['shop_20260101_000000.sql', 'shop_20260102_000000.sql']);
  });

  it('removes the others when one cannot be removed', async () => {
    for (const day of [1, 2, 3]) await storeBackup(fixture.folder, `2026-01-0${day}T00:00:00Z`, OWN);
    await fixture.sync();
    const stuck = 'shop_20260102_000000.sql';
    const remove = fixture.storage.remove.bind(fixture.storage);
    fixture.storage.remove = async (key) => {
      if (key === stuck) throw new DomainError('STORAGE_FAILED', 'read-only');
      return remove(key);
    };
    expect(await removal.remove(await own(), CONNECTION)).toEqual({ removed: 2, kept: 1 });
    expect(await files()).toEqual(['shop_20260102_000000.sql']);
    expect(await own()).toHaveLength(1);
  });
});
