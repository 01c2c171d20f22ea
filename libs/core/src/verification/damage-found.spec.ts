import { open, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';

describe('80: a job that finds damage marks the backup', () => {
  let fixture: CoreFixture;
  let file: string;
  let path: string;
  const request = () => ({
    ...{ connection: shop, skipOwnership: false, tools: {}, file: `./backups/${file}` },
  });
  const state = async () => {
    const row = (await fixture.catalog.backups.page({ limit: 10 })).rows.find(({ filename }) => filename === file);
    const { verification } = JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as {
      verification: { failed?: { level: string } };
    };
    return { status: row?.status, failed: row?.verificationFailed, level: verification.failed?.level };
  };
  const flipOneBit = async () => {
    const bytes = await readFile(path);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(path, bytes);
  };

  beforeEach(async () => {
    fixture = await coreFixture();
    file = (await fixture.backup()).filename;
    path = join(fixture.backupFolder, file);
    expect(await state()).toMatchObject({ status: 'complete', failed: false });
  });
  afterEach(() => fixture.dispose());

  it.each([
    ['a restore', () => fixture.restore(request())],
    ['a dry run', () => fixture.restores.plan(request(), new QuietWork())],
    ['a restore of tables', () => fixture.restore({ ...request(), tables: ['t'] })],
    ['a dry run of tables', () => fixture.restores.plan({ ...request(), tables: ['t'] }, new QuietWork())],
  ])('when %s reads an altered file', async (_job, job) => {
    await flipOneBit();
    await expect(job()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await state()).toEqual({ status: 'damaged', failed: true, level: 'stored' });
  });

  it('when a restore reads a file that was cut off', async () => {
    await truncate(path, 8);
    await expect(fixture.restore(request())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await state()).toMatchObject({ status: 'damaged', failed: true });
  });

  it('when a load cannot read the dump, and reading the file back does not remove that mark', async () => {
    fixture.driver.load = () => Promise.reject(new DomainError('BACKUP_DAMAGED', 'The dump ends in a statement.'));
    await expect(fixture.restore(request())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await state()).toEqual({ status: 'damaged', failed: true, level: 'restored' });
    await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork());
    expect(await state()).toMatchObject({ failed: true, level: 'restored' });
  });

  it('but not when the server refuses the restore', async () => {
    fixture.driver.load = () => Promise.reject(new DomainError('RESTORE_FAILED', 'no'));
    await expect(fixture.restore(request())).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect(await state()).toMatchObject({ status: 'complete', failed: false });
  });

  describe('7: a backup that is overwritten in place after its check, with the same length and times,', () => {
    /** Reads times that can be set back to the nanosecond. */
    const wholeSeconds = () => utimes(path, 1_700_000_000, 1_700_000_000);
    beforeEach(wholeSeconds);
    /** Alters the file right before `what` is called, which is after the check. */
    const overwriteBefore = (what: { load: (...args: never[]) => Promise<unknown> }) => {
      const load = what.load.bind(what) as (...args: unknown[]) => Promise<unknown>;
      what.load = async (...args: unknown[]) => {
        const file = await open(path, 'r+');
        await file.write(Buffer.from('evil'), 0, 4, 5);
        await file.close();
        await wholeSeconds();
        return load(...args);
      };
    };

    it.each([
      ['by a swap', { strategy: 'swap' }],
      ['in place', { strategy: 'transaction' }],
      ['as single tables', { tables: ['t'] }],
    ] as const)('is not restored %s', async (_how, more) => {
      fixture.driver.databases.set('shop', 't=rows');
      file = (await fixture.backup()).filename;
      path = join(fixture.backupFolder, file);
      fixture.driver.databases.set('shop', 't=later');
      overwriteBefore(fixture.driver);
      overwriteBefore(fixture.driver.tables);
      await expect(fixture.restore({ ...request(), ...more })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      expect(Object.fromEntries(fixture.driver.databases)).toEqual({ shop: 't=later' });
      expect(await state()).toMatchObject({ failed: true, level: 'stored' });
    });

    it('is not restored as a foreign dump', async () => {
      await rm(`${path}.manifest.json`);
      overwriteBefore(fixture.driver);
      await expect(fixture.restore(request())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      expect(Object.fromEntries(fixture.driver.databases)).toEqual({ shop: 'rows' });
    });

    it('is not called verified', async () => {
      overwriteBefore(fixture.driver);
      await expect(fixture.verification.verify(fixture.at(path), 'restored', new QuietWork())).rejects.toMatchObject({
        code: 'BUSY',
      });
      const [row] = (await fixture.catalog.backups.page({ limit: 1 })).rows;
      expect(row).toMatchObject({ verification: 'stored', verificationFailed: false });
      await expect(fixture.verification.verify(fixture.at(path), 'restored', new QuietWork())).rejects.toMatchObject({
        code: 'BACKUP_DAMAGED',
      });
    });
  });

  it('7: restores the checked backup though its name is given to another file after the check', async () => {
    const load = fixture.driver.load.bind(fixture.driver);
    fixture.driver.load = async (...args) => {
      await rename(path, `${path}.aside`);
      await writeFile(path, 'FAKE\nevil\nEND\n');
      return load(...args);
    };
    fixture.driver.databases.set('shop', 'later');
    await fixture.restore(request());
    expect(fixture.driver.databases.get('shop')).toBe('rows');
  });
});
