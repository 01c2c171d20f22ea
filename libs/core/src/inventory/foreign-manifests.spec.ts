import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArtifactReader, MANIFEST_PURPOSE, ManifestSigner } from '@app/artifact';
import { silentLogger } from '@app/domain';
import type { ForeignReason, Manifest } from '@app/domain';
import type { DumpSource } from '@app/drivers';
import { SigningKeys } from '@app/security';
import { BackupAdoption } from './backup-adoption.js';
import { coreFixture } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';

const elsewhere = new ManifestSigner(new SigningKeys(Buffer.alloc(32, 9), MANIFEST_PURPOSE));
const SENTENCES: Readonly<Record<ForeignReason, RegExp>> = {
  unsigned: /foreign dump, because its manifest is unsigned\./,
  altered: /foreign dump, because its manifest was altered after it was signed\./,
  other_installation: /foreign dump, because its manifest was signed by another installation\./,
};
const MAKE_FOREIGN: Readonly<Record<ForeignReason, (manifest: Manifest) => string>> = {
  unsigned: (manifest) => JSON.stringify({ ...manifest, signature: undefined }),
  altered: (manifest) => JSON.stringify({ ...manifest, objects: { tables: 2 } }),
  other_installation: (manifest) => elsewhere.textOf(manifest),
};

let fixture: CoreFixture;
let path: string;
let manifest: Manifest;
beforeEach(async () => {
  fixture = await coreFixture({ retention: 1 });
  path = join(fixture.backupFolder, (await fixture.backup({ format: 'plain' })).filename);
  manifest = JSON.parse(await readFile(`${path}.manifest.json`, 'utf8')) as Manifest;
});
afterEach(() => fixture.dispose());

const put = (text: string) => writeFile(`${path}.manifest.json`, text);
const listed = async () => (await fixture.listing.list()).find(({ filename }) => filename === manifest.artifact);
const adoption = () => {
  const { index, clock } = fixture;
  return new BackupAdoption({
    storages: fixture.storages,
    reader: new ArtifactReader(fixture.storages),
    signer: testSigner,
    index,
    clock,
    logger: silentLogger,
  });
};
const never = new AbortController().signal;

describe.each(Object.keys(MAKE_FOREIGN) as ForeignReason[])('54: a backup whose manifest is %s', (because) => {
  beforeEach(() => put(MAKE_FOREIGN[because](manifest)));

  it('is listed as foreign, with the reason in one sentence and without the claims of the manifest', async () => {
    const record = await listed();
    expect(record).toMatchObject({ status: 'foreign', warnings: [expect.stringMatching(SENTENCES[because])] });
    expect(record?.database).toBeUndefined();
    expect(record?.verification).toBeUndefined();
  });

  it('is restored as a foreign dump, and the answer says so', async () => {
    const load = jest.spyOn(fixture.driver, 'load');
    const outcome = await fixture.restore({ file: `./backups/${manifest.artifact}` });
    expect(outcome.warnings).toEqual([expect.stringMatching(SENTENCES[because])]);
    expect(load.mock.calls.map(([, source]) => (source as DumpSource).own)).toEqual([false]);
  });

  it('is not verified, and the attempt does not sign its manifest', async () => {
    const before = await readFile(`${path}.manifest.json`, 'utf8');
    await expect(fixture.verification.verify(fixture.at(path), 'stored', new QuietWork())).rejects.toMatchObject({
      code: 'NOT_A_BACKUP',
      message: expect.stringMatching(SENTENCES[because]) as string,
    });
    expect(await readFile(`${path}.manifest.json`, 'utf8')).toBe(before);
  });

  it('is never removed by retention, and does not count', async () => {
    for (const hour of [11, 12]) {
      fixture.clock.time = new Date(2026, 10, 22, hour);
      await fixture.backup();
    }
    const names = (await fixture.files()).filter((name) => !name.endsWith('.json'));
    expect(names).toEqual([manifest.artifact, 'shop_20261122_120000.sql']);
  });

  it('becomes a backup of ours with the level "stored" when somebody adopts it', async () => {
    const adopted = await adoption().adopt(fixture.at(path), never);
    expect(adopted).toMatchObject({ id: manifest.id, verification: { level: 'stored' } });
    expect(await listed()).toMatchObject({ status: 'complete', id: manifest.id, database: 'shop', warnings: [] });
    expect(await adoption().adopt(fixture.at(path), never)).toEqual(adopted);
  });
});

it('54: a file that differs from its foreign manifest is not adopted', async () => {
  // The times of files have steps of some milliseconds.
  await sleep(20);
  await put(elsewhere.textOf({ ...manifest, sha256: 'a'.repeat(64) }));
  await expect(adoption().adopt(fixture.at(path), never)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(await listed()).toMatchObject({ status: 'foreign' });
});

describe('54: after an update from a version that did not sign', () => {
  /** Leaves a backup as that version did. */
  const former = async (inCatalog: Partial<Manifest>) => {
    const { signature: _signature, ...unsigned } = manifest;
    await put(`${JSON.stringify(unsigned, undefined, 2)}\n`);
    const [row] = await fixture.catalog.backups.get(manifest.id);
    if (row === undefined) throw new Error('The backup is not in the catalog.');
    await fixture.catalog.backups.put([{ ...row, manifest: { ...unsigned, ...inCatalog } }]);
    await fixture.catalog.backups.setFolderState({ storageId: 'local', folder: '' }, '1 some state');
  };

  it('a backup that the catalog lists with the same content is signed once', async () => {
    await former({ verification: { level: 'complete', at: '2026-01-01T00:00:00.000Z' } });
    await fixture.index.upgrade();
    expect(await listed()).toMatchObject({ status: 'complete', id: manifest.id });
    const { signature: _signature, ...unsigned } = manifest;
    await put(JSON.stringify(unsigned));
    await fixture.index.upgrade();
    expect(await listed()).toMatchObject({ status: 'foreign' });
  });

  it('a backup that the catalog knows with another content stays foreign', async () => {
    await former({ sha256: 'b'.repeat(64) });
    await fixture.index.upgrade();
    expect(await listed()).toMatchObject({ status: 'foreign', warnings: [expect.stringMatching(SENTENCES.unsigned)] });
  });
});
