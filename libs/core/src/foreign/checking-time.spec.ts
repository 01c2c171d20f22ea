import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArtifactReader } from '@app/artifact';
import { DriverRegistry } from '@app/drivers';
import type { BackupFile, OpenArtifact, StorageRegistry } from '@app/storage';
import { checkingTimeFor } from './checking-time.js';
import { RestoreSources } from '../restore/restore-source.js';
import { FakeDriver } from '../testing/fake-driver.js';
import { testSigner } from '../../../artifact/src/testing/test-signer.js';

const driver = new FakeDriver();
const storages = {
  of: () => ({ readManifest: () => Promise.resolve(undefined) }),
} as unknown as StorageRegistry;
const file = {
  storageId: 'local',
  key: 'x.sql',
  filename: 'x.sql',
  display: './backups/x.sql',
} as unknown as BackupFile;

async function* endless(): AsyncGenerator<Buffer> {
  yield Buffer.from('FAKE\n'.padEnd(100_000, 'row\n'));
  for (;;) {
    await sleep(1);
    yield Buffer.from('row\n');
  }
}

function check(content: () => AsyncGenerator<Buffer>, signal: AbortSignal): Promise<unknown> {
  const sources = new RestoreSources(
    storages,
    new DriverRegistry([driver]),
    testSigner,
    { noteDamage: () => Promise.resolve() },
    undefined,
    100,
  );
  const artifact = {
    size: 10,
    head: () => Promise.resolve(Buffer.from('FAKE\n')),
    stream: () => Readable.from(content(), { objectMode: false }),
  } as unknown as OpenArtifact;
  const reader = new ArtifactReader({ of: () => ({ open: () => Promise.resolve(artifact) }) });
  return reader.open(file).then((opened) => sources.check({ artifact: opened, file, driver, tools: {}, signal }));
}

describe('53: the check of a foreign file', () => {
  it('is given up when the file costs far more time than its size explains', async () => {
    await expect(check(endless, new AbortController().signal)).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
      message: expect.stringMatching(/^Checking \.\/backups\/x\.sql was given up after 1 minute/) as string,
    });
  });

  it('ends with the reason of a cancel', async () => {
    const cancel = new AbortController();
    const checking = check(endless, cancel.signal);
    cancel.abort(new Error('somebody cancelled it'));
    await expect(checking).rejects.toThrow(/somebody cancelled it|aborted/);
  });

  it('may take longer for a larger file, and for one that may unpack to more', () => {
    expect(checkingTimeFor(0)).toBe(300_000);
    expect(checkingTimeFor(1_000_000_000)).toBe(10_300_000);
    expect(checkingTimeFor(1_000_000_000, 3_000)).toBe(30_300_000);
    expect(checkingTimeFor(1_000_000_000, 10)).toBe(10_300_000);
  });
});
