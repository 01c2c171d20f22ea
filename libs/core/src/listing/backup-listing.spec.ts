import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '@app/domain';
import { LocalStorage } from '@app/storage';
import { coreFixture } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';

describe('the list of backups', () => {
  let fixture: CoreFixture;
  const backup = async (time: string, more: object = {}) => {
    fixture.clock.time = new Date(time);
    return (await fixture.backup(more)).filename;
  };
  const put = (name: string, content: string | Buffer) => writeFile(join(fixture.backupFolder, name), content);
  const names = async () => (await fixture.listing.list()).map(({ filename }) => filename);

  beforeEach(async () => {
    fixture = await coreFixture({ retention: 10 });
  });
  afterEach(() => fixture.dispose());

  it('is empty before the first backup', async () => {
    expect(await fixture.listing.list()).toEqual([]);
  });

  it('has the newest first, also within one second', async () => {
    const made = [
      await backup('2026-01-01T10:00:00.100', { name: 'x' }),
      await backup('2026-01-01T10:00:00.200', { name: 'x' }),
      await backup('2026-01-01T10:00:00.150', { name: 'x' }),
      await backup('2026-01-01T09:59:59.900', { name: 'z' }),
    ];
    expect(await names()).toEqual([made[1], made[2], made[0], made[3]]);
  });

  it('has foreign dumps, which it recognises by their content, and no other file', async () => {
    await backup('2026-01-01T10:00:00');
    await put('theirs.sql.gz', gzipSync('FAKE\nrows\nEND\n'));
    await put('unknown.sql', 'select 1');
    await put('notes.txt', 'FAKE\n');
    for (const name of ['theirs.sql.gz', 'unknown.sql']) {
      await utimes(join(fixture.backupFolder, name), new Date(), new Date('2026-02-01'));
    }
    const listed = await fixture.listing.list();
    expect(listed.map(({ filename }) => filename)).toEqual([
      'unknown.sql',
      'theirs.sql.gz',
      'shop_20260101_100000.sql',
    ]);
    expect(listed[0]).toEqual(
      expect.objectContaining({ status: 'foreign', path: './backups/unknown.sql', size: 8, warnings: [] }),
    );
    expect(listed[0]).not.toHaveProperty('dbType');
    expect(listed[1]).toMatchObject({ status: 'foreign', dbType: 'PostgreSQL', format: 'plain', compression: 'gzip' });
    expect((await fixture.listing.list())[1]?.id).toBe(listed[1]?.id);
  });

  it('of a thousand backups opens only some files at a time', async () => {
    let open = 0;
    let most = 0;
    class Counting extends LocalStorage {
      override async readManifest(key: string): Promise<string | undefined> {
        open += 1;
        most = Math.max(most, open);
        return super.readManifest(key).finally(() => (open -= 1));
      }
    }
    await fixture.dispose();
    fixture = await coreFixture({ storage: (parts) => new Counting(parts) });
    const made = await backup('2026-01-01T10:00:00');
    const text = await readFile(join(fixture.backupFolder, `${made}.manifest.json`), 'utf8');
    const manifest = JSON.parse(text) as Manifest;
    for (let i = 0; i < 999; i += 1) {
      await put(`${i}.sql`, fixture.driver.dumpOf('shop'));
      await put(`${i}.sql.manifest.json`, testSigner.textOf({ ...manifest, artifact: `${i}.sql` }));
    }
    const listed = await fixture.listing.list();
    expect(listed).toHaveLength(1000);
    expect(listed.every(({ status }) => status === 'complete')).toBe(true);
    expect(most).toBeLessThanOrEqual(64);
  });

  it('marks a file that does not match its manifest', async () => {
    const cut = await backup('2026-01-01T10:00:00');
    const unreadable = await backup('2026-01-01T11:00:00');
    await truncate(join(fixture.backupFolder, cut), 3);
    // The times of files have steps of some milliseconds.
    await sleep(20);
    await put(`${unreadable}.manifest.json`, '{}');
    const status = Object.fromEntries((await fixture.listing.list()).map((record) => [record.filename, record.status]));
    expect(status).toEqual({ [cut]: 'damaged', [unreadable]: 'damaged' });
  });
});
