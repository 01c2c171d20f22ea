import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdDecompressSync } from 'node:zlib';
import { DomainError } from '@app/domain';
import type { Manifest } from '@app/domain';
import type { ArtifactWriter } from '@app/storage';
import { LocalStorage } from '@app/storage';
import { coreFixture, shop } from '../testing/core-fixture.js';
import type { CoreFixture } from '../testing/core-fixture.js';
import { QuietWork } from '../testing/quiet-work.js';

describe('a backup', () => {
  let fixture: CoreFixture;
  let work: QuietWork;
  const backup = (more: object = {}) => fixture.backup(more, work);

  beforeEach(async () => {
    fixture = await coreFixture();
    work = new QuietWork();
  });
  afterEach(() => fixture.dispose());

  it('is a plain .sql file with a manifest beside it, named after database and time', async () => {
    const made = await backup();
    expect(made).toMatchObject({ path: './backups/shop_20261122_101500.sql', status: 'complete', database: 'shop' });
    expect(made.created).toBe(fixture.clock.time.getTime() / 1000);
    expect(await fixture.files()).toEqual(['shop_20261122_101500.sql', 'shop_20261122_101500.sql.manifest.json']);
    expect(await readFile(join(fixture.backupFolder, made.filename), 'utf8')).toBe(fixture.driver.dumpOf('shop'));
  });

  it('is readable by the zstd program when it is compressed', async () => {
    const made = await backup({ compression: 'zstd', name: 'nightly' });
    expect(made.filename).toBe('nightly_20261122_101500.sql.zst');
    const content = zstdDecompressSync(await readFile(join(fixture.backupFolder, made.filename))).toString();
    expect(content).toBe(fixture.driver.dumpOf('shop'));
  });

  it('never stores a secret in its manifest', async () => {
    const made = await backup();
    const manifest = await readFile(join(fixture.backupFolder, `${made.filename}.manifest.json`), 'utf8');
    expect(manifest).not.toContain('secret');
    expect(JSON.parse(manifest) as Manifest).toMatchObject({
      db_type: 'PostgreSQL',
      host: 'db',
      objects: { tables: 1 },
    });
  });

  it('79: keeps the warnings of a tool that exited with 0 in manifest and log', async () => {
    const { startDump } = fixture.driver;
    fixture.driver.startDump = async (plan, signal) => ({
      ...(await startDump.call(fixture.driver, plan, signal)),
      completed: Promise.resolve({ warnings: ['owner of table "t" appears to be invalid'] }),
    });
    const made = await backup();
    const manifest = JSON.parse(
      await readFile(join(fixture.backupFolder, `${made.filename}.manifest.json`), 'utf8'),
    ) as Manifest;
    expect(manifest.warnings).toEqual(['fake_dump warned: owner of table "t" appears to be invalid']);
    expect(work.lines).toContain('warning: fake_dump warned: owner of table "t" appears to be invalid');
  });

  it('73: warns of kinds of objects that the last backup had and that are missing in this one', async () => {
    const { prepareDump } = fixture.driver;
    let objects: Record<string, number> = { tables: 1, triggers: 3, foreign_keys: 2 };
    fixture.driver.prepareDump = async (request) => ({ ...(await prepareDump.call(fixture.driver, request)), objects });
    expect((await backup()).warnings).toEqual([]);
    objects = { tables: 1, triggers: 0 };
    const words = (kind: string, count: number): unknown =>
      expect.stringMatching(
        new RegExp(
          `^This backup holds no ${kind}; the last one of this database, of 2026-11-22T.*, holds ${count}\\. If nobody`,
        ),
      );
    expect((await backup()).warnings).toEqual([words('triggers', 3), words('foreign keys', 2)]);
  });

  it('takes the next free name in a clash, also beside a foreign file', async () => {
    await mkdir(fixture.backupFolder);
    await writeFile(join(fixture.backupFolder, 'shop_20261122_101500.sql'), 'foreign');
    const names = await Promise.all([backup(), backup({ connection: { ...shop, port: 1 } })]);
    expect(names.map(({ filename }) => filename).toSorted()).toEqual([
      'shop_20261122_101500_2.sql',
      'shop_20261122_101500_3.sql',
    ]);
    expect(await readFile(join(fixture.backupFolder, 'shop_20261122_101500.sql'), 'utf8')).toBe('foreign');
  });

  it('refuses a format that the engine cannot write, and names those that it can write', async () => {
    await expect(backup({ format: 'custom' })).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: 'Use plain.' });
  });

  describe('that fails leaves nothing', () => {
    afterEach(async () => {
      expect(await fixture.files()).toEqual([]);
    });

    it('FAILURES 2, 6: when the tool fails after it wrote a plausible file with an end marker', async () => {
      const failure = new DomainError('DUMP_FAILED', 'connection lost');
      fixture.driver.startDump = () =>
        Promise.resolve({
          output: Readable.from([Buffer.from(fixture.driver.dumpOf('shop'))]),
          completed: Promise.reject(failure),
        });
      await expect(backup()).rejects.toBe(failure);
    });

    it('FAILURES 2: when the tool fails while its output is still being stored, which does not end the service', async () => {
      const failure = new DomainError('DUMP_FAILED', 'connection lost');
      const completed = Promise.reject(failure);
      const listening = jest.spyOn(completed, 'then');
      const heard: boolean[] = [];
      async function* written(): AsyncGenerator<Buffer> {
        while (heard.length < 3) {
          await new Promise(setImmediate);
          // Node ends a process in which nobody has listened to a rejection by now.
          heard.push(listening.mock.calls.length > 0);
          yield Buffer.from('FAKE\n');
        }
      }
      fixture.driver.startDump = () =>
        Promise.resolve({ output: Readable.from(written(), { objectMode: false }), completed });
      await expect(backup()).rejects.toBe(failure);
      expect(heard).toEqual([true, true, true]);
    });

    it('FAILURES 1: when the tool exits 0 and the end marker is missing', async () => {
      fixture.driver.dumpOf = () => 'FAKE\nhalf of the ro';
      await expect(backup()).rejects.toMatchObject({ code: 'DUMP_INCOMPLETE' });
    });

    it('when the dump ends in the middle, and gives the message of the tool as the reason', async () => {
      const failure = new DomainError('DUMP_FAILED', 'server closed the connection');
      fixture.driver.startDump = (_plan, signal) => {
        const output = new Readable({ read: () => undefined });
        output.push('FAKE\n');
        output.destroy(new Error('aborted'));
        const completed = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(failure)));
        return Promise.resolve({ output, completed });
      };
      await expect(backup()).rejects.toBe(failure);
    });

    it('79: when the tool ends its output before it says why, and waits for the reason before it stops the tool', async () => {
      const failure = new DomainError('DUMP_FAILED', 'terminating connection due to administrator command');
      fixture.driver.startDump = (_plan, signal) => {
        const output = new Readable({ read: () => undefined });
        output.push('FAKE\n');
        // A stream that is destroyed without an error ends like this: "Premature close".
        setImmediate(() => output.destroy());
        const completed = new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(new DomainError('CANCELLED', 'cancelled')));
          setTimeout(() => reject(failure), 100);
        });
        completed.catch(() => undefined);
        return Promise.resolve({ output, completed });
      };
      await expect(backup()).rejects.toBe(failure);
      await expect(backup({ compression: 'zstd' })).rejects.toBe(failure);
    });

    it('79: when the storage fails, and reports that and not the broken pipe of the tool', async () => {
      await fixture.dispose();
      fixture = await coreFixture({ storage: (parts) => new BrokenStorage(parts) });
      fixture.driver.startDump = () => {
        const output = Readable.from([Buffer.alloc(5_000_000)]);
        const completed = new Promise<never>((_, reject) =>
          output.once('close', () =>
            reject(new DomainError('DUMP_FAILED', 'could not write to output file: Broken pipe')),
          ),
        );
        completed.catch(() => undefined);
        return Promise.resolve({ output, completed });
      };
      await expect(backup()).rejects.toMatchObject({ message: 'The dump could not be stored: EIO: i/o error.' });
    });

    it('FAILURES 3: when the disk becomes full, and ends the tool', async () => {
      let aborted = false;
      await fixture.dispose();
      fixture = await coreFixture({ storage: (parts) => new FullStorage(parts) });
      fixture.driver.startDump = (_plan, signal) => {
        const completed = new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new DomainError('CANCELLED', 'cancelled'));
          }),
        );
        return Promise.resolve({ output: Readable.from([Buffer.alloc(5_000_000)]), completed });
      };
      await expect(backup()).rejects.toMatchObject({ code: 'NO_SPACE' });
      expect(aborted).toBe(true);
    });

    it('FAILURES 3: when there is too little space at the start', async () => {
      const prepare = fixture.driver.prepareDump.bind(fixture.driver);
      fixture.driver.prepareDump = async (request) => ({ ...(await prepare(request)), estimatedBytes: 1e18 });
      await expect(backup()).rejects.toMatchObject({ code: 'NO_SPACE' });
    });

    it('when it is cancelled', async () => {
      const cancel = new AbortController();
      work = new QuietWork(cancel.signal);
      const dump = Promise.withResolvers<void>();
      fixture.driver.startDump = (_plan, signal) => {
        const output = new Readable({ read: () => undefined });
        const completed = new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => reject(new DomainError('CANCELLED', 'cancelled'))),
        );
        dump.resolve();
        return Promise.resolve({ output, completed });
      };
      const failed = expect(backup()).rejects.toMatchObject({ code: 'CANCELLED' });
      await dump.promise;
      await new Promise((resolve) => setTimeout(resolve, 50));
      cancel.abort();
      await failed;
    });
  });
});

/** Simulates a disk that accepts only the first megabyte. */
class FullStorage extends LocalStorage {
  override async create(folder: string, stem: string, extension: string): Promise<ArtifactWriter> {
    const writer = await super.create(folder, stem, extension);
    let written = 0;
    const write = writer.write.bind(writer);
    writer.write = async (chunk) => {
      written += chunk.length;
      if (written > 1_000_000) throw new DomainError('NO_SPACE', 'no space is left');
      await write(chunk);
    };
    return writer;
  }
}

class BrokenStorage extends LocalStorage {
  override async create(folder: string, stem: string, extension: string): Promise<ArtifactWriter> {
    const writer = await super.create(folder, stem, extension);
    writer.write = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
    return writer;
  }
}
