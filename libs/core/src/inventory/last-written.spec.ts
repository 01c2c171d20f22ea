import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactReader } from '@app/artifact';
import { DomainError, silentLogger } from '@app/domain';
import { BackupAdoption } from './backup-adoption.js';
import { OLDER_MANIFEST } from './last-written.js';
import { coreFixture } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';

let fixture: CoreFixture;
let path: string;
let first: string;
beforeEach(async () => {
  fixture = await coreFixture();
  path = join(fixture.backupFolder, (await fixture.backup()).filename);
  first = await text();
});
afterEach(() => fixture.dispose());

const text = () => readFile(`${path}.manifest.json`, 'utf8');
const failToRestore = async () => {
  fixture.driver.load = () => Promise.reject(new DomainError('BACKUP_DAMAGED', 'The dump ends in a statement.'));
  const file = `./backups/${path.slice(fixture.backupFolder.length + 1)}`;
  await expect(fixture.restore({ file })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
};
const listed = async () => {
  const [record] = await fixture.listing.list();
  return { status: record?.status, failed: record?.verification?.failed?.level, warnings: record?.warnings };
};
const failure = { status: 'damaged', failed: 'restored' };

describe('54: an earlier manifest of a backup, put back with its signature,', () => {
  it.each([
    ['in place', async () => writeFile(`${path}.manifest.json`, first)],
    [
      'with the time of the later one',
      async () => {
        const at = new Date((await fixture.catalog.backups.page({ limit: 1 })).rows[0]?.manifestModifiedAt ?? 0);
        await writeFile(`${path}.manifest.json`, first);
        await utimes(`${path}.manifest.json`, at, at);
        await fixture.catalog.backups.setFolderState({ storageId: 'local', folder: '' }, '1 of an earlier version');
        await fixture.index.upgrade();
      },
    ],
    [
      'after the backup was taken away for a while',
      async () => {
        await rename(path, `${path}.away`);
        await rm(`${path}.manifest.json`);
        expect(await listed()).toMatchObject({ status: undefined });
        await rename(`${path}.away`, path);
        await writeFile(`${path}.manifest.json`, first);
      },
    ],
  ])('%s does not hide that the backup has failed', async (_how, putBack) => {
    await failToRestore();
    expect(await listed()).toMatchObject(failure);
    await putBack();
    expect(await listed()).toMatchObject(failure);
  });

  it('is reported until the next verification, which does not remove the mark of the failure', async () => {
    await failToRestore();
    await writeFile(`${path}.manifest.json`, first);
    expect((await listed()).warnings).toContain(OLDER_MANIFEST);
    await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork());
    expect(await listed()).toMatchObject(failure);
    expect((await listed()).warnings).not.toContain(OLDER_MANIFEST);
    expect(JSON.parse(await text())).toMatchObject({ verification: { failed: { level: 'restored' } }, revision: 2 });
  });

  it('does not bring back a failure that a later verification has disproved', async () => {
    const content = await readFile(path);
    await writeFile(path, Buffer.from(content).fill(1));
    await expect(fixture.verification.verify(fixture.at(path), 'stored', new QuietWork())).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
    const bad = await text();
    await writeFile(path, content);
    await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork());
    expect(await listed()).toMatchObject({ status: 'complete', failed: undefined });
    await writeFile(`${path}.manifest.json`, bad);
    expect(await listed()).toMatchObject({ status: 'complete', failed: undefined });
  });

  it('blocks neither the restore nor the verification that shows that the backup is good', async () => {
    const { load } = fixture.driver;
    await failToRestore();
    await writeFile(`${path}.manifest.json`, first);
    fixture.driver.load = load;
    await fixture.restore({ file: `./backups/${path.slice(fixture.backupFolder.length + 1)}` });
    await fixture.verification.verify(fixture.at(path), 'restored', new QuietWork());
    expect(await listed()).toMatchObject({ status: 'complete', failed: undefined });
    expect((await listed()).warnings).not.toContain(OLDER_MANIFEST);
  });

  it('is accepted by a catalog that has never seen a later one', async () => {
    await fixture.verification.verify(fixture.at(path), 'stored', new QuietWork());
    await writeFile(`${path}.manifest.json`, first);
    await fixture.catalog.backups.clear();
    await fixture.catalog.backups.forgetRevisions(fixture.at(path));
    expect(await listed()).toMatchObject({ status: 'complete', warnings: [] });
  });

  it('does not make the backup good when it is altered and adopted', async () => {
    await failToRestore();
    await writeFile(`${path}.manifest.json`, first.replace(/"signature": \{[^}]*\}/, '"connection_id": "x"'));
    const { index, clock, storages } = fixture;
    const reader = new ArtifactReader(storages);
    const parts = { storages, reader, signer: testSigner, index, clock, logger: silentLogger };
    await new BackupAdoption(parts).adopt(fixture.at(path), new AbortController().signal);
    expect(await listed()).toMatchObject(failure);
  });
});
