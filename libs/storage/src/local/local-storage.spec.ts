import { randomBytes, randomUUID } from 'node:crypto';
import fs, {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { runProcess } from '@app/process';
import type { ArtifactWriter } from '../artifact-storage.js';
import { localStorageAt } from '../testing/open-local-storages.js';
import type { LocalStorage } from './local-storage.js';
import { LocalWriting } from './local-writing.js';
import { readMarker } from './storage-marker.js';

describe('local storage', () => {
  let minutes = 0;
  let storage: LocalStorage;
  let folder: string;
  const files = async () => (await readdir(folder)).toSorted();
  const begin = async (content: string) => {
    const writer = await storage.create('', 'shop', '.sql');
    await writer.write(Buffer.from(content));
    return writer;
  };

  const published = async (writer: ArtifactWriter, manifest = '{}') =>
    join(folder, (await writer.publish(manifest)).key);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'storage-'));
    const writer = { run: 'this', pastRuns: new Set(['before']) };
    storage = localStorageAt(folder, { writing: new LocalWriting(writer, undefined, () => minutes * 60_000) });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('shows no file before an artifact is published, and both files afterwards', async () => {
    const writer = await begin('dump');
    expect(await storage.list('')).toEqual([]);
    expect(await text(writer.readBack())).toBe('dump');
    const stored = await writer.publish('{}');
    expect(stored).toMatchObject({ filename: 'shop.sql', size: 4, hasManifest: true });
    expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
    expect(await storage.readManifest(stored.key)).toBe('{}');
  });

  it('never waits for a named pipe in the place of a file', async () => {
    await published(await begin('dump'));
    const pipes = ['shop.sql.manifest.json', 'shop.sql.globals.sql', 'crm.sql.manifest.json.partial'];
    pipes.push('crm.sql.lease.partial', '.storage-id', 'pipe.sql');
    for (const name of pipes) {
      await rm(join(folder, name), { force: true });
      await runProcess({ command: 'mkfifo', args: [join(folder, name)], timeoutMs: 10_000 });
    }
    expect(await storage.readManifest('shop.sql')).toBeUndefined();
    expect(await storage.readGlobals('shop.sql')).toBeUndefined();
    expect(await storage.list('')).toEqual([expect.objectContaining({ filename: 'shop.sql', hasManifest: false })]);
    expect(await storage.sweep()).toEqual({ completed: [], removed: [], undecided: false });
    expect(await readMarker(folder)).toBeUndefined();
    await expect(storage.open('pipe.sql')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('reads no more of a manifest than the limit', async () => {
    const path = await published(await begin('dump'));
    await truncate(`${path}.manifest.json`, 1024 ** 3);
    expect((await storage.readManifest('shop.sql'))?.length).toBe(64 * 1024 * 1024);
  });

  it('removes every trace of an artifact, before and after a failed publication', async () => {
    await (await begin('dump')).discard();
    expect(await files()).toEqual([]);
    const writer = await begin('dump');
    await writer.publish('{}');
    await writer.discard();
    expect(await files()).toEqual([]);
  });

  it('FAILURES 8: syncs artifact and manifest before their names appear, and the folder after each', async () => {
    const writer = await begin('dump');
    const log: string[] = [];
    await using probe = await open(folder);
    const handles = Object.getPrototypeOf(probe) as { sync(this: FileHandle): Promise<void> };
    const { sync } = handles;
    handles.sync = async function () {
      const kind = (await this.stat()).isDirectory() ? 'folder' : await this.stat().then(({ size }) => `${size} bytes`);
      log.push(`${kind}: ${(await files()).join(' ')}`);
      await sync.call(this);
    };
    try {
      await writer.publish('{"a":1}');
    } finally {
      handles.sync = sync;
    }
    expect(log).toEqual([
      '4 bytes: shop.sql.lease.partial shop.sql.manifest.json.partial shop.sql.partial',
      '7 bytes: shop.sql.lease.partial shop.sql.manifest.json.partial shop.sql.partial',
      'folder: shop.sql shop.sql.lease.partial shop.sql.manifest.json.partial',
      'folder: shop.sql shop.sql.lease.partial shop.sql.manifest.json',
    ]);
  });

  it('gives each of many writers a name of its own', async () => {
    const writers = await Promise.all(Array.from({ length: 20 }, (_, i) => begin(String(i))));
    const stored = await Promise.all(writers.map((writer, i) => writer.publish(`{"n":${i}}`)));
    expect(new Set(stored.map(({ filename }) => filename)).size).toBe(20);
    for (const [i, { key }] of stored.entries()) expect(await readFile(join(folder, key), 'utf8')).toBe(String(i));
  });

  it('replaces a manifest as a whole, and only if it is the one that was read', async () => {
    await published(await begin('dump'), '{"a":1}');
    expect(await storage.replaceManifest('shop.sql', '{"a":1}', '{"a":2}')).toBe(true);
    expect(await storage.replaceManifest('shop.sql', '{"a":1}', '{"a":3}')).toBe(false);
    expect(await storage.readManifest('shop.sql')).toBe('{"a":2}');
    expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
    await storage.remove('shop.sql');
    expect(await storage.replaceManifest('shop.sql', '{"a":2}', '{"a":3}')).toBe(false);
    expect(await files()).toEqual([]);
  });

  it('has a whole manifest after a sweep when the process crashed while it replaced the manifest', async () => {
    for (const [left, expected] of [
      ['{"size":4,"new":1}', '{"size":4,"new":1}'],
      ['{"size":4,"ne', '{"size":4}'],
    ] as const) {
      const path = await published(await begin('dump'), '{"size":4}');
      await writeFile(`${path}.manifest.json.partial`, left);
      await writeFile(`${path}.lease.partial`, '{"run":"before"}');
      await storage.sweep();
      expect(await storage.readManifest('shop.sql')).toBe(expected);
      expect(await readFile(path, 'utf8')).toBe('dump');
      expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
      await storage.remove('shop.sql');
    }
  });

  it('notices that a folder has changed, and trusts no recent change', async () => {
    const long = new Date(Date.now() - 60_000);
    const makeOld = () => utimes(folder, long, long);
    expect(await storage.folderState('none')).toBeUndefined();
    await writeFile(join(folder, 'a.sql'), 'x');
    expect(await storage.folderState('')).toBeUndefined();
    await makeOld();
    const before = await storage.folderState('');
    expect(before).toEqual(expect.any(String));
    expect(await storage.folderState('')).toBe(before);
    await rm(join(folder, 'a.sql'));
    expect(await storage.folderState('')).not.toBe(before);
  });

  it('finds the folders that hold backups at any depth', async () => {
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await mkdir(join(folder, 'empty'));
    for (const name of ['a/b/x.sql.manifest.json', 'a/b/y.sql.manifest.json', 'z.sql.manifest.json', 'a/q.sql']) {
      await writeFile(join(folder, name), 'x');
    }
    expect(await storage.foldersWithBackups()).toEqual(['', 'a/b']);
    expect(await localStorageAt(join(folder, 'none')).foldersWithBackups()).toEqual([]);
  });

  it('shows one file as the list does', async () => {
    await (await begin('dump')).publish('{}');
    await writeFile(join(folder, 'foreign.sql'), 'x');
    for (const file of await storage.list('')) expect(await storage.stat(file.key)).toEqual(file);
    expect(await storage.stat('none.sql')).toBeUndefined();
    expect(await storage.stat('')).toBeUndefined();
  });

  it('lists foreign files, but neither folders, hidden, partial nor manifest files', async () => {
    for (const name of ['a.sql', 'b.dump', '.hidden.sql', 'c.sql.partial', 'd.sql.manifest.json']) {
      await writeFile(join(folder, name), 'x');
    }
    expect((await storage.list('')).map(({ filename }) => filename).toSorted()).toEqual(['a.sql', 'b.dump']);
  });

  it('reads one opened file to the end even when it is removed meanwhile, and notices a change', async () => {
    const path = join(folder, 'a.sql');
    await writeFile(path, 'first');
    await using artifact = await storage.open('a.sql');
    expect(await artifact.unchanged()).toBe(true);
    await rm(path);
    expect(await text(artifact.stream())).toBe('first');
    expect((await artifact.head(3)).toString()).toBe('fir');
    await writeFile(path, 'first');
    await using changed = await storage.open('a.sql');
    await writeFile(path, 'other');
    expect(await changed.unchanged()).toBe(false);
  });

  it('reads a part of a file in pieces of any size', async () => {
    const path = join(folder, 'a.sql');
    const content = randomBytes(200_000);
    await writeFile(path, content);
    await using artifact = await storage.open('a.sql');
    // Times are set in whole nanoseconds, as Node would round to the nearest millisecond.
    expect(artifact.modifiedAt).toEqual((await stat(path, { bigint: true })).mtime);
    for (const [start, end] of [
      [0, 200_000],
      [65_535, 131_073],
      [199_999, 200_000],
      [7, 7],
    ] as const) {
      const read: number[] = [];
      const part = await buffer(artifact.stream((bytes) => read.push(bytes), { start, end }));
      expect(part.equals(content.subarray(start, end))).toBe(true);
      expect(read.at(-1) ?? 0).toBe(end - start);
    }
  });

  it('fails when a part has become shorter, and does not return less than requested', async () => {
    const path = join(folder, 'a.sql');
    await writeFile(path, 'shorter');
    await using artifact = await storage.open('a.sql');
    await truncate(path, 5);
    await expect(text(artifact.stream(undefined, { start: 2, end: 7 }))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
  });

  it('reports a file that is gone', async () => {
    await expect(storage.open('gone.sql')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  describe('the sweep after a crash (FAILURES 9)', () => {
    const leave = (suffix: string, content: string) => writeFile(join(folder, `shop.sql${suffix}`), content);
    /** Leaves a lease of a run of this service, or of another one. */
    const leaveLease = (run = 'before') => leave('.lease.partial', JSON.stringify({ run }));
    /** Looks twice, with this number of minutes in between. */
    const sweepTwice = async (apart: number) => {
      const first = await storage.sweep();
      minutes += apart;
      return [first, await storage.sweep()];
    };
    const nothing = { completed: [], removed: [], undecided: true };
    const removed = { completed: [], removed: ['shop.sql'], undecided: false };

    it('removes artifacts that were being written', async () => {
      await leaveLease();
      await leave('.partial', 'half');
      await leave('.manifest.json.partial', '{"writing":true}');
      expect(await storage.sweep()).toEqual({ completed: [], removed: ['shop.sql'], undecided: false });
      expect(await files()).toEqual([]);
    });

    it('removes artifacts that were whole but not yet renamed, also with a journal that is cut off', async () => {
      for (const content of [JSON.stringify({ size: 4 }), '{"siz', '']) {
        await leaveLease();
        await leave('.partial', 'dump');
        await leave('.manifest.json.partial', content);
        expect(await storage.sweep()).toEqual({ completed: [], removed: ['shop.sql'], undecided: false });
        expect(await files()).toEqual([]);
      }
    });

    it('completes a publication of which only the last rename is missing', async () => {
      const writer = await begin('dump');
      await writer.publish('{"size":4}');
      await rename(join(folder, 'shop.sql.manifest.json'), join(folder, 'shop.sql.manifest.json.partial'));
      await leaveLease();
      expect(await storage.sweep()).toEqual({ completed: ['shop.sql'], removed: [], undecided: false });
      expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
    });

    it('never touches a file of others, whatever its name', async () => {
      const foreign = ['foreign.sql', 'foreign.sql.partial', 'x.manifest.json', 'shop.sql'];
      for (const name of foreign) await writeFile(join(folder, name), 'precious');
      await leaveLease();
      await leave('.manifest.json.partial', '{"writing":true}');
      await storage.sweep();
      expect(await files()).toEqual(foreign.toSorted());
    });

    it('67: does not touch the work of another service on any machine', async () => {
      const other = localStorageAt(folder);
      const writer = await other.create('', 'shop', '.sql');
      await writer.write(Buffer.from('half'));
      expect(await storage.sweep()).toEqual(nothing);
      await writer.write(Buffer.from(' and half'));
      expect((await writer.publish('{}')).size).toBe(13);
      expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
    });

    it('67: keeps a frozen writer that was counted as dead from publishing and removing anything', async () => {
      const other = localStorageAt(folder);
      const writer = await other.create('', 'shop', '.sql');
      await writer.write(Buffer.from('half'));
      expect(await sweepTwice(10)).toEqual([nothing, removed]);
      const next = await begin('another');
      await expect(writer.publish('{"late":1}')).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(/The lease of shop\.sql was lost/) as unknown,
      });
      await expect(writer.write(Buffer.from('more'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      await writer.discard();
      const path = await published(next);
      expect(await readFile(path, 'utf8')).toBe('another');
      expect(await files()).toEqual(['shop.sql', 'shop.sql.manifest.json']);
    });

    it('67: trusts no clock that can be set, neither its own nor that of the storage', async () => {
      await leaveLease('another');
      await leave('.partial', 'half');
      await leave('.manifest.json.partial', '{"writing":true}');
      const withItsOwnClock = localStorageAt(folder);
      expect(await withItsOwnClock.sweep()).toEqual(nothing);
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000);
      try {
        expect(await withItsOwnClock.sweep()).toEqual(nothing);
        expect(await storage.sweep()).toEqual(nothing);
        // This looks as if the storage's clock had been set forward by an hour.
        for (const name of await files()) await utimes(join(folder, name), new Date(0), new Date(0));
        expect(await storage.sweep()).toEqual(nothing);
      } finally {
        now.mockRestore();
      }
      expect(await sweepTwice(10)).toEqual([nothing, removed]);
      expect(await files()).toEqual([]);
    });

    it('67: counts the time from the last renewal that it has seen', async () => {
      await leaveLease('another');
      await leave('.partial', 'half');
      await leave('.manifest.json.partial', '{"writing":true}');
      for (let beat = 1; beat <= 3; beat += 1) {
        expect(await sweepTwice(9)).toEqual([nothing, nothing]);
        const { atime, mtime } = await stat(join(folder, 'shop.sql.lease.partial'));
        await leave('.lease.partial', JSON.stringify({ beat, run: 'another' }));
        // This works also when the clock was set back, so that the time is the same.
        await utimes(join(folder, 'shop.sql.lease.partial'), atime, mtime);
      }
      expect(await sweepTwice(10)).toEqual([nothing, removed]);
    });

    it('67: starts again with an artifact that takes the name of one that it has seen', async () => {
      const lease = join(folder, 'shop.sql.lease.partial');
      await leaveLease('another');
      expect(await storage.sweep()).toEqual(nothing);
      minutes += 10;
      // It looks the same in every respect.
      await rename(lease, `${folder}.lease`);
      await storage.sweep();
      await rename(`${folder}.lease`, lease);
      expect(await storage.sweep()).toEqual(nothing);
    });

    it('67: returns a lease that was renewed during its takeover', async () => {
      await leaveLease('another');
      await leave('.partial', 'half');
      await leave('.manifest.json.partial', '{"writing":true}');
      expect(await storage.sweep()).toEqual(nothing);
      minutes += 10;
      const before = await files();
      const taking = jest.spyOn(fs, 'rename').mockImplementationOnce(async (from, to) => {
        await leave('.lease.partial', JSON.stringify({ beat: 2, run: 'another' }));
        await rename(from, to);
      });
      expect(await storage.sweep()).toEqual(nothing);
      taking.mockRestore();
      expect(await files()).toEqual(before);
    });

    it('67: keeps a writer from publishing when its lease is taken over during the last renewal', async () => {
      const writer = await begin('half');
      await using probe = await open(folder);
      const handles = Object.getPrototypeOf(probe) as FileHandle;
      const { write } = handles;
      let renewals = 0;
      handles.write = async function (this: FileHandle, ...args: unknown[]) {
        renewals += 1;
        if (renewals === 2) await rename(join(folder, 'shop.sql.lease.partial'), join(folder, 'taken'));
        return Reflect.apply(write, this, args) as never;
      };
      try {
        await expect(writer.publish('{}')).rejects.toThrow('The lease of shop.sql was lost');
      } finally {
        handles.write = write;
      }
      expect(renewals).toBe(2);
      expect(await files()).not.toContain('shop.sql');
      await writer.discard();
    });

    it('67: renews the lease of an artifact that is being written, so that it always changes', async () => {
      jest.useFakeTimers();
      try {
        const writer = await begin('half');
        const lease = () => readFile(join(folder, 'shop.sql.lease.partial'), 'utf8');
        const before = await lease();
        jest.advanceTimersByTime(60_000);
        for (let look = 0; look < 1_000 && (await lease()) === before; look += 1) await setImmediate();
        expect(await lease()).not.toBe(before);
        await writer.discard();
      } finally {
        jest.useRealTimers();
      }
    });

    it('67: waits as long for files of an older version of the service, which has no leases', async () => {
      await leave('.partial', 'half');
      await leave('.manifest.json.partial', JSON.stringify({ writing: { host: 'elsewhere', pid: 1 } }));
      expect(await sweepTwice(9)).toEqual([nothing, nothing]);
      expect(await files()).toHaveLength(2);
      await leave('.partial', 'half and half');
      expect(await sweepTwice(9)).toEqual([nothing, nothing]);
      expect(await sweepTwice(10)).toEqual([nothing, removed]);
    });

    it('removes a lease without an artifact', async () => {
      await leaveLease();
      await writeFile(join(folder, `shop.sql.lease.${randomUUID()}.partial`), '');
      expect(await sweepTwice(10)).toEqual([nothing, { completed: [], removed: [], undecided: false }]);
      expect(await files()).toEqual([]);
    });

    it('does not touch an artifact that is being written here, and removes it after that failed', async () => {
      const writer = await begin('half');
      expect(await storage.sweep()).toEqual({ completed: [], removed: [], undecided: false });
      await writer.write(Buffer.from(' and half'));
      expect((await writer.publish('{}')).size).toBe(13);
      await leave('.manifest.json.partial', '{"writing":true}');
      await leaveLease();
      expect(await storage.sweep()).toEqual({ completed: [], removed: ['shop.sql'], undecided: false });
    });

    it('finds nothing when there is no folder', async () => {
      expect(await localStorageAt(join(folder, 'none')).sweep()).toEqual({
        completed: [],
        removed: [],
        undecided: false,
      });
    });
  });
});
