import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import { LocalStorage } from '@app/storage';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';

describe('retention', () => {
  let fixture: CoreFixture;
  const at = (time: string) => (fixture.clock.time = new Date(time));
  const backup = async (time: string, more: object = {}) => {
    at(time);
    return (await fixture.backup(more)).filename;
  };
  const artifacts = async () => (await fixture.files()).filter((name) => !name.endsWith('.manifest.json'));

  beforeEach(async () => {
    fixture = await coreFixture();
  });
  afterEach(() => fixture.dispose());

  it('keeps the three newest, as in the example of the specification', async () => {
    const mydb = { connection: { ...shop, database: 'mydb' } };
    for (const hour of ['10', '11', '12', '13']) await backup(`2023-12-20T${hour}:00:00`, mydb);
    expect(await fixture.files()).toEqual(
      ['mydb_20231220_110000.sql', 'mydb_20231220_120000.sql', 'mydb_20231220_130000.sql'].flatMap((name) => [
        name,
        `${name}.manifest.json`,
      ]),
    );
  });

  it('counts per database and per server', async () => {
    for (const hour of ['10', '11', '12', '13']) {
      await backup(`2026-01-01T${hour}:00:00`);
      await backup(`2026-01-01T${hour}:10:00`, { connection: { ...shop, database: 'other' } });
      await backup(`2026-01-01T${hour}:20:00`, { connection: { ...shop, host: 'elsewhere' } });
    }
    expect(await artifacts()).toHaveLength(9);
  });

  it('FAILURES 42: uses the recorded time, not the name or the time of the file', async () => {
    const names = [
      await backup('2026-01-01T10:00:00', { name: 'zzz' }),
      await backup('2026-01-01T11:00:00', { name: 'yyy' }),
      await backup('2026-01-01T12:00:00', { name: 'bbb' }),
    ];
    await utimes(join(fixture.backupFolder, names[0] as string), new Date(), new Date('2027-01-01'));
    const newest = await backup('2026-01-01T13:00:00', { name: 'aaa' });
    expect(await artifacts()).toEqual([newest, names[2], names[1]]);
  });

  it('FAILURES 41: a failed backup evicts nothing', async () => {
    for (const hour of ['10', '11', '12']) await backup(`2026-01-01T${hour}:00:00`);
    const before = await fixture.files();
    fixture.driver.dumpOf = () => 'cut';
    await expect(backup('2026-01-01T13:00:00')).rejects.toBeInstanceOf(DomainError);
    expect(await fixture.files()).toEqual(before);
  });

  it('neither counts nor deletes foreign files, damaged backups and unreadable manifests', async () => {
    const foreign = 'shop_20200101_000000.sql';
    const damaged = await backup('2026-01-01T08:00:00');
    await writeFile(join(fixture.backupFolder, foreign), fixture.driver.dumpOf('shop'));
    await truncate(join(fixture.backupFolder, damaged), 3);
    const unreadable = await backup('2026-01-01T09:00:00');
    await writeFile(join(fixture.backupFolder, `${unreadable}.manifest.json`), '{"manifest_version":');
    const whole = [];
    for (const hour of ['10', '11', '12', '13']) whole.push(await backup(`2026-01-01T${hour}:00:00`));
    expect(await artifacts()).toEqual([foreign, damaged, unreadable, ...whole.slice(1)]);
  });

  it('does not let a copied manifest expire a file that it does not belong to', async () => {
    const oldest = await backup('2026-01-01T08:00:00');
    const manifest = await readFile(join(fixture.backupFolder, `${oldest}.manifest.json`), 'utf8');
    await writeFile(join(fixture.backupFolder, 'precious.sql'), fixture.driver.dumpOf('shop'));
    await writeFile(join(fixture.backupFolder, 'precious.sql.manifest.json'), manifest);
    for (const hour of ['10', '11', '12', '13']) await backup(`2026-01-01T${hour}:00:00`);
    expect(await artifacts()).toContain('precious.sql');
  });

  it('keeps safety backups under a count of their own', async () => {
    const made = await backup('2026-01-01T08:00:00');
    for (const hour of ['10', '11', '12', '13'])
      await backup(`2026-01-01T${hour}:00:00`, { kind: 'safety', name: 'safety' });
    expect(await artifacts()).toEqual([
      'safety_20260101_110000.sql',
      'safety_20260101_120000.sql',
      'safety_20260101_130000.sql',
      made,
    ]);
  });

  it('never deletes the backup that was just made, even when the clock was set back', async () => {
    for (const hour of ['10', '11', '12']) await backup(`2026-01-01T${hour}:00:00`);
    const made = await backup('2025-01-01T00:00:00');
    expect(await artifacts()).toContain(made);
    expect(await artifacts()).toHaveLength(3);
  });

  it('keeps the new backup when it fails itself', async () => {
    class Stubborn extends LocalStorage {
      override remove(): Promise<void> {
        return Promise.reject(new DomainError('STORAGE_FAILED', 'read-only file system'));
      }
    }
    await fixture.dispose();
    fixture = await coreFixture({ storage: (parts) => new Stubborn(parts) });
    for (const hour of ['10', '11', '12', '13']) await backup(`2026-01-01T${hour}:00:00`);
    expect(await fixture.listing.list()).toHaveLength(4);
  });
});
