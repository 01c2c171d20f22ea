import { writeFileSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '@app/domain';
import { engineBench } from './testing/engine-bench.js';
import type { EngineBench } from './testing/engine-bench.js';
import { QuietWork } from './testing/quiet-work.js';
import { storeBackup } from './testing/stored-backup.js';

describe('reading a backup back', () => {
  let bench: EngineBench;
  const manifestOf = async (path: string) => JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
  const verify = (path: string, work = new QuietWork()) => bench.verification.verify(path, 'stored', work);
  const made = async () => join(bench.backupFolder, (await bench.backup()).filename);
  const listed = async () => (await bench.listing.list())[0];

  beforeEach(async () => {
    bench = await engineBench();
  });
  afterEach(() => bench.dispose());

  it('finds what was written, and says so in the manifest and in the list', async () => {
    const path = await made();
    const before = await manifestOf(path);
    bench.clock.time = new Date('2026-11-23T01:02:03Z');
    const work = new QuietWork();
    const verified = await verify(path, work);
    expect(verified).toEqual({ ...before, verification: { level: 'stored', at: '2026-11-23T01:02:03.000Z' } });
    expect(await manifestOf(path)).toEqual(verified);
    expect(work.told.at(-1)).toEqual({ phase: 'verify', bytes: before.size, totalBytes: before.size });
    expect(await bench.catalog.backups.get(before.id)).toMatchObject([{ verification: 'stored', status: 'complete' }]);
    expect(await listed()).toMatchObject({ status: 'complete', verification: { level: 'stored' } });
    expect(await bench.files()).toHaveLength(2);
  });

  it.each([
    ['one byte is another', (content: string) => content.replace('rows', 'r0ws')],
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
    expect((await manifestOf(path)).verification).toEqual({ level: 'stored', at: bench.clock.time.toISOString() });
    expect(await listed()).toMatchObject({ status: 'complete', warnings: [] });
  });

  it('does not touch a manifest that somebody else changed meanwhile', async () => {
    const path = await made();
    const other = JSON.stringify({ ...(await manifestOf(path)), warnings: ['changed by hand'] });
    const work = new QuietWork();
    work.progress = () => writeFileSync(`${path}.manifest.json`, other);
    const reading = bench.verification.verify(path, 'stored', work);
    await expect(reading).rejects.toMatchObject({ code: 'BUSY' });
    expect(await readFile(`${path}.manifest.json`, 'utf8')).toBe(other);
  });

  it('leaves a level that a later version reached, and only takes back a failure', async () => {
    const verification = { level: 'restored', at: '2026-01-01T00:00:00.000Z' } as unknown as Manifest['verification'];
    const failed = { at: '2026-01-02T00:00:00.000Z', message: 'disk' };
    const { path } = await storeBackup(bench.backupFolder, '2026-01-01T00:00:00Z', {
      verification: { ...verification, failed },
    });
    expect((await verify(path)).verification).toEqual(verification);
    expect(await listed()).toMatchObject({ status: 'complete', verification: { level: 'restored' } });
  });

  it('keeps what a manifest says beyond what this version knows', async () => {
    const more = { future: { kept: true } } as Partial<Manifest>;
    const { path } = await storeBackup(bench.backupFolder, '2026-01-01T00:00:00Z', more);
    await verify(path);
    expect(await manifestOf(path)).toMatchObject(more);
  });

  it('ends when it is cancelled, and says nothing of the backup', async () => {
    const path = await made();
    const before = await manifestOf(path);
    const cancelled = new QuietWork(AbortSignal.abort(new Error('enough')));
    await expect(verify(path, cancelled)).rejects.toThrow('enough');
    expect(await manifestOf(path)).toEqual(before);
  });

  it('refuses what it cannot compare', async () => {
    const path = await made();
    const foreign = join(bench.backupFolder, 'theirs.sql');
    await writeFile(foreign, 'FAKE\n');
    await expect(verify(foreign)).rejects.toMatchObject({ code: 'NOT_A_BACKUP' });
    await expect(verify(join(bench.backupFolder, 'none.sql'))).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await truncate(`${path}.manifest.json`, 10);
    await expect(verify(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    await rm(path);
    await expect(verify(path)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it('a backup that is to be verified is, and fails when it does not read back', async () => {
    const record = await bench.backup({ verification: 'stored' });
    expect(record.verification).toMatchObject({ level: 'stored' });
  });
});
