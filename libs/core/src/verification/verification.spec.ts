import { writeFileSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import type { ContentChecksums, ErrorCode, Manifest } from '@app/domain';
import { CannotVerify } from './cannot-verify.js';
import { coreFixture } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { storeBackup } from '../../../artifact/src/testing/stored-backup.js';
import { amendManifest, testSigner } from '../../../artifact/src/testing/test-signer.js';

describe('reading a backup back', () => {
  let fixture: CoreFixture;
  const manifestOf = async (path: string) => JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
  const verify = (path: string, work = new QuietWork()) =>
    fixture.verification.verify(fixture.at(path), 'stored', work);
  const made = async () => join(fixture.backupFolder, (await fixture.backup()).filename);
  const listed = async () => (await fixture.listing.list())[0];

  beforeEach(async () => {
    fixture = await coreFixture();
  });
  afterEach(() => fixture.dispose());

  it('finds the file as it was written, and says so in the manifest and in the list', async () => {
    const path = await made();
    const before = await manifestOf(path);
    fixture.clock.time = new Date('2026-11-23T01:02:03Z');
    const work = new QuietWork();
    const verified = await verify(path, work);
    const verification = { level: 'stored', at: '2026-11-23T01:02:03.000Z' } as const;
    expect(verified).toEqual(testSigner.signed({ ...before, verification, revision: 1 }));
    expect(await manifestOf(path)).toEqual(verified);
    expect(work.told.at(-1)).toEqual({ phase: 'verify', bytes: before.size, totalBytes: before.size });
    expect(await fixture.catalog.backups.get(before.id)).toMatchObject([
      { verification: 'stored', status: 'complete' },
    ]);
    expect(await listed()).toMatchObject({ status: 'complete', verification: { level: 'stored' } });
    expect(await fixture.files()).toHaveLength(2);
  });

  it.each([
    ['one byte was changed', (content: string) => content.replace('rows', 'r0ws')],
    ['it is cut off', (content: string) => content.slice(0, 7)],
    ['something was added to it', (content: string) => `${content}x`],
  ])('FAILURES 4, 5: finds that %s, and tells everybody', async (_what, damage) => {
    const path = await made();
    const content = await readFile(path, 'utf8');
    await writeFile(path, damage(content));
    await expect(verify(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    const { verification } = await manifestOf(path);
    expect(verification.level).toBe('complete');
    expect(verification.failed?.message).toContain('shop_20261122_101500.sql');
    const record = await listed();
    expect(record).toMatchObject({ status: 'damaged' });
    expect(record?.warnings).toEqual([verification.failed?.message]);

    await writeFile(path, content);
    await verify(path);
    expect((await manifestOf(path)).verification).toEqual({ level: 'stored', at: fixture.clock.time.toISOString() });
    expect(await listed()).toMatchObject({ status: 'complete', warnings: [] });
  });

  it('does not touch a manifest that somebody else changed meanwhile', async () => {
    const path = await made();
    const other = JSON.stringify({ ...(await manifestOf(path)), warnings: ['changed by hand'] });
    const work = new QuietWork();
    work.progress = () => writeFileSync(`${path}.manifest.json`, other);
    const reading = fixture.verification.verify(fixture.at(path), 'stored', work);
    await expect(reading).rejects.toMatchObject({ code: 'BUSY' });
    expect(await readFile(`${path}.manifest.json`, 'utf8')).toBe(other);
  });

  it('keeps a level that a later version reached, and only removes the mark of a failure', async () => {
    const verification = { level: 'sworn', at: '2026-01-01T00:00:00.000Z' } as unknown as Manifest['verification'];
    const failed = { at: '2026-01-02T00:00:00.000Z', message: 'disk' };
    const { path } = await storeBackup(fixture.backupFolder, '2026-01-01T00:00:00Z', {
      verification: { ...verification, failed },
    });
    expect((await verify(path)).verification).toEqual(verification);
    expect(await listed()).toMatchObject({ status: 'complete', verification: { level: 'sworn' } });
  });

  it('keeps fields of a manifest that this version does not know', async () => {
    const more = { future: { kept: true } } as Partial<Manifest>;
    const { path } = await storeBackup(fixture.backupFolder, '2026-01-01T00:00:00Z', more);
    await verify(path);
    expect(await manifestOf(path)).toMatchObject(more);
  });

  it('ends when it is cancelled, and does not change what is known of the backup', async () => {
    const path = await made();
    const before = await manifestOf(path);
    const cancelled = new QuietWork(AbortSignal.abort(new Error('enough')));
    await expect(verify(path, cancelled)).rejects.toThrow('enough');
    expect(await manifestOf(path)).toEqual(before);
  });

  it('refuses a file that it cannot compare', async () => {
    const path = await made();
    const foreign = join(fixture.backupFolder, 'theirs.sql');
    await writeFile(foreign, 'FAKE\n');
    await expect(verify(foreign)).rejects.toMatchObject({ code: 'NOT_A_BACKUP' });
    await expect(verify(join(fixture.backupFolder, 'none.sql'))).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await truncate(`${path}.manifest.json`, 10);
    await expect(verify(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    await rm(path);
    await expect(verify(path)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('verifies a new backup on request, and the backup fails when it does not read back', async () => {
    const record = await fixture.backup({ verification: 'stored' });
    expect(record.verification).toMatchObject({ level: 'stored' });
  });
});

describe('verifying a backup by a restore', () => {
  let fixture: CoreFixture;
  /** The events of verifications so far. */
  const told = () =>
    fixture.catalog.outbox.after(0, 100, ['BackupVerified', 'VerificationFailed', 'VerificationUnavailable']);
  const manifestOf = async (path: string) => JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
  const verify = (path: string, work = new QuietWork()) =>
    fixture.verification.verify(fixture.at(path), 'restored', work);
  const made = async () => join(fixture.backupFolder, (await fixture.backup()).filename);
  const alter = amendManifest;

  beforeEach(async () => {
    fixture = await coreFixture();
  });
  afterEach(async () => {
    // After every test no server is in use and no database is left.
    expect(fixture.verificationServers.used).toBe(0);
    expect([...fixture.driver.databases.keys()]).toEqual(['shop']);
    await fixture.dispose();
  });

  it('says on which server, with which tables and rows and how long it took', async () => {
    const path = await made();
    const work = new QuietWork();
    const { id, verification } = await verify(path, work);
    expect(verification).toEqual({
      level: 'restored',
      at: fixture.clock.time.toISOString(),
      details: {
        ...{ server: 'PostgreSQL 15.9', tables: 1, rows: 1, compared_with: 'dump', compared: 'counts' },
        restore_ms: expect.any(Number),
      },
    });
    expect((await manifestOf(path)).verification).toEqual(verification);
    expect(await fixture.catalog.backups.get(id)).toMatchObject([{ verification: 'restored', status: 'complete' }]);
    expect([...new Set(work.told.map(({ phase }) => phase).filter(Boolean))]).toEqual([
      ...['verify', 'start server', 'load', 'compare'],
    ]);
    expect(await told()).toMatchObject([{ name: 'BackupVerified', payload: { level: 'restored', backupId: id } }]);
    const plan = fixture.driver.plans.at(-1);
    expect(plan).toMatchObject({ staged: true, forVerification: true, skipOwnership: true });
  });

  it('keeps the level when it is only read back afterwards', async () => {
    const path = await made();
    const { verification } = await verify(path);
    fixture.clock.time = new Date(fixture.clock.time.getTime() + 1000);
    expect((await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork())).verification).toEqual(
      verification,
    );
  });

  it.each<[string, Partial<Manifest>, RegExp]>([
    ['rows', { rows: { t: 2 } }, /t has 1 rows instead of 2/],
    ['a table more', { rows: { t: 1, u: 5 } }, /u has 0 rows instead of 5/],
    ['an empty table more', { rows: { t: 1, u: 0 } }, /u is not there/],
    ['a table less', { rows: {} }, /t has 1 rows instead of 0/],
    ['objects', { rows: { t: 1 }, objects: { tables: 1, views: 3 } }, /0 views instead of 3/],
  ])('fails where the snapshot had other %s', async (_what, change, words) => {
    const path = await made();
    await alter(path, change);
    await expect(verify(path)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringMatching(words),
    });
    const { verification } = await manifestOf(path);
    expect(verification).toMatchObject({
      level: 'stored',
      failed: { at: fixture.clock.time.toISOString(), level: 'restored', message: expect.stringMatching(words) },
    });
    expect(await fixture.listing.list()).toMatchObject([{ status: 'damaged' }]);
    expect(await told()).toMatchObject([{ name: 'VerificationFailed' }]);
  });

  it('passes with a warning where objects differ that were counted before the dump, or by another major version', async () => {
    const path = await made();
    await alter(path, { objects: { tables: 1, views: 3 } });
    const work = new QuietWork();
    const warnings = [expect.stringContaining('0 views instead of 3')];
    expect((await verify(path, work)).verification.details?.warnings).toEqual(warnings);
    expect(work.lines).toContainEqual(expect.stringMatching(/^warning: .*0 views instead of 3/));
    fixture.verificationServers.info = { ...fixture.verificationServers.info, version: '16.1', versionParts: [16, 1] };
    await alter(path, { rows: { t: 1 } });
    expect((await verify(path)).verification.details).toMatchObject({ compared_with: 'snapshot', warnings });
  });

  const CHECKSUMS: ContentChecksums = { algorithm: 'fake-1', basis: 'UTF8', tables: { t: '1', u: '5' } };
  const holding = (checksums: ContentChecksums) => {
    const depths: unknown[] = [];
    fixture.driver.census = (_connection, _signal, depth) => {
      depths.push(depth);
      const found = { objects: { tables: 1 }, rows: { t: 1, u: 2 } };
      return Promise.resolve(depth === 'content' ? { ...found, checksums } : found);
    };
    return depths;
  };
  const COUNTED = { rows: { t: 1, u: 2 }, checksums: CHECKSUMS };

  it('71: compares the content of rows, and says so', async () => {
    const path = await made();
    await alter(path, COUNTED);
    const depths = holding(CHECKSUMS);
    const { verification } = await verify(path);
    expect(verification.details).toMatchObject({ compared: 'content', compared_with: 'snapshot' });
    expect(verification.details?.warnings).toBeUndefined();
    expect(depths).toEqual(['content']);
  });

  it('71: fails where the same number of rows holds other values', async () => {
    const path = await made();
    await alter(path, COUNTED);
    holding({ ...CHECKSUMS, tables: { t: '1', u: '6' } });
    await expect(verify(path)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringMatching(/not what was backed up: u holds other values\.$/) as string,
    });
    const uncovered = { t: 'too long', u: 'too long' };
    for (const tables of [{}, { tables: {}, uncovered }]) {
      await alter(path, { checksums: { ...CHECKSUMS, ...tables, large_objects: '1' } });
      await expect(verify(path)).rejects.toMatchObject({
        message: expect.stringContaining('large objects have another content') as string,
      });
    }
  });

  it.each<[string, Partial<ContentChecksums>, RegExp]>([
    ['another algorithm', { algorithm: 'fake-2' }, /^Only the number of rows was compared: no checksums like those/],
    [
      'another encoding',
      { basis: 'LATIN1' },
      /^Only the number of rows was compared: the encoding here is another one/,
    ],
    [
      'a table left out',
      { tables: { t: '1' }, uncovered: { u: 'too long' } },
      /^The content of u was not compared: too long\.$/,
    ],
  ])('71: says what was not compared for %s', async (_what, change, words) => {
    const path = await made();
    await alter(path, COUNTED);
    holding({ ...CHECKSUMS, ...change });
    expect((await verify(path)).verification.details).toMatchObject({
      compared: 'tables' in change ? 'content' : 'counts',
      warnings: [expect.stringMatching(words)],
    });
  });

  it('71: compares only counts on request, and computes nothing else', async () => {
    const path = await made();
    await alter(path, COUNTED);
    const depths = holding({ ...CHECKSUMS, tables: { t: 'other', u: 'other' } });
    const { verification } = await fixture.verification.verify(fixture.at(path), 'restored', new QuietWork(), 'counts');
    expect(verification.details).toMatchObject({ compared: 'counts' });
    expect(verification.details?.warnings).toBeUndefined();
    expect(depths).toEqual(['counts']);
  });

  it('61: compares rows by the table that the dump holds them under, also for a backup that counted partitions', async () => {
    const path = await made();
    await alter(path, { rows: { t_0: 3, t_1: 1, u: 0 } });
    const partOf = { t_0: 't', t_1: 't' };
    fixture.driver.census = () => Promise.resolve({ objects: { tables: 1 }, rows: { t: 4, u: 0 }, partOf });
    expect((await verify(path)).verification).toMatchObject({ level: 'restored', details: { rows: 4 } });
    fixture.driver.census = () => Promise.resolve({ objects: { tables: 1 }, rows: { t: 3, u: 0 }, partOf });
    await expect(verify(path)).rejects.toMatchObject({
      message: expect.stringContaining('t has 3 rows instead of 4') as string,
    });
  });

  it('removes the mark of a failure when it passes', async () => {
    const path = await made();
    await alter(path, { rows: { t: 2 } });
    await expect(verify(path)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork());
    expect((await manifestOf(path)).verification.failed).toBeDefined();
    await alter(path, { rows: { t: 1 } });
    expect((await verify(path)).verification.failed).toBeUndefined();
  });

  it('62: does not advise a new backup where the file is good and its data cannot be loaded', async () => {
    const path = await made();
    const refused = (hint?: string) => () =>
      Promise.reject(new DomainError('RESTORE_FAILED', 'refused', hint === undefined ? {} : { hint }));
    fixture.driver.load = refused('Mend the CHECK.');
    await expect(verify(path)).rejects.toMatchObject({
      hint: 'Mend the CHECK. Retention does not count this one any more.',
    });
    fixture.driver.load = refused();
    await expect(verify(path)).rejects.toMatchObject({
      hint: expect.stringMatching(/the next backup of this data may fail in the same way/) as string,
    });
  });

  it.each<[string, (of: CoreFixture) => void]>([
    ['a statement is refused', ({ driver }) => (driver.load = () => reject('RESTORE_FAILED', 'syntax error'))],
    ['the archive cannot be read', ({ driver }) => (driver.load = () => reject('BACKUP_DAMAGED', 'cut off'))],
    ['it cannot be counted', ({ driver }) => (driver.dumpedRows = () => reject('BACKUP_DAMAGED', 'cut off'))],
  ])('fails and marks the backup where %s', async (_what, break_) => {
    const path = await made();
    break_(fixture);
    await expect(verify(path)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    expect((await manifestOf(path)).verification.failed?.message).toMatch(/syntax error|cut off/);
  });

  it.each<[string, (of: CoreFixture) => void]>([
    [
      'there is no server',
      ({ verificationServers }) =>
        (verificationServers.open = () => Promise.reject(new CannotVerify('nobody is here'))),
    ],
    ['the database cannot be made', ({ driver }) => (driver.prepareLoad = () => reject('MISSING_PRIVILEGE', 'no'))],
    ['the client is missing', ({ driver }) => (driver.prepareLoad = () => reject('TOOL_MISSING', 'no pg_restore'))],
    ['the connection is lost', ({ driver }) => (driver.load = () => reject('CONNECTION_LOST', 'gone'))],
    ['the disk is full', ({ driver }) => (driver.load = () => reject('NO_SPACE', 'full'))],
    [
      'an extension is missing on the server',
      ({ driver }) => (driver.load = () => reject('RESTORE_FAILED', 'here: no postgis')),
    ],
    [
      'the server died, whatever the load says',
      ({ driver }) => {
        driver.load = () => reject('RESTORE_FAILED', 'something odd');
        driver.probe = () => reject('HOST_UNREACHABLE', 'nobody listens');
      },
    ],
    [
      'the database has another locale',
      ({ driver }) => {
        driver.load = () => reject('RESTORE_FAILED', 'violates partition constraint');
        const prepare = driver.prepareDump.bind(driver);
        driver.prepareDump = async (request) => ({ ...(await prepare(request)), settings: { encoding: 'SQL_ASCII' } });
      },
    ],
    ['the restored database cannot be counted', ({ driver }) => (driver.census = () => reject('BUSY', 'locked'))],
  ])('is unavailable and does not mark the backup where %s', async (_what, break_) => {
    const path = await made();
    break_(fixture);
    const message = expect.stringMatching(/cannot verify here, because /);
    await expect(verify(path)).rejects.toMatchObject({ code: 'VERIFICATION_UNAVAILABLE', message });
    const { verification } = await manifestOf(path);
    expect(verification).toEqual({
      level: 'stored',
      at: fixture.clock.time.toISOString(),
      untried: { at: fixture.clock.time.toISOString(), message },
    });
    expect(await fixture.listing.list()).toMatchObject([{ status: 'complete', warnings: [message] }]);
    expect(await told()).toMatchObject([{ name: 'VerificationUnavailable' }]);
  });

  it('is unavailable and does not mark a backup with a codec that this version does not know', async () => {
    const path = await made();
    await alter(path, { manifest_version: 2, codecs: ['later'] });
    await expect(verify(path)).rejects.toMatchObject({
      code: 'VERIFICATION_UNAVAILABLE',
      message: expect.stringContaining(
        'cannot verify here, because it was written with the codec "later", which this version of the service does not know.',
      ) as string,
      hint: expect.stringContaining('or a later one') as string,
    });
    const { verification } = await manifestOf(path);
    expect(verification.level).toBe('stored');
    expect(verification).not.toHaveProperty('failed');
    expect(await fixture.listing.list()).toMatchObject([{ status: 'complete' }]);
  });

  it('marks nothing for an error in our own code', async () => {
    const path = await made();
    fixture.driver.load = () => Promise.reject(new TypeError('x is not a function'));
    await expect(verify(path)).rejects.toThrow(TypeError);
    expect((await manifestOf(path)).verification).toEqual({ level: 'stored', at: fixture.clock.time.toISOString() });
  });

  it('marks nothing when it is cancelled during the load', async () => {
    const path = await made();
    const cancel = new AbortController();
    fixture.driver.load = () => {
      cancel.abort();
      return reject('RESTORE_FAILED', 'the client was ended');
    };
    await expect(verify(path, new QuietWork(cancel.signal))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await manifestOf(path)).verification).toEqual({ level: 'stored', at: fixture.clock.time.toISOString() });
  });

  it('creates missing roles on a throwaway server, and none on a configured server', async () => {
    const path = await made();
    const roles: string[] = [];
    const users = {
      create: (_: unknown, { username }: { username: string }) => Promise.resolve(void roles.push(username)),
    };
    Object.defineProperty(fixture.driver, 'users', { value: users });
    const load = fixture.driver.load.bind(fixture.driver);
    fixture.driver.load = (...order) => {
      const missing = ['reader', 'writer'].find((role) => !roles.includes(role));
      return missing === undefined ? load(...order) : reject('RESTORE_FAILED', `role: ${missing}`);
    };
    fixture.verificationServers.throwaway = false;
    await expect(verify(path)).rejects.toMatchObject({ code: 'VERIFICATION_UNAVAILABLE' });
    expect(roles).toEqual([]);
    fixture.verificationServers.throwaway = true;
    expect((await verify(path)).verification.level).toBe('restored');
    expect(roles).toEqual(['reader', 'writer']);
  });

  it('keeps what somebody else wrote into the manifest meanwhile', async () => {
    const path = await made();
    const load = fixture.driver.load.bind(fixture.driver);
    fixture.driver.load = async (...order) => {
      await alter(path, { warnings: ['by hand'] });
      return load(...order);
    };
    expect(await verify(path)).toMatchObject({ warnings: ['by hand'], verification: { level: 'restored' } });
  });

  it('does not mark a file that took the place of the backup meanwhile', async () => {
    const path = await made();
    fixture.driver.census = async () => {
      await writeFile(path, 'something else');
      return { objects: { tables: 1 }, rows: { t: 1 } };
    };
    await expect(verify(path)).rejects.toMatchObject({ code: 'BUSY' });
    expect((await manifestOf(path)).verification.level).toBe('stored');
  });

  describe('of a new backup', () => {
    const counted = () => {
      const start = fixture.driver.startDump.bind(fixture.driver);
      fixture.driver.startDump = async (plan, signal) => ({
        ...(await start(plan, signal)),
        ...(plan.census !== undefined ? { census: Promise.resolve({ objects: { tables: 1 }, rows: { t: 1 } }) } : {}),
      });
    };

    it('41: keeps the newest of the backups that fail for the same reason, and every good one, however old', async () => {
      await fixture.dispose();
      fixture = await coreFixture({ retention: { days: 30 } });
      const good = [await fixture.backup({ name: 'first' }), await fixture.backup({ name: 'second' })];
      fixture.driver.census = () => Promise.resolve({ objects: { tables: 1 }, rows: { t: 9 } });
      for (let day = 1; day <= 3; day += 1) {
        fixture.clock.time = new Date(fixture.clock.time.getTime() + 86_400_000 * 400);
        await expect(fixture.backup({ verification: 'restored' })).rejects.toMatchObject({
          code: 'VERIFICATION_FAILED',
        });
      }
      const listed = await fixture.listing.list();
      expect(listed.map(({ status }) => status)).toEqual(['damaged', 'complete', 'complete']);
      const names = listed.slice(1).map(({ filename }) => filename);
      expect(names.toSorted()).toEqual(good.map(({ filename }) => filename).toSorted());
    });

    it('compares with the counts in the snapshot of its dump', async () => {
      counted();
      const record = await fixture.backup({ verification: 'restored' });
      expect(record.verification).toMatchObject({ level: 'restored', details: { compared_with: 'snapshot' } });
      expect((await manifestOf(join(fixture.backupFolder, record.filename))).rows).toEqual({ t: 1 });
      const uncounted = await fixture.backup({ verification: 'stored', name: 'other' });
      expect((await manifestOf(join(fixture.backupFolder, uncounted.filename))).rows).toBeUndefined();
    });

    it('leaves nothing of a backup whose rows could not be counted', async () => {
      const start = fixture.driver.startDump.bind(fixture.driver);
      fixture.driver.startDump = async (plan, signal) => ({
        ...(await start(plan, signal)),
        census: reject('CONNECTION_LOST', 'counting'),
      });
      await expect(fixture.backup({ verification: 'restored' })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      expect(await fixture.files()).toEqual([]);
    });

    it('keeps the level that the backup has reached where it is unavailable, and the answer has the warning', async () => {
      fixture.verificationServers.open = () => Promise.reject(new CannotVerify('nobody is here'));
      const work = new QuietWork();
      const record = await fixture.backup({ verification: 'restored' }, work);
      expect(record).toMatchObject({ status: 'complete', verification: { level: 'stored' } });
      expect(record.warnings).toEqual(['cannot verify here, because nobody is here.']);
      expect(work.lines).toContainEqual(expect.stringMatching(/^warning: .*nobody is here/));
    });

    it('fails the job when it fails, and the marked file stays', async () => {
      counted();
      fixture.driver.load = () => reject('RESTORE_FAILED', 'syntax error');
      await expect(fixture.backup({ verification: 'restored' })).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
      expect(await fixture.listing.list()).toMatchObject([{ status: 'damaged' }]);
    });

    it.each([
      ['manual', 'stored'],
      ['scheduled', 'restored'],
      ['safety', 'complete'],
    ] as const)('follows the settings: %s backups are %s', async (kind, level) => {
      await fixture.dispose();
      fixture = await coreFixture({ defaults: { verification: 'stored', scheduledVerification: 'restored' } });
      expect((await fixture.backup({ kind })).verification).toMatchObject({ level });
      expect((await fixture.backup({ kind, verification: 'complete' })).verification).toMatchObject({
        level: 'complete',
      });
    });
  });
});

function reject(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new DomainError(code, message));
}
