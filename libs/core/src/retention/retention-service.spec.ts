import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import type { Manifest } from '@app/domain';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { aConnection, aSchedule } from '../../../catalog/src/testing/sample-records.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';
import { amendManifest } from '../../../artifact/src/testing/test-signer.js';

describe.each(EVERY_CATALOG)('retention with a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;

  /** Makes a connection to the database of {@link storeBackup}, with an account of its own. */
  const connect = async (more: Partial<ConnectionRecord> = {}) => {
    const id = randomUUID();
    const record = aConnection({ id, host: 'db', database: 'shop', username: id, ...more });
    await fixture.catalog.connections.insert(record);
    return record;
  };
  const schedule = async (connection: ConnectionRecord, more: Partial<ScheduleRecord> = {}) => {
    const record = aSchedule({ connectionId: connection.id, ...more });
    await fixture.catalog.schedules.insert([record]);
    return record;
  };
  /** Stores one backup for each of some days of January, the oldest first. */
  const store = async (days: readonly number[], more: Partial<Manifest> = {}, folder = fixture.folder) => {
    const stored = [];
    for (const day of days) {
      const artifact = `${more.schedule_id ?? ''}${more.connection_id ?? ''}${more.kind ?? ''}${day}.sql`;
      stored.push(await storeBackup(folder, `2026-01-0${day}T00:00:00Z`, { artifact, ...more }));
    }
    return stored;
  };
  type Stored = Awaited<ReturnType<typeof storeBackup>>;
  const left = (stored: readonly Stored[]) =>
    stored.filter(({ path }) => existsSync(path)).map(({ manifest }) => new Date(manifest.started_at).getUTCDate());
  const applyTo = async (made: Stored | undefined, folder = fixture.folder) => {
    if (made === undefined) throw new Error('nothing was made');
    return fixture.retention.apply(await fixture.locate(folder), made.manifest);
  };

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    fixture = await dataFixture(await openCatalog(await place.fresh()));
  });
  afterEach(() => fixture.dispose());

  it('removes the file, its manifest and its row, and reports it', async () => {
    const stored = await store([1, 2, 3, 4]);
    const [gone] = stored;
    const outcome = await applyTo(stored[3]);
    expect(left(stored)).toEqual([2, 3, 4]);
    expect(existsSync(`${gone?.path}.manifest.json`)).toBe(false);
    expect(outcome).toEqual({
      kept: 3,
      removed: [{ id: gone?.manifest.id, path: './backups/1.sql', reasons: ['older than the newest 3'] }],
      bytes: gone?.manifest.size,
    });
    expect(await fixture.catalog.outbox.after(0, 10, ['BackupRemoved'])).toMatchObject([
      { payload: { backupId: gone?.manifest.id, because: 'expired' } },
    ]);
    expect(await fixture.catalog.backups.get(gone?.manifest.id ?? '')).toEqual([]);
  });

  it('judges each folder by itself', async () => {
    const here = await store([1, 2, 3, 4]);
    const there = await store([1, 2, 3, 4], {}, fixture.second);
    await applyTo(here[3]);
    expect(left(here)).toEqual([2, 3, 4]);
    expect(left(there)).toEqual([1, 2, 3, 4]);
  });

  it('applies the policy of the connection; others of the same database keep theirs', async () => {
    const short = await connect({ retention: { keepLast: 1 } });
    const usual = await connect();
    const also = await connect();
    const ofShort = await store([1, 2, 3], { connection_id: short.id });
    const ofUsual = await store([1, 2, 3], { connection_id: usual.id });
    const ofAlso = await store([4, 5], { connection_id: also.id });
    await applyTo(ofShort[2]);
    expect([left(ofShort), left(ofUsual), left(ofAlso)]).toEqual([[3], [1, 2, 3], [4, 5]]);
    await applyTo(ofAlso[1]);
    expect([left(ofShort), left(ofUsual), left(ofAlso)]).toEqual([[3], [3], [4, 5]]);
  });

  it('counts backups from before the catalog with those of the connection that continues them', async () => {
    const connection = await connect({ retention: { keepLast: 2 } });
    const older = await store([1, 2]);
    const newer = await store([3], { connection_id: connection.id });
    await applyTo(newer[0]);
    expect([left(older), left(newer)]).toEqual([[2], [3]]);
  });

  it('a schedule with a policy of its own keeps its backups by it, and the connection does not count them', async () => {
    const connection = await connect({ retention: { keepLast: 1 } });
    const nightly = await schedule(connection, { retention: { keepLast: 2 } });
    const plain = await schedule(connection);
    const byHand = await store([1, 2], { connection_id: connection.id });
    const ofNightly = await store([1, 2, 3], { connection_id: connection.id, schedule_id: nightly.id });
    const ofPlain = await store([3], { connection_id: connection.id, schedule_id: plain.id });
    await applyTo(ofNightly[2]);
    expect([left(byHand), left(ofNightly), left(ofPlain)]).toEqual([[1, 2], [2, 3], [3]]);
    await applyTo(ofPlain[0]);
    expect([left(byHand), left(ofNightly), left(ofPlain)]).toEqual([[], [2, 3], [3]]);
  });

  it('applies a schedule’s policy by the schedule’s own calendar', async () => {
    const connection = await connect();
    const tokyo = await schedule(connection, { retention: { daily: 2 }, timezone: 'Asia/Tokyo' });
    const more = { connection_id: connection.id, schedule_id: tokyo.id };
    const stored = [
      await storeBackup(fixture.folder, '2026-01-01T14:00:00Z', more), // 23:00 on the 1st
      await storeBackup(fixture.folder, '2026-01-01T16:00:00Z', more), // 01:00 on the 2nd
    ];
    await applyTo(stored[1]);
    expect(stored.every(({ path }) => existsSync(path))).toBe(true);
  });

  describe('FAILURES 50: a setting deletes nothing', () => {
    it('not by a shorter policy, until the next backup', async () => {
      const connection = await connect({ retention: { keepLast: 9 } });
      const stored = await store([1, 2, 3, 4, 5], { connection_id: connection.id });
      await applyTo(stored[4]);
      await fixture.catalog.connections.update(connection.id, { retention: { keepLast: 1 } });
      await fixture.listing.list();
      expect(left(stored)).toEqual([1, 2, 3, 4, 5]);
    });

    it('not by deleting a schedule or a connection: their backups stay, and do not count', async () => {
      const connection = await connect();
      const gone = await connect();
      const nightly = await schedule(connection);
      const ofNightly = await store([1, 2, 3, 4], { connection_id: connection.id, schedule_id: nightly.id });
      const ofGone = await store([1, 2, 3, 4], { connection_id: gone.id });
      await fixture.catalog.schedules.remove(nightly.id);
      await fixture.catalog.connections.remove(gone.id);
      const stored = await store([1, 2, 3, 4], { connection_id: connection.id });
      await applyTo(stored[3]);
      expect([left(stored), left(ofNightly), left(ofGone)]).toEqual([
        [2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]);
      await applyTo(ofNightly[3]);
      await applyTo(ofGone[3]);
      expect([left(ofNightly), left(ofGone)]).toEqual([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]);
    });

    it('removes those, too, when a person applies it, and says so beforehand', async () => {
      const connection = await connect();
      const nightly = await schedule(connection);
      const stored = await store([1, 2, 3, 4], { connection_id: connection.id, schedule_id: nightly.id });
      await fixture.catalog.schedules.remove(nightly.id);
      const { remove } = await fixture.retention.preview({ connectionId: connection.id });
      expect(remove.map(({ reasons }) => reasons)).toEqual([
        ['older than the newest 3', 'what made it was deleted: it goes only when retention is applied by hand'],
      ]);
      expect(left(stored)).toEqual([1, 2, 3, 4]);
      await fixture.retention.applyNow({ connectionId: connection.id });
      expect(left(stored)).toEqual([2, 3, 4]);
    });
  });

  it('keeps safety backups by the count of the service, whatever the policies', async () => {
    const connection = await connect({ retention: { keepLast: 1 } });
    const safety = await store([1, 2, 3, 4], { connection_id: connection.id, kind: 'safety' });
    const made = await store([1], { connection_id: connection.id });
    await applyTo(made[0]);
    expect([left(safety), left(made)]).toEqual([[1, 2, 3, 4], [1]]);
    await applyTo(safety[3]);
    expect([left(safety), left(made)]).toEqual([[2, 3, 4], [1]]);
  });

  it('keeps pinned and verified backups', async () => {
    const stored = await store([2, 3, 4, 5, 6]);
    const verified = await store([1], { verification: { level: 'stored', at: '2026-01-01T00:00:00.000Z' } });
    await fixture.catalog.backups.pin(stored[0]?.manifest.id ?? '', true, 1);
    await applyTo(stored[4]);
    expect([left(stored), left(verified)]).toEqual([[2, 4, 5, 6], [1]]);
  });

  it('FAILURES 41: a backup that was cut off since the catalog saw it evicts no whole backup, and stays', async () => {
    const stored = await store([1, 2, 3, 4]);
    await fixture.makeOld();
    await fixture.sync();
    for (const { path } of stored.slice(1, 3)) await truncate(path, 3);
    await fixture.restoreTime();
    await applyTo(stored[3]);
    expect(left(stored)).toEqual([1, 2, 3, 4]);
  });

  it('reads the manifest once more before it removes a backup, and keeps one that has become another', async () => {
    const stored = await store([1, 2, 3, 4, 5]);
    fixture.storage.beforeRemove = async () => {
      fixture.storage.beforeRemove = () => Promise.resolve();
      await amendManifest(stored[1]?.path ?? '', { id: randomUUID() });
    };
    const outcome = await applyTo(stored[4]);
    expect(left(stored)).toEqual([2, 3, 4, 5]);
    expect(outcome).toMatchObject({ kept: 4, removed: [{ path: './backups/1.sql' }] });
  });

  it('keeps a backup that was pinned meanwhile', async () => {
    const stored = await store([1, 2, 3, 4, 5]);
    fixture.storage.beforeRemove = () => fixture.catalog.backups.pin(stored[1]?.manifest.id ?? '', true, 1);
    await applyTo(stored[4]);
    expect(left(stored)).toEqual([2, 3, 4, 5]);
  });

  it('removes the oldest first, so that an interruption leaves the newer ones', async () => {
    const stored = await store([1, 2, 3, 4, 5, 6]);
    const order: string[] = [];
    fixture.storage.beforeRemove = (path) => Promise.resolve(order.push(basename(path)));
    await applyTo(stored[5]);
    expect(order).toEqual(['1.sql', '2.sql', '3.sql']);
  });

  describe('the preview', () => {
    it('says which backups would be removed, why, and how large they are, and deletes nothing', async () => {
      const connection = await connect();
      const stored = await store([1, 2, 3, 4], { connection_id: connection.id });
      await fixture.sync();
      const preview = await fixture.retention.preview({ connectionId: connection.id });
      const size = stored[0]?.manifest.size ?? 0;
      expect(preview).toMatchObject({
        policy: { keepLast: 3 },
        timezone: 'UTC',
        keep: [{ reasons: ['one of the newest 3'] }, {}, {}],
        remove: [{ record: { path: `./backups/${connection.id}1.sql` }, reasons: ['older than the newest 3'] }],
        keepBytes: 3 * size,
        removeBytes: size,
      });
      expect(left(stored)).toEqual([1, 2, 3, 4]);
      const { removed } = await fixture.retention.applyNow({ connectionId: connection.id });
      expect(removed.map(({ id }) => id)).toEqual(preview.remove.map(({ record }) => record.id));
    });

    it('tries a policy out, as if it were the connection’s own', async () => {
      const connection = await connect();
      const other = await connect();
      await store([1, 2, 3], { connection_id: connection.id });
      await store([4, 5], { connection_id: other.id });
      const { policy, keep, remove } = await fixture.retention.preview({
        connectionId: connection.id,
        policy: { keepLast: 1 },
      });
      expect(policy).toEqual({ keepLast: 1 });
      expect([...keep, ...remove].every(({ record }) => record.connectionId === connection.id)).toBe(true);
      expect([keep.length, remove.length]).toEqual([1, 2]);
    });

    it('of a schedule uses its own policy, else that of its connection', async () => {
      const connection = await connect({ retention: { keepLast: 1 } });
      const nightly = await schedule(connection, { retention: { keepLast: 2 } });
      const plain = await schedule(connection);
      await store([1, 2, 3], { connection_id: connection.id, schedule_id: nightly.id });
      await store([4, 5, 6, 7], { connection_id: connection.id, schedule_id: plain.id });
      const sizes = async (scheduleId: string) => {
        const { keep, remove } = await fixture.retention.preview({ scheduleId });
        return [keep.length, remove.length];
      };
      expect(await sizes(nightly.id)).toEqual([2, 1]);
      expect(await sizes(plain.id)).toEqual([1, 3]);
    });

    it('has every folder in which the database has backups', async () => {
      const connection = await connect();
      await store([1, 2, 3, 4], { connection_id: connection.id });
      await store([1, 2, 3, 4, 5], { connection_id: connection.id }, join(fixture.folder, 'weekly'));
      await fixture.sync(join(fixture.folder, 'weekly'));
      const { remove } = await fixture.retention.preview({ connectionId: connection.id });
      expect(remove.map(({ record }) => record.location).toSorted()).toEqual([
        './backups',
        './backups/weekly',
        './backups/weekly',
      ]);
    });

    it('of a missing schedule or connection is refused', async () => {
      const { preview } = fixture.retention;
      const ask = preview.bind(fixture.retention);
      await expect(ask({ connectionId: 'none' })).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' });
      await expect(ask({ scheduleId: 'none' })).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    });
  });
});
