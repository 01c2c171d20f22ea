import { appendFile, copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DomainError } from '@app/domain';
import type { Manifest } from '@app/domain';
import { markUntouched } from '@app/drivers';
import type { LoadHooks } from '@app/drivers';
import { databaseKey } from '../inventory/database-key.js';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { amendManifest } from '../../../artifact/src/testing/test-signer.js';

describe('a restore', () => {
  let fixture: CoreFixture;
  let file: string;
  let path: string;
  const restore = (more: object = {}) => fixture.restore({ file: `./backups/${file}`, ...more });
  const data = () => fixture.driver.databases.get('shop');

  beforeEach(async () => {
    fixture = await coreFixture();
    file = (await fixture.backup({ compression: 'zstd' })).filename;
    path = join(fixture.backupFolder, file);
    fixture.driver.databases.set('shop', 'changed');
  });
  afterEach(() => fixture.dispose());

  it('replaces the database by the content of the backup', async () => {
    const outcome = await restore();
    expect(outcome).toMatchObject({
      path: `./backups/${file}`,
      database: 'shop',
      strategy: 'swap',
      created: false,
    });
    expect(data()).toBe('rows');
  });

  it('into a database that does not exist creates it', async () => {
    expect(await restore({ targetDatabase: 'copy' })).toMatchObject({ database: 'copy', created: true });
    expect(fixture.driver.databases.get('copy')).toBe('rows');
    expect(data()).toBe('changed');
  });

  describe('of a backup with properties of its database', () => {
    const properties = {
      owner: 'boss',
      grants: null,
      settings: ['search_path=app', 'app.secret=hush'],
      role_settings: [],
      comment: 'the only copy',
      connection_limit: 5,
    };
    const applied: unknown[] = [];

    beforeEach(async () => {
      applied.length = 0;
      const { prepareDump } = fixture.driver;
      fixture.driver.prepareDump = async (request) => ({
        ...(await prepareDump.call(fixture.driver, request)),
        properties,
        roles: [{ name: 'boss', attributes: [], connection_limit: -1, valid_until: null, member_of: [] }],
      });
      fixture.driver.globals = {
        missingRoles: (_connection, names) => Promise.resolve([...names]),
        dump: () => Promise.resolve(''),
        restoreRoles: () => Promise.resolve({ roles: [], warnings: [] }),
        applyProperties: (_connection, database, given, options) => {
          applied.push({ database, given, options });
          return Promise.resolve(['The owner was not restored.']);
        },
      };
      fixture.clock.time = new Date(2026, 10, 22, 11, 0, 0);
      file = (await fixture.backup()).filename;
    });

    it('64: applies them to a database that it created, and tells what it could not apply', async () => {
      const outcome = await restore({ targetDatabase: 'copy' });
      expect(applied).toEqual([{ database: 'copy', given: properties, options: { skipOwnership: false } }]);
      expect(outcome.warnings).toContain('The owner was not restored.');
    });

    it('64: does not apply them to a database that existed before, which keeps its own', async () => {
      await restore();
      expect(applied).toEqual([]);
    });

    it('64: says in the plan which roles are missing on the server, unless owners are left out', async () => {
      const plan = (more: object = {}) =>
        fixture.restores.plan(
          { connection: shop, skipOwnership: false, tools: {}, file: `./backups/${file}`, ...more },
          new QuietWork(),
        );
      const warning = expect.stringContaining('refers to roles that this server lacks: boss.');
      expect((await plan()).warnings).toEqual([warning]);
      expect((await plan({ targetDatabase: 'copy' })).warnings).toEqual([warning]);
      expect((await plan({ skipOwnership: true })).warnings).toEqual([]);
    });

    it('64: keeps the value of a setting that may be a secret out of the catalog', async () => {
      const [row] = await fixture.catalog.backups.ofDatabase(databaseKey(shop), { limit: 1 });
      expect(row?.manifest?.properties?.settings).toEqual(['search_path=app', 'app.secret=********']);
    });

    it('64: succeeds with a warning when they cannot be applied', async () => {
      if (fixture.driver.globals === undefined) throw new Error('set above');
      fixture.driver.globals.applyProperties = () => Promise.reject(new DomainError('CONNECTION_LOST', 'It is gone.'));
      const outcome = await restore({ targetDatabase: 'copy' });
      expect(outcome.warnings).toContain(
        'The settings, rights and comment of the database were not restored: It is gone.',
      );
    });
  });

  it('drops the database that it created, and no other, when it fails', async () => {
    fixture.driver.load = () => Promise.reject(new DomainError('RESTORE_FAILED', 'no'));
    await expect(restore({ targetDatabase: 'copy' })).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    await expect(restore()).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect([...fixture.driver.databases.keys()]).toEqual(['shop']);
  });

  describe('touches nothing', () => {
    afterEach(() => {
      expect(data()).toBe('changed');
      expect(fixture.driver.loaded).toEqual([]);
    });

    it.each([
      ['FAILURES 4: cut off', () => truncate(path, 20), 'BACKUP_DAMAGED'],
      ['longer than written', () => appendFile(path, 'more'), 'BACKUP_DAMAGED'],
      ['empty', () => truncate(path, 0), 'NOT_A_BACKUP'],
      [
        'FAILURES 7: altered in one bit',
        async () => {
          const bytes = await readFile(path);
          bytes[10] = (bytes[10] ?? 0) ^ 1;
          await writeFile(path, bytes);
        },
        'BACKUP_DAMAGED',
      ],
      ['one with an unreadable manifest', () => writeFile(`${path}.manifest.json`, 'not json'), 'BACKUP_DAMAGED'],
      [
        'one with the manifest of another file',
        async () => {
          await copyFile(path, join(fixture.backupFolder, 'other.sql.zst'));
          await copyFile(`${path}.manifest.json`, join(fixture.backupFolder, 'other.sql.zst.manifest.json'));
          file = 'other.sql.zst';
        },
        'BACKUP_DAMAGED',
      ],
      ['another engine’s', () => amendManifest(path, { db_type: 'MySQL' }), 'WRONG_ENGINE'],
      ['gone', () => rm(path), 'BACKUP_NOT_FOUND'],
      ['a manifest', () => Promise.resolve(void (file = `${file}.manifest.json`)), 'NOT_A_BACKUP'],
    ] as const)('when the file is %s', async (_name, damage, code) => {
      await damage();
      await expect(restore()).rejects.toMatchObject({ code });
    });

    it('when the manifest names a codec that this version does not know', async () => {
      const before = JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
      await amendManifest(path, { manifest_version: 2, codecs: ['zstd', 'later'] });
      await expect(restore()).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: `${file} was written with the codec "later", which this version of the service does not know.`,
        hint: expect.stringContaining('or a later one') as string,
      });
      const { verification } = JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
      expect(verification).toEqual(before.verification);
    });

    it('FAILURES 7: when one byte of the data has changed and everything else looks right', async () => {
      const plain = await fixture.backup({ compression: 'none' });
      file = plain.filename;
      const content = await readFile(join(fixture.backupFolder, file), 'utf8');
      await writeFile(join(fixture.backupFolder, file), content.replace('changed', 'chAnged'));
      await expect(restore()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    });

    it.each([
      ['without an end marker', Buffer.from('FAKE\nrows'), 'BACKUP_INCOMPLETE'],
      ['a script without header and end mark', Buffer.from('select 1;\n'), 'BACKUP_INCOMPLETE'],
      ['of unknown content', Buffer.from('please select one\n'), 'NOT_A_BACKUP'],
      ['cut off inside its compression', gzipSync('FAKE\nrows\nEND\n').subarray(0, 25), 'BACKUP_DAMAGED'],
      ['encrypted', Buffer.from('age-encryption.org/v1\n'), 'UNSUPPORTED'],
    ] as const)('when a foreign file is %s', async (_name, content, code) => {
      file = 'foreign.sql';
      await writeFile(join(fixture.backupFolder, file), content);
      await expect(restore()).rejects.toMatchObject({ code });
    });
  });

  it('takes a foreign file, compressed or not, by its content', async () => {
    file = 'foreign.backup';
    await writeFile(join(fixture.backupFolder, file), gzipSync('FAKE\nfrom elsewhere\nEND\n'));
    await restore();
    expect(data()).toBe('from elsewhere');
  });

  it('does not commit when the file changes while it is loaded', async () => {
    const load = fixture.driver.load.bind(fixture.driver);
    fixture.driver.load = async (plan, source, hooks) => {
      await appendFile(path, 'x');
      return load(plan, source, hooks);
    };
    await expect(restore()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(data()).toBe('changed');
  });

  describe('where the engine cannot load in one transaction', () => {
    beforeEach(() => {
      fixture.driver.atomicLoad = false;
      fixture.driver.swap.blockers = ['The account may not make databases.'];
    });
    const safetyFiles = async () => (await fixture.listing.list()).filter(({ kind }) => kind === 'safety');

    it('takes a safety backup first and names it', async () => {
      const outcome = await restore();
      expect(outcome).toMatchObject({ strategy: 'safety_backup', safetyBackup: { kind: 'safety' } });
      expect(await safetyFiles()).toHaveLength(1);
    });

    it('puts the previous state back when the load fails, and says so with the reason', async () => {
      const load = fixture.driver.load.bind(fixture.driver);
      let calls = 0;
      fixture.driver.load = async (plan, source, hooks) => {
        calls += 1;
        if (calls > 1) return load(plan, source, hooks);
        await hooks.beforeReplacing?.();
        fixture.driver.databases.set('shop', 'half loaded');
        throw new DomainError('RESTORE_FAILED', 'Line 7: duplicate key.');
      };
      await expect(restore()).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        message: 'Line 7: duplicate key. "shop" was put back as it was.',
      });
      expect(data()).toBe('changed');
    });

    it('11: makes no safety backup and puts nothing back when the load fails before it takes anything away', async () => {
      let loads = 0;
      fixture.driver.load = () => {
        loads += 1;
        return Promise.reject(new DomainError('RESTORE_FAILED', 'Line 7: duplicate key.'));
      };
      await expect(restore()).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        message: 'Line 7: duplicate key. Nothing was changed.',
      });
      expect(loads).toBe(1);
      expect(await safetyFiles()).toHaveLength(0);
      expect(data()).toBe('changed');
    });

    it.each(['before it clears', 'because the journal cannot be written'])(
      '11: puts nothing back when the load fails after the safety backup, %s',
      async (when) => {
        let loads = 0;
        fixture.driver.load = async (_plan, _source, hooks) => {
          loads += 1;
          if (when !== 'before it clears') {
            jest
              .spyOn(fixture.catalog.restores, 'update')
              .mockRejectedValueOnce(new DomainError('NO_SPACE', 'The disk is full.'));
          }
          await hooks.beforeReplacing?.();
          throw markUntouched(new DomainError('BUSY', 'Another session swaps copies of "shop" at this moment.'));
        };
        await expect(restore()).rejects.toMatchObject({
          message: expect.stringMatching(/Nothing was changed\.$/) as string,
        });
        expect(loads).toBe(1);
        expect(await safetyFiles()).toHaveLength(0);
        expect(data()).toBe('changed');
      },
    );

    it('75: puts the previous state back with its own accounts, whatever the request says of the dump', async () => {
      const definers: unknown[] = [];
      const load = fixture.driver.load.bind(fixture.driver);
      fixture.driver.load = async (plan, source, hooks) => {
        definers.push(plan.definer);
        if (definers.length > 1) return load(plan, source, hooks);
        await hooks.beforeReplacing?.();
        throw new DomainError('RESTORE_FAILED', 'Line 7: duplicate key.');
      };
      await expect(restore({ definer: 'skip' })).rejects.toThrow('put back as it was');
      expect(definers).toEqual(['skip', undefined]);
    });

    it('puts nothing back after a dump that was refused before it touched anything', async () => {
      let loads = 0;
      fixture.driver.load = () => {
        loads += 1;
        return Promise.reject(new DomainError('BACKUP_UNSAFE', 'Line 3: USE.'));
      };
      await expect(restore()).rejects.toMatchObject({
        code: 'BACKUP_UNSAFE',
        message: 'Line 3: USE. Nothing was changed.',
      });
      expect(loads).toBe(1);
    });

    it('says where the previous state is when putting it back fails, too', async () => {
      fixture.driver.load = async (_plan, _source, hooks) => {
        await hooks.beforeReplacing?.();
        throw new DomainError('RESTORE_FAILED', 'server is gone.');
      };
      await expect(restore()).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        hint: expect.stringMatching(/^Its previous state is whole in \.\/backups\/shop_.*: mend the cause/) as string,
      });
      expect(await safetyFiles()).toHaveLength(1);
    });

    describe('and the connection breaks', () => {
      const half = (): void => void fixture.driver.databases.set('shop', 'half loaded');
      /** Gives what each of the first loads does; the others succeed. */
      function loads(...first: ((signal: AbortSignal) => Promise<never>)[]): void {
        const load = fixture.driver.load.bind(fixture.driver);
        fixture.driver.load = async (plan, source, hooks: LoadHooks) => {
          const other = first.shift();
          if (other === undefined) return load(plan, source, hooks);
          await hooks.beforeReplacing?.();
          half();
          return other(hooks.signal);
        };
      }
      const lost = () => Promise.reject(new DomainError('CONNECTION_LOST', 'The connection was lost.'));

      it('again while the previous state is put back, tries that once more', async () => {
        loads(lost, lost);
        await expect(restore()).rejects.toMatchObject({
          message: expect.stringMatching(/put back as it was/) as string,
        });
        expect(data()).toBe('changed');
      });

      it('again while the previous state is put back, as the client program says, tries that once more', async () => {
        loads(lost, () => Promise.reject(new Error('here: Lost connection to server')));
        await expect(restore()).rejects.toMatchObject({
          message: expect.stringMatching(/put back as it was/) as string,
        });
        expect(data()).toBe('changed');
      });

      it('does not break off putting the previous state back for a cancel, while the server answers', async () => {
        const stop = new AbortController();
        let wasAborted = false;
        loads(
          () => {
            stop.abort();
            return lost();
          },
          async (signal) => {
            await new Promise((resolve) => setTimeout(resolve, 200));
            wasAborted = signal.aborted;
            throw new DomainError('CONNECTION_LOST', 'For the next load.');
          },
        );
        await expect(fixture.restore({ file: `./backups/${file}` }, new QuietWork(stop.signal))).rejects.toMatchObject({
          code: 'CANCELLED',
          message: 'The restore was cancelled. "shop" was put back as it was.',
        });
        expect(wasAborted).toBe(false);
        expect(data()).toBe('changed');
      });
    });

    it('replaces nothing without a safety backup', async () => {
      fixture.driver.startDump = () => Promise.reject(new DomainError('DUMP_FAILED', 'no such luck.'));
      await expect(restore()).rejects.toMatchObject({
        code: 'DUMP_FAILED',
        message: expect.stringMatching(/^Nothing was changed: the safety backup/) as string,
      });
      expect(fixture.driver.loaded).toEqual([]);
    });
  });
});
