import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Catalog, ConnectionRecord, RestoreRecord } from '@app/catalog';
import { DomainError, silentLogger } from '@app/domain';
import { DropTakesLong, OutcomeUnknown } from '@app/drivers';
import type { LoadHooks, SwapRequest } from '@app/drivers';
import type { JobRequest, TypedJob } from '@app/jobs';
import { SecretBox } from '@app/security';
import { openLocalStorages } from '../../../storage/src/testing/open-local-storages.js';
import { ConnectionStore } from '../connections/connection-store.js';
import { RecoveryJob, recoveryJob } from '../jobs/recovery-job.js';
import { BackupJob, backupJob } from '../jobs/backup-job.js';
import { RestoreJob, restoreJob } from '../jobs/restore-job.js';
import { UndoJob, undoJob } from '../jobs/undo-job.js';
import { VerifiedBackups } from '../inventory/verified-backups.js';
import { RestoreRecovery } from './restore-recovery.js';
import { RestoreUndo } from './restore-undo.js';
import { UndoFacts } from './undo-facts.js';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { amendManifest } from '../../../artifact/src/testing/test-signer.js';

/** Stands for kill -9 as the core sees it: nothing of the service runs on. */
class Death extends Error {}

describe('a restore through a staging database', () => {
  let fixture: CoreFixture;
  let connection: ConnectionRecord;
  let connections: ConnectionStore;
  let file: string;
  let recovery: RestoreRecovery;
  let undo: RestoreUndo;
  let restores: RestoreJob;
  let undos: UndoJob;
  let backups: BackupJob;

  beforeEach(async () => {
    fixture = await coreFixture();
    const { catalog, clock, storages, locations, drivers } = fixture;
    connections = new ConnectionStore(catalog, new SecretBox(randomBytes(32)), clock);
    connection = await connections.create(shop);
    const tools = () => Promise.resolve({});
    const shared = { catalog, connections, drivers, logger: silentLogger };
    recovery = new RestoreRecovery({ ...shared, inPlace: fixture.restores.inPlace, tools, dropWithinMs: 50 });
    undo = new RestoreUndo({
      ...shared,
      facts: new UndoFacts({ ...shared, locations, storages, index: fixture.index }),
      dropWithinMs: 50,
    });
    const verified = new VerifiedBackups(catalog, storages);
    const parts = { ...shared, recovery, undo, undoMs: 3_600_000, restores: fixture.restores, verified, tools, clock };
    restores = new RestoreJob(parts);
    undos = new UndoJob(parts);
    backups = new BackupJob(connections, fixture.drivers, fixture.backups, recovery, tools);
    file = `./backups/${(await fixture.backup()).filename}`;
    data.set('shop', 'changed');
  });
  afterEach(() => fixture.dispose());

  const data = {
    get: (name = 'shop') => fixture.driver.databases.get(name),
    set: (name: string, content: string) => fixture.driver.databases.set(name, content),
    names: () => [...fixture.driver.databases.keys()].toSorted(),
  };
  const asJob = (request: JobRequest): TypedJob<never> =>
    JSON.parse(JSON.stringify({ id: randomUUID(), scheduleId: null, ...request })) as TypedJob<never>;
  const restore = async (order: Partial<Parameters<typeof restoreJob>[1]> = {}, work = new QuietWork()) =>
    await restores.run(asJob(restoreJob(connection, { file, skipOwnership: false, ...order })), work);
  const undoOf = async (id: string, work = new QuietWork()) =>
    await undos.run(asJob(undoJob(await undo.check(id))), work);
  const recordOf = async (id = '') => (await fixture.catalog.restores.get(id)) as RestoreRecord;
  const newest = async () => (await fixture.catalog.restores.page({ limit: 1 })).rows[0] as RestoreRecord;

  /** The service dies in `method` of the swap, before or after it has done its work, and starts again. */
  async function dieIn(method: 'createStaging' | 'swap' | 'dropCopy' | 'copyBytes', when: 'before' | 'after') {
    const { swap } = fixture.driver;
    const real = swap[method].bind(swap) as (...given: unknown[]) => Promise<unknown>;
    let dead = false;
    Object.assign(swap, {
      [method]: async (...given: unknown[]) => {
        if (!dead && when === 'after') await real(...given);
        dead = true;
        throw new Death();
      },
    });
    // The dead service reaches neither the server nor the catalog any more.
    for (const name of ['dropCopy', 'copyBytes', 'recover'] as const) {
      const living = swap[name].bind(swap) as (...given: unknown[]) => Promise<unknown>;
      Object.assign(swap, { [name]: (...given: unknown[]) => (dead ? Promise.reject(new Death()) : living(...given)) });
    }
    const { revive } = silenceJournalOf(fixture);
    return async () => {
      revive();
      dead = false;
      Object.assign(swap, { [method]: real });
      await fixture.catalog.restores.endInterrupted(1);
    };
  }

  it('loads a staging database, swaps it in, and keeps the previous database', async () => {
    const work = new QuietWork();
    const outcome = await restore({}, work);
    expect(outcome).toMatchObject({ strategy: 'swap', created: false, lockoutMs: 1, copy: { bytes: 7 } });
    expect(data.get()).toBe('rows');
    expect(data.get(outcome.copy?.name)).toBe('changed');
    expect(data.names()).toEqual(['shop', outcome.copy?.name]);
    expect(await recordOf(outcome.id)).toMatchObject({
      ...{ state: 'succeeded', strategy: 'swap', copy: outcome.copy?.name, copyState: 'kept', copyBytes: 7 },
      ...{ incoming: null, journal: null, lockoutMs: 1 },
    });
    expect(work.told.flatMap(({ phase }) => phase ?? [])).toEqual(['check', 'prepare', 'load', 'compare', 'swap']);
  });

  it('is undone by one call, and the undo can be undone as well', async () => {
    const first = await restore();
    const second = await undoOf(first.id ?? '');
    expect(data.get()).toBe('changed');
    expect(data.get(second.copy?.name)).toBe('rows');
    expect(await recordOf(first.id)).toMatchObject({ copyState: 'used' });
    expect(await recordOf(second.id)).toMatchObject({ kind: 'undo', undoes: first.id, copyState: 'kept' });
    await expect(undo.check(first.id ?? '')).rejects.toMatchObject({
      code: 'UNDO_UNAVAILABLE',
      message: 'The restore of "shop" cannot be undone: it was undone already.',
    });
    await undoOf(second.id ?? '');
    expect(data.get()).toBe('rows');
  });

  it('22: tells during the swap how many tables have moved, and so does its undo', async () => {
    fixture.driver.swap.moves = { tables: 3, triggers: 0, perTable: [1, 9], perTrigger: [1, 9] };
    const [work, undoing] = [new QuietWork(), new QuietWork()];
    const { id } = await restore({}, work);
    await undoOf(id ?? '', undoing);
    for (const { told } of [work, undoing]) {
      expect(told.at(-1)).toEqual({ phase: 'swap', tables: 3, totalTables: 6 });
    }
  });

  it('22: estimates in the plan how long the database cannot be used, where that depends on its tables', async () => {
    const plan = () =>
      fixture.restores.plan({ connection: shop, skipOwnership: false, tools: {}, file }, new QuietWork());
    expect((await plan()).lockout).toBeNull();
    fixture.driver.swap.moves = { tables: 3, triggers: 2, perTable: [1, 9], perTrigger: [5, 50] };
    const { tables = 0 } = (await fixture.driver.countObjects()) as { tables?: number };
    expect((await plan()).lockout).toEqual({
      ...{ tables: 3 + tables, leastMs: 3 + tables + 10, mostMs: 9 * (3 + tables) + 100 },
    });
  });

  it('22: estimates no lock-out where the backup is loaded right into the database, which is locked during the whole load', async () => {
    const { driver } = fixture;
    driver.swap.moves = { tables: 3, triggers: 2, perTable: [1, 9], perTrigger: [5, 50] };
    driver.swap.blockers = ['The account may not make databases.'];
    Object.assign(driver, { atomicLoad: false });
    const plan = () =>
      fixture.restores.plan({ connection: shop, skipOwnership: false, tools: {}, file }, new QuietWork());
    expect(await plan()).toMatchObject({ staged: true, lockout: { tables: expect.any(Number) as number } });
    const prepareLoad = driver.prepareLoad.bind(driver);
    driver.prepareLoad = async (...given) => ({
      ...(await prepareLoad(...given)),
      unstaged: 'no staging database can be created',
    });
    expect(await plan()).toMatchObject({ staged: false, lockout: null });
  });

  it('2: drops its staging database though the lock on the database was lost with the load', async () => {
    const { driver } = fixture;
    let held = true;
    const lockDatabase = driver.lockDatabase.bind(driver);
    driver.lockDatabase = async () => ({
      ...(await lockDatabase()),
      assertHeld: () =>
        held ? Promise.resolve() : Promise.reject(new DomainError('CONNECTION_LOST', 'The lock is not held.')),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    driver.load = () => {
      held = false;
      return Promise.reject(new DomainError('CONNECTION_LOST', 'The connection was lost.'));
    };
    await expect(restore()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(data.names()).toEqual(['shop']);
    expect(await newest()).toMatchObject({ state: 'failed', journal: null, copyState: 'none' });
  });

  it('does not drop a previous database that is being swapped back in', async () => {
    const { id = '' } = await restore();
    const { restores } = fixture.catalog;
    const moveCopy = restores.moveCopy.bind(restores);
    restores.moveCopy = async (...move) => {
      restores.moveCopy = moveCopy;
      await moveCopy(id, 'kept', 'used');
      return moveCopy(...move);
    };
    await expect(undo.dropCopy(id)).rejects.toMatchObject({
      code: 'UNDO_UNAVAILABLE',
      message: 'The restore of "shop" cannot be undone: it was undone already.',
    });
    expect(data.names()).toHaveLength(2);
  });

  it('can be repeated while the previous databases of earlier restores are kept', async () => {
    const first = await restore();
    data.set('shop', 'spoilt');
    const second = await restore();
    expect(data.names()).toEqual(['shop', first.copy?.name, second.copy?.name].toSorted());
    await undoOf(first.id ?? '');
    expect(data.get()).toBe('changed');
  });

  it('into a new database keeps no previous database, as that was empty', async () => {
    const made = await restore({ targetDatabase: 'fresh' });
    expect(made).toMatchObject({ strategy: 'new', created: true });
    expect(data.names()).toEqual(['fresh', 'shop']);
    expect(data.get('fresh')).toBe('rows');
    await expect(undo.check(made.id ?? '')).rejects.toMatchObject({
      code: 'UNDO_UNAVAILABLE',
      hint: 'Drop that database by hand if nobody needs it.',
    });
  });

  it.each([
    ['the staging database cannot be created', 'createStaging'],
    ['the swap is refused', 'swap'],
  ] as const)('that fails because %s leaves everything as it was', async (_why, method) => {
    Object.assign(fixture.driver.swap, { [method]: () => Promise.reject(new DomainError('BUSY', 'In use.')) });
    await expect(restore()).rejects.toMatchObject({ code: 'BUSY' });
    expect(data.get()).toBe('changed');
    expect(data.names()).toEqual(['shop']);
    expect(await newest()).toMatchObject({ state: 'failed', incoming: null, journal: null, copyState: 'none' });
  });

  it('that fails during the load names the target, not the staging database, and says that nothing was changed', async () => {
    fixture.driver.load = ({ connection }) =>
      Promise.reject(
        new DomainError('RESTORE_FAILED', `Restoring "${connection.database}" failed: No.`, { hint: 'Why.' }),
      );
    await expect(restore()).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: 'Restoring "shop" failed: No. Nothing was changed.',
      hint: 'Why.',
    });
  });

  it('fails when the loaded data does not hold the rows that were counted in the snapshot', async () => {
    const { filename } = await fixture.backup({ name: 'counted' });
    await amendManifest(`${fixture.backupFolder}/${filename}`, { rows: { t: 3 } });
    await expect(restore({ file: `./backups/${filename}` })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: 'What was loaded is not what was backed up: t has 1 rows instead of 3.',
    });
    expect(data.names()).toEqual(['shop']);
  });

  it('by the strategy "swap" is refused with every blocker, and not done by another strategy', async () => {
    fixture.driver.swap.blockers = ['The account may not make databases.', 'A slot is in use.'];
    await expect(restore({ strategy: 'swap' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('may not make databases. A slot is in use.') as string,
    });
    await expect(restore({ strategy: 'safety_backup' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(data.get()).toBe('changed');
  });

  it('is done in place where no swap is possible, and undone by its safety backup', async () => {
    fixture.driver.swap.blockers = ['The account may not make databases.'];
    const outcome = await restore();
    expect(outcome).toMatchObject({ strategy: 'transaction', safetyBackup: { kind: 'safety' } });
    expect(outcome.warnings).toEqual([
      'Restored in place, as no swap was possible: The account may not make databases.',
    ]);
    await undoOf(outcome.id ?? '');
    expect(data.get()).toBe('changed');
  });

  it('is planned without changing anything', async () => {
    const request = { connection: shop, file, skipOwnership: false, tools: {} };
    expect(await fixture.restores.plan(request, new QuietWork())).toMatchObject({
      ...{ strategy: 'swap', creates: false, blockers: [], undoHours: 1, target: { objects: { tables: 1 } } },
    });
    expect(await fixture.restores.plan({ ...request, targetDatabase: 'fresh' }, new QuietWork())).toMatchObject({
      ...{ strategy: 'new', creates: true, undoHours: 0 },
    });
    expect(data.names()).toEqual(['shop']);
    expect(data.get()).toBe('changed');
  });

  it('63: that was done in place because of a blocker is undone in place though the blocker is gone', async () => {
    fixture.driver.swap.blockers = ['The account may not make databases.'];
    const first = await restore();
    fixture.driver.swap.blockers = [];
    expect(await undoOf(first.id ?? '')).toMatchObject({ strategy: 'transaction' });
    expect(data.get()).toBe('changed');
    expect(data.names()).toEqual(['shop']);
    expect(await recordOf(first.id)).toMatchObject({ copyState: 'used' });
  });

  it('55: that fails in place deletes its safety backup, and leaves those of other restores', async () => {
    const inPlace = { strategy: 'transaction' } as const;
    const first = await restore(inPlace);
    data.set('shop', 'written since');
    const { load } = fixture.driver;
    fixture.driver.load = () => Promise.reject(new DomainError('RESTORE_FAILED', 'No.'));
    // Two restores with the same time have no order.
    fixture.clock.time = new Date(fixture.clock.time.getTime() + 1_000);
    for (let attempt = 0; attempt < 4; attempt += 1) await expect(restore(inPlace)).rejects.toThrow('No.');
    expect(await newest()).toMatchObject({ state: 'failed', copyState: 'none', safetyBackupPath: null });
    fixture.driver.load = load;
    expect(
      (await fixture.catalog.backups.page({ limit: 9 })).rows.filter(({ kind }) => kind === 'safety'),
    ).toHaveLength(1);
    await undoOf(first.id ?? '');
    expect(data.get()).toBe('changed');
  });

  it('55: that fails with an unknown outcome keeps its safety backup', async () => {
    const { load } = fixture.driver;
    fixture.driver.load = async (...given) => {
      await load.apply(fixture.driver, given);
      throw new OutcomeUnknown('CONNECTION_LOST', 'It may be done or undone.');
    };
    await expect(restore({ strategy: 'transaction' })).rejects.toThrow('It may be done or undone.');
    fixture.driver.load = load;
    expect(await newest()).toMatchObject({ state: 'failed', copyState: 'kept' });
    await undoOf((await newest()).id);
    expect(data.get()).toBe('changed');
  });

  describe('55: a restore whose safety backup', () => {
    let done: string;
    let safety: string;
    const UNUSABLE = /is missing, altered, or in no backup folder of this service/;
    const look = (options: { defaultLocation: string; workingDirectory: string }) =>
      new UndoFacts({
        ...{
          catalog: fixture.catalog,
          connections,
          drivers: fixture.drivers,
          logger: silentLogger,
          index: fixture.index,
        },
        ...openLocalStorages(options),
      }).look([{ ...stored }]);
    let stored: RestoreRecord;

    beforeEach(async () => {
      done = (await restore({ strategy: 'transaction' })).id ?? '';
      stored = await recordOf(done);
      safety = join(fixture.folder, stored.safetyBackupPath ?? '');
    });
    const unavailable = async () => {
      expect(await undo.get(done)).toMatchObject({ copyState: 'lost' });
      await expect(undo.check(done)).rejects.toMatchObject({
        code: 'UNDO_UNAVAILABLE',
        message: expect.stringMatching(UNUSABLE) as unknown,
      });
    };

    it('is cut off, cannot be undone until it is as it was, and keeps it meanwhile', async () => {
      const bytes = await readFile(safety);
      await truncate(safety, 3);
      await unavailable();
      expect(await fixture.catalog.restores.needing([stored.safetyBackupId ?? ''])).toEqual(
        new Map([[stored.safetyBackupId, done]]),
      );
      await writeFile(safety, bytes);
      expect(await undo.get(done)).toMatchObject({ copyState: 'kept' });
      await undoOf(done);
      expect(data.get()).toBe('changed');
    });

    it('was found to be altered, says so after that, and can be given up', async () => {
      const bytes = await readFile(safety);
      await writeFile(safety, bytes.toReversed());
      fixture.clock.time = new Date(Date.now() + 1_000);
      await expect(undoOf(done)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      await unavailable();
      expect(await undo.dropCopy(done)).toMatchObject({ copyState: 'dropped' });
    });

    it('lies in another backup folder by now, is undone from there', async () => {
      const { folder } = fixture;
      await mkdir(join(folder, 'backups', 'moved'));
      const [name, moved] = [basename(safety), join(folder, 'backups', 'moved', basename(safety))];
      await rename(safety, moved);
      await rename(`${safety}.manifest.json`, `${moved}.manifest.json`);
      await fixture.index.sync({ storageId: 'local', folder: 'moved' });
      expect(await undo.get(done)).toMatchObject({ copyState: 'kept', safetyBackupPath: `./backups/moved/${name}` });
      await undoOf(done);
      expect(data.get()).toBe('changed');
    });

    it('is known from another working directory, is undone', async () => {
      const [seen] = await look({ defaultLocation: join(fixture.folder, 'backups'), workingDirectory: '/' });
      expect(seen).toMatchObject({ copyState: 'kept', safetyBackupPath: safety });
    });

    it('lies in no backup folder any more, is not called available', async () => {
      const [seen] = await look({ defaultLocation: './others', workingDirectory: fixture.folder });
      expect(seen).toMatchObject({ copyState: 'lost' });
      expect(await recordOf(done)).toMatchObject({ copyState: 'kept' });
    });
  });

  describe('66: a restore whose staging or previous database cannot be dropped', () => {
    const cannotDrop = (error: Error = new DomainError('BUSY', 'Somebody holds it.')) => {
      const { swap } = fixture.driver;
      const real = swap.dropCopy.bind(swap);
      swap.dropCopy = () => Promise.reject(error);
      return () => (swap.dropCopy = real);
    };
    const recoverLeft = async () => {
      const job = new RecoveryJob(recovery, connections, fixture.drivers);
      for (const record of await recovery.pending()) await job.run(asJob(recoveryJob(record)), new QuietWork());
    };

    it('fails, and keeps no backup, restore or undo from the database', async () => {
      const first = await restore();
      const { load } = fixture.driver;
      fixture.driver.load = () => Promise.reject(new DomainError('RESTORE_FAILED', 'No.'));
      const free = cannotDrop();
      await expect(restore()).rejects.toThrow('No.');
      fixture.driver.load = load;
      const { rows } = await fixture.catalog.restores.page({ limit: 9 });
      expect(rows.find(({ state }) => state === 'failed')?.journal).toMatchObject({
        step: 'drop',
        left: [expect.stringMatching(/__restore_/)],
      });
      await backups.run(asJob(backupJob(connection, { kind: 'manual' })), new QuietWork());
      const second = await restore();
      await undoOf(second.id ?? '');
      await undoOf(first.id ?? '');
      await expect(recoverLeft()).rejects.toThrow(/Somebody holds it/);
      free();
      await recoverLeft();
      expect(await recovery.pending()).toEqual([]);
      expect(data.names().filter((name) => name.includes('__restore_'))).toEqual([]);
    });

    it('succeeds with a warning when the server takes long to drop the previous database', async () => {
      const free = cannotDrop(new DropTakesLong('BUSY', 'The server takes long.'));
      const { warnings } = await restore({ targetDatabase: 'fresh' });
      expect(warnings).toEqual([
        expect.stringMatching(/^"fresh__before_\w+", what "fresh" held before, is still to be dropped/),
      ]);
      expect(await newest()).toMatchObject({ state: 'succeeded', strategy: 'new' });
      free();
      await recoverLeft();
      expect(data.names()).toEqual(['fresh', 'shop']);
    });

    it('ends within a limit of time when the server takes long to drop the database that was created for it', async () => {
      const { load, dropDatabase } = fixture.driver;
      fixture.driver.load = () => Promise.reject(new DomainError('RESTORE_FAILED', 'No.'));
      fixture.driver.dropDatabase = () => Promise.reject(new DomainError('BUSY', 'Somebody holds it.'));
      await expect(restore({ targetDatabase: 'fresh' })).rejects.toThrow('No.');
      fixture.driver.load = load;
      fixture.driver.dropDatabase = () => new Promise(() => undefined);
      await expect(recoverLeft()).rejects.toThrow(/has not dropped "fresh" within/);
      await expect(restore({ targetDatabase: 'fresh' })).rejects.toThrow(/has not dropped "fresh" within/);
      fixture.driver.dropDatabase = dropDatabase;
      await recoverLeft();
      expect(await recovery.pending()).toEqual([]);
      expect(data.names()).toEqual(['shop']);
    });

    it('can still be undone, and its previous database is not called dropped', async () => {
      const { id = '' } = await restore();
      const free = cannotDrop();
      await expect(undo.dropCopy(id)).rejects.toThrow('Somebody holds it.');
      expect(await recordOf(id)).toMatchObject({ copyState: 'kept', copyUntil: expect.any(Number) as number });
      await fixture.catalog.restores.update(id, { copyUntil: 1 });
      expect(await undo.dropExpired()).toMatchObject({ dropped: [], failed: [expect.any(String)] });
      expect(await recordOf(id)).toMatchObject({ copyState: 'kept' });
      free();
      await undoOf(id);
      expect(data.get()).toBe('changed');
    });

    it('shows its previous database as being dropped for as long as the server takes', async () => {
      const { id = '' } = await restore();
      const free = cannotDrop(new DropTakesLong('BUSY', 'The server takes long.'));
      expect(await undo.dropCopy(id)).toMatchObject({ copyState: 'dropping', copyUntil: null });
      free();
      expect(await undo.dropExpired()).toMatchObject({ failed: [] });
      expect(await recordOf(id)).toMatchObject({ copyState: 'dropped' });
      expect(data.names()).toEqual(['shop']);
    });
  });

  describe('55: the undo of a restore', () => {
    it('is lost when the previous database is gone, and available again when that is back', async () => {
      const { id = '', copy } = await restore();
      const held = data.get(copy?.name) ?? '';
      fixture.driver.databases.delete(copy?.name ?? '');
      expect(await undo.get(id)).toMatchObject({ copyState: 'lost' });
      await expect(undoOf(id)).rejects.toMatchObject({
        code: 'UNDO_UNAVAILABLE',
        message: expect.stringMatching(/not on the server/) as string,
      });
      data.set(copy?.name ?? '', held);
      await undoOf(id);
      expect(data.get()).toBe('changed');
    });

    it('is lost when the safety backup is gone', async () => {
      const { id = '', safetyBackup } = await restore({ strategy: 'transaction' });
      await rm(join(fixture.backupFolder, safetyBackup?.filename ?? ''));
      expect(await undo.get(id)).toMatchObject({ copyState: 'lost' });
      await expect(undoOf(id)).rejects.toMatchObject({
        code: 'UNDO_UNAVAILABLE',
        message: expect.stringMatching(/is missing/) as string,
      });
    });

    it('is shown as the catalog knows it when the server does not answer', async () => {
      const { id = '' } = await restore();
      fixture.driver.swap.copies = () => Promise.reject(new DomainError('HOST_UNREACHABLE', 'Nothing answers.'));
      expect(await undo.get(id)).toMatchObject({ copyState: 'kept' });
    });
  });

  describe('a restore during which the service dies', () => {
    const recoverAll = async (): Promise<void> => {
      const job = new RecoveryJob(recovery, connections, fixture.drivers);
      for (const record of await recovery.pending()) await job.run(asJob(recoveryJob(record)), new QuietWork());
      expect(await recovery.pending()).toEqual([]);
    };

    it.each([
      ['before the staging database is created', 'createStaging', 'before', 'changed'],
      ['after the staging database was created', 'createStaging', 'after', 'changed'],
      ['before the swap', 'swap', 'before', 'changed'],
      ['after the swap', 'swap', 'after', 'rows'],
      ['before it has noted the previous database', 'copyBytes', 'before', 'rows'],
    ] as const)('%s, is recovered', async (_when, method, when, state) => {
      const restart = await dieIn(method, when);
      await restore().catch(() => undefined);
      await restart();
      await recoverAll();
      expect(data.get()).toBe(state);
      const record = await newest();
      expect(record).toMatchObject({ incoming: null, journal: null });
      expect(data.names()).toEqual(state === 'rows' ? ['shop', record.copy] : ['shop']);
      if (state === 'rows') {
        await undoOf(record.id);
        expect(data.get()).toBe('changed');
      }
    });

    it.each([
      ['before', 'rows', 'kept'],
      ['after', 'changed', 'used'],
    ] as const)('%s the swap of an undo, is recovered', async (when, state, copyState) => {
      const first = await restore();
      const restart = await dieIn('swap', when);
      await undoOf(first.id ?? '').catch(() => undefined);
      await restart();
      await recoverAll();
      expect(data.get()).toBe(state);
      expect(await recordOf(first.id)).toMatchObject({ copyState });
    });

    it('in the middle of one transaction keeps the safety backup of what it may have replaced', async () => {
      fixture.driver.swap.blockers = ['The account may not make databases.'];
      const { load } = fixture.driver;
      fixture.driver.load = async (...given) => {
        await load.apply(fixture.driver, given);
        fixture.removal.removeSpent = () => Promise.resolve();
        throw new Death();
      };
      const { revive } = silenceJournalOf(fixture);
      await restore().catch(() => undefined);
      revive();
      fixture.driver.load = load;
      await fixture.catalog.restores.endInterrupted(1);
      await recoverAll();
      const record = await newest();
      expect(record).toMatchObject({ state: 'interrupted', copyState: 'kept' });
      await undoOf(record.id);
      expect(data.get()).toBe('changed');
    });

    it('succeeds and is recovered later when only the server goes away after the swap', async () => {
      const { swap } = fixture.driver;
      const real = swap.copyBytes.bind(swap);
      swap.copyBytes = () => Promise.reject(new DomainError('CONNECTION_LOST', 'Gone.'));
      const { warnings } = await restore();
      expect(warnings).toEqual([expect.stringMatching(/^What "shop" held before, "shop__before_\w+", is dealt with/)]);
      swap.copyBytes = real;
      await recoverAll();
      expect(await newest()).toMatchObject({ state: 'succeeded', copyState: 'kept' });
    });

    it('can be undone at once when the server takes too long to tell the size of the previous database', async () => {
      const limit = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
      const { swap } = fixture.driver;
      swap.copyBytes = () => Promise.reject(new DomainError('CANCELLED', 'It was cancelled.'));
      try {
        const { id = '', warnings } = await restore();
        expect(warnings).toEqual([]);
        expect(await recovery.pending()).toEqual([]);
        expect(await recordOf(id)).toMatchObject({ copyState: 'kept', copyBytes: null });
        await undoOf(id);
        expect(data.get()).toBe('changed');
      } finally {
        limit.mockRestore();
      }
    });

    it('in the middle of a load in place gets its safety backup put back', async () => {
      Object.assign(fixture.driver, { atomicLoad: false });
      fixture.driver.swap.blockers = ['The account may not make databases.'];
      const load = fixture.driver.load.bind(fixture.driver);
      fixture.driver.load = async (_plan, _source, { beforeReplacing }) => {
        await beforeReplacing?.();
        data.set('shop', 'half');
        throw new Death();
      };
      const { revive } = silenceJournalOf(fixture);
      await restore().catch(() => undefined);
      revive();
      fixture.driver.load = load;
      await fixture.catalog.restores.endInterrupted(1);
      expect(data.get()).toBe('half');
      await recoverAll();
      expect(data.get()).toBe('changed');
    });

    it.each(['falls silent', 'cannot be reached'])(
      'puts the previous state back later when it is cancelled in place while the server %s',
      async (how) => {
        Object.assign(fixture.driver, { atomicLoad: false });
        fixture.driver.swap.blockers = ['The account may not make databases.'];
        const timedOut = () => Promise.reject(new DomainError('CONNECTION_TIMEOUT', 'db:5432 did not answer in time.'));
        const stop = new AbortController();
        const { load, probe } = fixture.driver;
        fixture.driver.load = async (_first, _from, { beforeReplacing }) => {
          await beforeReplacing?.();
          fixture.driver.load = (_plan, _source, { signal }: LoadHooks) =>
            how === 'cannot be reached'
              ? timedOut()
              : new Promise((_, reject) => {
                  signal.addEventListener('abort', () => reject(new DomainError('CANCELLED', 'It was cancelled.')));
                });
          fixture.driver.probe = timedOut;
          data.set('shop', 'half');
          stop.abort();
          throw new DomainError('CONNECTION_LOST', 'The connection was lost.');
        };
        await expect(restore({}, new QuietWork(stop.signal))).rejects.toMatchObject({
          message: expect.stringMatching(/"shop" is incomplete now\.$/) as string,
          hint: expect.stringMatching(/^The service puts its previous state back as soon as/) as string,
        });
        const failed = await newest();
        await expect(undo.check(failed.id)).rejects.toMatchObject({ code: 'UNDO_UNAVAILABLE' });
        Object.assign(fixture.driver, { load, probe });
        await recoverAll();
        expect(data.get()).toBe('changed');
        expect((await fixture.listing.list()).filter(({ kind }) => kind === 'safety')).toEqual([]);
      },
    );

    it.each(['CONNECTION_LOST', 'CANCELLED'] as const)(
      'drops the target later when it does not learn whether the target was created (%s)',
      async (code) => {
        const create = fixture.driver.createDatabase.bind(fixture.driver);
        fixture.driver.createDatabase = async (...given) => {
          await create(...given);
          throw new DomainError(code, 'The connection was lost.');
        };
        await expect(restore({ targetDatabase: 'fresh' })).rejects.toMatchObject({ code });
        expect(data.names()).toEqual(['fresh', 'shop']);
        expect(await recovery.pending()).toHaveLength(1);
        await recoverAll();
        expect(data.names()).toEqual(['shop']);
        expect(await recovery.pending()).toEqual([]);
      },
    );

    it('leaves nothing to recover when the server refuses to create the target', async () => {
      fixture.driver.createDatabase = () => Promise.reject(new DomainError('MISSING_PRIVILEGE', 'You may not.'));
      await expect(restore({ targetDatabase: 'fresh' })).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
      expect(await recovery.pending()).toEqual([]);
    });

    it('right after the target was created leaves no target', async () => {
      const create = fixture.driver.createDatabase.bind(fixture.driver);
      const drop = fixture.driver.dropDatabase.bind(fixture.driver);
      fixture.driver.createDatabase = async (...given) => {
        await create(...given);
        throw new Death();
      };
      fixture.driver.dropDatabase = () => Promise.reject(new Death());
      const { revive } = silenceJournalOf(fixture);
      await restore({ targetDatabase: 'fresh' }).catch(() => undefined);
      revive();
      Object.assign(fixture.driver, { createDatabase: create, dropDatabase: drop });
      await fixture.catalog.restores.endInterrupted(1);
      expect(data.names()).toEqual(['fresh', 'shop']);
      await recoverAll();
      expect(data.names()).toEqual(['shop']);
    });

    it.each([
      ['by a swap', [], 'swap'],
      ['in place', ['The account may not make databases.'], 'transaction'],
    ])('right after it was done %s is listed as succeeded and can be undone', async (_where, blockers, strategy) => {
      fixture.driver.swap.blockers = blockers;
      const revive = changeUpdatesOf(fixture.catalog, async (update, id, change) => {
        if (change.finishedAt === undefined) await update(id, change);
      });
      await restore();
      revive();
      await fixture.catalog.restores.endInterrupted(1);
      expect(await recovery.pending()).toEqual([]);
      const record = await newest();
      expect(record).toMatchObject({ state: 'succeeded', strategy, failure: null, finishedAt: 1 });
      await undoOf(record.id);
      expect(data.get()).toBe('changed');
    });

    it('22: does not count as swapped after its swap went back and its staging database was dropped', async () => {
      const { swap, databases } = fixture.driver;
      Object.assign(swap, {
        swap: async ({ incoming, outgoing, journal }: SwapRequest) => {
          await journal({ incoming, outgoing, phase: 'exchange' });
          throw new DomainError('DATABASE_ERROR', 'A view cannot be made.');
        },
        // This driver tells the end of a swap from the databases that are left on the server.
        recover: (_connection: unknown, { incoming }: { incoming?: string }) =>
          Promise.resolve(databases.has(incoming ?? '') ? 'unchanged' : 'swapped'),
      });
      const { revive } = silenceJournalOf(fixture);
      await restore().catch(() => undefined);
      revive();
      await fixture.catalog.restores.endInterrupted(1);
      expect(data.names()).toEqual(['shop']);
      expect(await recovery.pending()).toHaveLength(1);
      await recoverAll();
      expect(data.get()).toBe('changed');
      expect(await newest()).toMatchObject({ copyState: 'none', journal: null });
      expect((await newest()).state).not.toBe('succeeded');
    });

    it('right after an undo marked the previous database keeps that for another undo', async () => {
      const first = await restore();
      const { restores: records } = fixture.catalog;
      const move = records.moveCopy.bind(records);
      records.moveCopy = async (...given) => {
        await move(...given);
        records.moveCopy = () => Promise.reject(new Death());
        throw new Death();
      };
      const { revive } = silenceJournalOf(fixture);
      await undoOf(first.id ?? '').catch(() => undefined);
      revive();
      records.moveCopy = move;
      await records.endInterrupted(1);
      expect(await recordOf(first.id)).toMatchObject({ copyState: 'used' });
      await recoverAll();
      expect(await recordOf(first.id)).toMatchObject({ copyState: 'kept' });
      await undoOf(first.id ?? '');
      expect(data.get()).toBe('changed');
    });

    it('is recovered before anything else is done to the database', async () => {
      const restart = await dieIn('swap', 'after');
      await restore().catch(() => undefined);
      await restart();
      await backups.run(asJob(backupJob(connection, { kind: 'manual' })), new QuietWork());
      expect(await recovery.pending()).toEqual([]);
      await restore();
    });

    it('68: is recovered before anything else is done to the database under another name of its host', async () => {
      const restart = await dieIn('swap', 'after');
      await restore().catch(() => undefined);
      await restart();
      const other = await connections.create({ ...shop, host: 'other-name' });
      await backups.run(asJob(backupJob(other, { kind: 'manual' })), new QuietWork());
      expect(await recovery.pending()).toEqual([]);
    });

    it('says that it may have been swapped, and waits for no login, when it is cancelled while the server is silent', async () => {
      const { swap } = fixture.driver;
      const [realSwap, realRecover] = [swap.swap.bind(swap), swap.recover.bind(swap)];
      const stop = new AbortController();
      let recovered = 0;
      swap.swap = async (request) => {
        await realSwap(request);
        stop.abort();
        throw new DomainError('CONNECTION_LOST', 'The connection was lost.');
      };
      swap.recover = (...given) => {
        recovered += 1;
        return realRecover(...given);
      };
      await expect(restore({}, new QuietWork(stop.signal))).rejects.toMatchObject({
        // A cancelled job keeps its message under this code.
        code: 'CANCELLED',
        message: expect.stringMatching(/it is not known whether "shop" was swapped\.$/) as string,
      });
      expect(recovered).toBe(0);
      await recoverAll();
      expect(data.get()).toBe('rows');
      expect(await newest()).toMatchObject({ state: 'succeeded', copyState: 'kept' });
    });

    it('keeps all other work away from the database until it is recovered', async () => {
      const restart = await dieIn('swap', 'after');
      await restore().catch(() => undefined);
      await restart();
      const { swap } = fixture.driver;
      const real = swap.recover.bind(swap);
      swap.recover = () => Promise.reject(new DomainError('HOST_UNREACHABLE', 'Nothing answers.'));
      await expect(restore()).rejects.toMatchObject({
        code: 'HOST_UNREACHABLE',
        message: 'An interrupted restore of "shop" could not be recovered: Nothing answers.',
      });
      swap.recover = real;
      await restore();
    });
  });

  describe('the previous database of a restore', () => {
    it('is dropped when its time is over, and the restore cannot be undone then', async () => {
      const { id = '', copy } = await restore();
      expect(await undo.dropExpired()).toEqual({ dropped: [], failed: [] });
      await fixture.catalog.restores.update(id, { copyUntil: 0 });
      expect(await undo.dropExpired()).toEqual({ dropped: [copy?.name], failed: [] });
      expect(data.names()).toEqual(['shop']);
      expect(await recordOf(id)).toMatchObject({ copyState: 'dropped' });
      await expect(undo.check(id)).rejects.toMatchObject({
        message: expect.stringContaining('was kept for its time') as string,
      });
    });

    it('is dropped the next time when it cannot be dropped now', async () => {
      const { id = '', copy } = await restore();
      await fixture.catalog.restores.update(id, { copyUntil: 0 });
      const { swap } = fixture.driver;
      const real = swap.dropCopy.bind(swap);
      swap.dropCopy = () => Promise.reject(new DomainError('HOST_UNREACHABLE', 'no'));
      expect(await undo.dropExpired()).toEqual({ dropped: [], failed: [copy?.name] });
      // The undo is available, as the database is there and whole.
      await undo.check(id);
      swap.dropCopy = real;
      expect(await undo.dropExpired()).toEqual({ dropped: [copy?.name], failed: [] });
    });

    it('is dropped at once when somebody gives the undo up', async () => {
      const { id = '' } = await restore();
      expect(await undo.dropCopy(id)).toMatchObject({ copyState: 'dropped', copyUntil: null });
      expect(data.names()).toEqual(['shop']);
      await expect(undo.dropCopy(id)).rejects.toMatchObject({
        code: 'UNDO_UNAVAILABLE',
        message: 'The restore of "shop" cannot be undone: what it replaced was dropped.',
      });
      await expect(undo.dropCopy('nothing')).rejects.toMatchObject({ code: 'RESTORE_NOT_FOUND' });
    });
  });
});

/** Keeps a dead service from writing the end of its restore, until `revive` is called: only its earlier entries stay. */
function silenceJournalOf({ catalog }: CoreFixture): { revive: () => void } {
  const revive = changeUpdatesOf(catalog, async (update, id, change) => {
    if (change.finishedAt !== undefined || change.journal === null || change.copyState === 'none') return;
    await update(id, change);
  });
  return { revive };
}

type Update = Catalog['restores']['update'];

/** Puts `instead` in the place of every update of a restore, in transactions, too. Returns what ends this. */
function changeUpdatesOf(
  catalog: Catalog,
  instead: (update: Update, ...given: Parameters<Update>) => Promise<void>,
): () => void {
  const { restores, transaction } = catalog;
  const update = restores.update.bind(restores);
  restores.update = (...given) => instead(update, ...given);
  catalog.transaction = (work) =>
    transaction.call(catalog, (inner) => {
      const inside = inner.restores.update.bind(inner.restores);
      inner.restores.update = (...given) => instead(inside, ...given);
      return work(inner);
    }) as ReturnType<typeof work>;
  return () => void Object.assign(Object.assign(catalog, { transaction }).restores, { update });
}
