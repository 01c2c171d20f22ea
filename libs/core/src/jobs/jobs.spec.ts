import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { DomainError, silentLogger } from '@app/domain';
import type { JobRequest, TypedJob } from '@app/jobs';
import { SecretBox } from '@app/security';
import { ConnectionStore } from '../connections/connection-store.js';
import { databaseKey } from '../inventory/database-key.js';
import { VerifiedBackups } from '../inventory/verified-backups.js';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { RestoreRecovery } from '../restore/restore-recovery.js';
import { RestoreUndo } from '../restore/restore-undo.js';
import { UndoFacts } from '../restore/undo-facts.js';
import { BackupJob, backupJob } from './backup-job.js';
import { RestoreJob, restoreJob } from './restore-job.js';
import { workOf } from './scheduled-jobs.js';
import { VerifyJob, verifyJob } from './verify-job.js';

describe('jobs', () => {
  let fixture: CoreFixture;
  let connections: ConnectionStore;
  let connection: ConnectionRecord;
  let backups: BackupJob;
  let restores: RestoreJob;

  beforeEach(async () => {
    fixture = await coreFixture();
    const { catalog, clock, storages, locations } = fixture;
    connections = new ConnectionStore(catalog, new SecretBox(randomBytes(32)), clock);
    connection = await connections.create(shop);
    const tools = () => Promise.resolve({});
    const { drivers } = fixture;
    const { inPlace } = fixture.restores;
    const shared = { catalog, connections, drivers, logger: silentLogger };
    const recovery = new RestoreRecovery({ ...shared, inPlace, tools });
    backups = new BackupJob(connections, fixture.drivers, fixture.backups, recovery, tools);
    restores = new RestoreJob({
      ...shared,
      recovery,
      undo: new RestoreUndo({
        ...shared,
        facts: new UndoFacts({ ...shared, locations, storages, index: fixture.index }),
      }),
      undoMs: 3_600_000,
      restores: fixture.restores,
      verified: new VerifiedBackups(catalog, storages),
      tools,
      clock,
    });
  });
  afterEach(() => fixture.dispose());

  /** Returns the job as the queue hands it over, after the catalog stored it as JSON. */
  const asJob = (request: JobRequest): TypedJob<never> =>
    JSON.parse(
      JSON.stringify({
        id: randomUUID(),
        type: request.type,
        lockKey: request.lockKey,
        connectionId: request.connectionId,
        scheduleId: null,
        payload: request.payload,
      }),
    ) as TypedJob<never>;
  const backUp = async (order: Partial<Parameters<typeof backupJob>[1]> = {}) =>
    await backups.run(asJob(backupJob(connection, { kind: 'manual', ...order })), new QuietWork());
  const restore = (order: Partial<Parameters<typeof restoreJob>[1]>, to = connection, work = new QuietWork()) =>
    restores.run(asJob(restoreJob(to, { skipOwnership: false, ...order })), work);
  const journal = async () => (await fixture.catalog.restores.page({ limit: 10 })).rows;

  it('of backups name their connection and database, and hold no secret', () => {
    const request = backupJob(connection, { kind: 'scheduled', compression: 'zstd' });
    expect(request).toMatchObject({ type: 'backup', connectionId: connection.id, payload: { database: 'shop' } });
    expect(JSON.stringify(request)).not.toContain('secret');
    expect(restoreJob(connection, { file: 'x', skipOwnership: false })).toMatchObject({ abandonedByRestart: true });
  });

  it('of one database wait for each other, also when another connection restores into it', () => {
    const fromOther = restoreJob(
      { ...connection, database: 'other' },
      { file: 'x', targetDatabase: 'shop', skipOwnership: false },
    );
    expect(fromOther.lockKey).toBe(backupJob(connection, { kind: 'manual' }).lockKey);
    expect(restoreJob(connection, { file: 'x', targetDatabase: 'copy', skipOwnership: false }).lockKey).not.toBe(
      fromOther.lockKey,
    );
  });

  it('back up with the options of their request, and note the connection of the backup', async () => {
    const record = await backUp({ name: 'nightly', compression: 'zstd', verification: 'stored' });
    expect(record.filename).toMatch(/^nightly_.*\.sql\.zst$/);
    const { manifest } = await fixture.listing.find(record.id);
    expect(manifest).toMatchObject({ connection_id: connection.id, verification: { level: 'stored' } });
  });

  it('tell their progress in bytes and tables, measured by the size of the last backup', async () => {
    await backUp();
    const work = new QuietWork();
    await backups.run(asJob(backupJob(connection, { kind: 'manual' })), work);
    const size = fixture.driver.dumpOf('shop').length;
    expect(work.told).toContainEqual(expect.objectContaining({ phase: 'dump', totalBytes: size, totalTables: 1 }));
    expect(work.told).toContainEqual(expect.objectContaining({ bytes: size }));
    expect(work.lines.at(-1)).toMatch(/^published \.\/backups\/shop_/);
  });

  it('do nothing when the connection names another database than at the time of the request', async () => {
    const { path } = await backUp();
    const asked = [
      backupJob(connection, { kind: 'manual' }),
      restoreJob(connection, { file: path, skipOwnership: false }),
    ];
    await connections.change(connection.id, { params: { database: 'other' } });
    for (const [at, handler] of [backups, restores].entries()) {
      const job = asJob(asked[at] as JobRequest);
      await expect(handler.run(job, new QuietWork())).rejects.toMatchObject({ code: 'CONNECTION_CHANGED' });
    }
    expect(fixture.driver.loaded).toEqual([]);
  });

  it('restore, and leave a record of the restore', async () => {
    const { path } = await backUp();
    fixture.driver.databases.set('shop', 'changed');
    const work = new QuietWork();
    expect(await restore({ file: path }, connection, work)).toMatchObject({ database: 'shop', path });
    expect(fixture.driver.databases.get('shop')).toBe('rows');
    expect(await journal()).toMatchObject([{ state: 'succeeded', backupPath: path, strategy: 'swap' }]);
    expect(work.told.findLast(({ bytes }) => bytes !== undefined)?.bytes).toBe(fixture.driver.dumpOf('shop').length);
  });

  it('are not tried again after they failed during a load in place, and the record says so', async () => {
    const { path } = await backUp();
    const work = new QuietWork();
    fixture.driver.swap.blockers = ['The account may not make databases.'];
    fixture.driver.load = () => Promise.reject(new DomainError('CONNECTION_LOST', 'gone'));
    await expect(restore({ file: path }, connection, work)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(work.retryable).toBe(false);
    expect(await journal()).toMatchObject([{ state: 'failed', failure: { code: 'CONNECTION_LOST', message: 'gone' } }]);
  });

  it('may be tried again after they failed before the load', async () => {
    const { path } = await backUp();
    const work = new QuietWork();
    fixture.driver.databaseExists = () => Promise.reject(new DomainError('HOST_UNREACHABLE', 'away'));
    await expect(restore({ file: path }, connection, work)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(work.retryable).toBe(true);
  });

  it('65: a scheduled restore keeps owners and grants unless its schedule says otherwise', () => {
    const schedule = { action: 'restore', sourceConnectionId: 'x', options: {} } as unknown as ScheduleRecord;
    expect(workOf(schedule, connection).payload).toMatchObject({ skipOwnership: false });
    const without = { ...schedule, options: { skipOwnership: true } };
    expect(workOf(without, connection).payload).toMatchObject({ skipOwnership: true });
  });

  it('verify up to the requested level; those with a restore run one at a time, the others in parallel with any job', async () => {
    const { id, path } = await backUp();
    const backup = { id, address: fixture.at(join(fixture.folder, path)), database: 'shop' };
    const verify = new VerifyJob(fixture.verification, fixture.listing);
    const request = verifyJob(backup, 'restored', connection);
    expect(request.lockKey).toBe(verifyJob({ ...backup, id: 'other' }, 'restored').lockKey);
    expect(verifyJob(backup, 'stored').lockKey).toBeUndefined();
    expect(await verify.run(asJob(verifyJob(backup, 'stored')), new QuietWork())).toMatchObject({
      verification: { level: 'stored' },
    });
    expect(await verify.run(asJob(request), new QuietWork())).toMatchObject({ verification: { level: 'restored' } });
    expect(await verify.run(asJob(verifyJob(backup, 'stored')), new QuietWork())).toMatchObject({
      checked: 'stored',
      verification: { level: 'restored' },
    });
    const before = { ...verifyJob(backup, 'stored'), payload: { database: 'shop', backup_id: id, path: '/old/path' } };
    expect(await verify.run(asJob(before), new QuietWork())).toMatchObject({ checked: 'stored' });
  });

  describe('that restore one database into another', () => {
    let staging: ConnectionRecord;
    const hook = (to = staging) => restore({ sourceConnectionId: connection.id, skipOwnership: true }, to);

    beforeEach(async () => {
      staging = await connections.create({ ...shop, database: 'staging' });
      fixture.driver.databases.set('staging', 'old');
    });

    it('accept a backup that was verified by a restore', async () => {
      const verified = await backUp({ verification: 'restored' });
      expect((await hook()).path).toBe(verified.path);
    });

    it('take the newest verified backup, not a newer one that nobody read back, nor a safety backup', async () => {
      const verified = await backUp({ verification: 'stored' });
      fixture.clock.time = new Date(fixture.clock.time.getTime() + 60_000);
      await backUp();
      await backUp({ kind: 'safety', verification: 'stored' });
      expect((await hook()).path).toBe(verified.path);
      expect(fixture.driver.databases.get('staging')).toBe('rows');
    });

    it('replace a database on a clone of the source’s server, and none that may be on the source’s server itself', async () => {
      await backUp({ verification: 'stored' });
      fixture.driver.identify = () => Promise.resolve('the same');
      await expect(hook()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      fixture.driver.isOneServer = () => Promise.reject(new DomainError('HOST_UNREACHABLE', 'away'));
      await expect(hook()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(fixture.driver.databases.get('staging')).toBe('old');
      fixture.driver.isOneServer = () => Promise.resolve(false);
      await hook();
      expect(fixture.driver.databases.get('staging')).toBe('rows');
    });

    it('take a backup from before the address changed, and none that another server made at the former address since', async () => {
      const { catalog, clock } = fixture;
      const former = databaseKey(connection);
      const verified = await backUp({ verification: 'stored' });
      clock.time = new Date(clock.time.getTime() + 60_000);
      connection = await connections.change(connection.id, { params: { host: 'db.example' } });
      await catalog.connections.noteFormerKey(databaseKey(connection), former, clock.time.getTime());
      clock.time = new Date(clock.time.getTime() + 60_000);
      const another = await connections.create({ ...shop, username: 'another' });
      const order = { kind: 'manual', verification: 'stored' } as const;
      await backups.run(asJob(backupJob(another, order)), new QuietWork());
      expect((await hook()).path).toBe(verified.path);
    });

    it('take no backup of a former address without a time once another connection has that address', async () => {
      const { catalog } = fixture;
      await backUp({ verification: 'stored' });
      const former = databaseKey(connection);
      connection = await connections.change(connection.id, { params: { host: 'db.example' } });
      jest
        .spyOn(catalog.connections, 'formerKeys')
        .mockImplementation((key) => Promise.resolve(key === databaseKey(connection) ? [{ key: former }] : []));
      await hook();
      await connections.create({ ...shop, username: 'another' });
      await expect(hook()).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    });

    it('fail without such a backup, and touch nothing', async () => {
      await backUp();
      await expect(hook()).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
      expect(fixture.driver.databases.get('staging')).toBe('old');
      expect(await journal()).toEqual([]);
    });

    it('refuse to replace a database by an older state of itself, whatever the account is called', async () => {
      await backUp({ verification: 'stored' });
      const same = await connections.create({ ...shop, username: 'another' });
      await expect(hook(same)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(fixture.driver.loaded).toEqual([]);
    });
  });
});
