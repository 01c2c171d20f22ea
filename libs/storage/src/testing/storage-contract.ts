import { randomBytes } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import type { ArtifactStorage, ArtifactWriter } from '../artifact-storage.js';

/** A storage under test, and what the tests do to it past its own methods. */
export interface ContractedStorage {
  /** An empty storage. Called for each test. */
  open(): Promise<ArtifactStorage>;
  /** Another service on the same storage, which knows nothing of the first one. */
  openAgain(): Promise<ArtifactStorage>;
  /** Puts a file there as somebody else would. */
  put(key: string, content: string): Promise<void>;
  /** Returns the keys of all files, sorted. */
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

/** What every storage promises, see {@link ArtifactStorage}. A new kind of storage calls this in its own spec. */
export function describeStorageContract(kind: string, contracted: () => ContractedStorage): void {
  describe(`a ${kind} storage, as any,`, () => {
    let place: ContractedStorage;
    let storage: ArtifactStorage;
    beforeEach(async () => {
      place = contracted();
      storage = await place.open();
    });
    afterEach(() => place.close());

    const begin = async (content: string | Buffer, folder = ''): Promise<ArtifactWriter> => {
      const writer = await storage.create(folder, 'shop', '.sql');
      await writer.write(Buffer.from(content));
      return writer;
    };
    const published = async (content: string | Buffer, manifest = '{}', folder = ''): Promise<string> =>
      (await (await begin(content, folder)).publish(manifest)).key;
    const names = async (folder = ''): Promise<string[]> =>
      (await storage.list(folder)).map(({ filename }) => filename).toSorted();

    it('is ready for backups, and tells its state', async () => {
      await storage.prepare();
      await storage.requirePresent();
      expect(['fine', 'low']).toContain(await storage.health(''));
      expect(await storage.blocker()).toBeUndefined();
      const space = await storage.space('');
      if (space !== undefined) expect(space.free).toBeLessThanOrEqual(space.total);
    });

    it('shows an artifact only after it is published, with its manifest and roles', async () => {
      const writer = await begin('dump');
      expect(await names()).toEqual([]);
      expect(await text(writer.readBack())).toBe('dump');
      const stored = await writer.publish('{"a":1}', 'CREATE ROLE a;');
      expect(stored).toMatchObject({ key: 'shop.sql', filename: 'shop.sql', size: 4, hasManifest: true });
      expect(await names()).toEqual(['shop.sql']);
      expect(await storage.readManifest('shop.sql')).toBe('{"a":1}');
      expect(await storage.readGlobals('shop.sql')).toBe('CREATE ROLE a;');
      expect(await storage.isReadable('shop.sql')).toBe(true);
    });

    it('leaves nothing of an artifact that is discarded, before or after its publication', async () => {
      const before = await place.keys();
      await (await begin('dump')).discard();
      expect(await place.keys()).toEqual(before);
      const writer = await begin('dump');
      await writer.publish('{}', 'CREATE ROLE a;');
      await writer.discard();
      expect(await place.keys()).toEqual(before);
    });

    it('gives each of several writers at once a name of its own', async () => {
      const writers = await Promise.all(Array.from({ length: 5 }, (_, n) => begin(String(n))));
      const stored = await Promise.all(writers.map((writer, n) => writer.publish(`{"n":${n}}`)));
      expect(new Set(stored.map(({ key }) => key)).size).toBe(5);
      for (const [n, { key }] of stored.entries()) {
        await using artifact = await storage.open(key);
        expect(await text(artifact.stream())).toBe(String(n));
      }
    });

    it('lists files of others, but no hidden, partial and manifest files, and each folder for itself', async () => {
      for (const key of ['a.sql', '.hidden.sql', 'c.sql.partial', 'd.sql.manifest.json', 'deep/er/e.sql']) {
        await place.put(key, 'x');
      }
      expect(await names()).toEqual(['a.sql']);
      expect(await names('deep/er')).toEqual(['e.sql']);
      expect((await storage.list('deep/er'))[0]).toMatchObject({ key: 'deep/er/e.sql', size: 1, hasManifest: false });
      expect(await storage.foldersWithBackups()).toEqual(['']);
      expect(await storage.location('deep/er')).toMatchObject({ storageId: storage.id, folder: 'deep/er' });
    });

    it('shows one file as the list does, and none that is not there', async () => {
      await published('dump');
      await place.put('foreign.sql', 'x');
      const files = await storage.list('');
      expect(files).toHaveLength(2);
      for (const file of files) expect(await storage.stat(file.key)).toEqual(file);
      expect(new Set(files.map(({ foreignId }) => foreignId)).size).toBe(2);
      expect(await storage.stat('none.sql')).toBeUndefined();
      expect(await storage.readManifest('none.sql')).toBeUndefined();
      expect(await storage.readGlobals('none.sql')).toBeUndefined();
      expect(await storage.isReadable('none.sql')).toBe(false);
      await expect(storage.open('none.sql')).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    });

    it('reads any part of a file, its beginning and all of it', async () => {
      const content = randomBytes(200_000);
      await using artifact = await storage.open(await published(content));
      expect(artifact.size).toBe(content.length);
      expect((await artifact.head(5)).equals(content.subarray(0, 5))).toBe(true);
      const pieces: Buffer[] = [];
      await artifact.scan((chunk) => pieces.push(Buffer.from(chunk)));
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
      for (const [start, end] of [
        [0, 200_000],
        [65_535, 131_073],
        [199_999, 200_000],
        [7, 7],
      ] as const) {
        const part = await buffer(artifact.stream(undefined, { start, end }));
        expect(part.equals(content.subarray(start, end))).toBe(true);
      }
      await expect(buffer(artifact.stream(undefined, { start: 199_999, end: 200_001 }))).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
      });
      expect(await artifact.unchanged()).toBe(true);
    });

    it('replaces a manifest only if it is the one that was read', async () => {
      const key = await published('dump', '{"a":1}');
      expect(await storage.replaceManifest(key, '{"a":1}', '{"a":2}')).toBe(true);
      expect(await storage.replaceManifest(key, '{"a":1}', '{"a":3}')).toBe(false);
      expect(await storage.readManifest(key)).toBe('{"a":2}');
    });

    it('removes a backup with everything that belongs to it, and nothing else', async () => {
      await place.put('other.sql', 'x');
      const before = await place.keys();
      const writer = await begin('dump');
      const { key } = await writer.publish('{}', 'CREATE ROLE a;');
      await storage.remove(key);
      expect(await place.keys()).toEqual(before);
      await storage.remove(key);
      expect(await storage.replaceManifest(key, '{}', '{"a":1}')).toBe(false);
    });

    it('changes the state of a folder with its files, where it tells one', async () => {
      await published('dump');
      const before = await storage.folderState('');
      await published('more');
      const after = await storage.folderState('');
      if (before !== undefined && after !== undefined) expect(after).not.toBe(before);
    });

    it('leaves alone in a sweep what another service is writing, and files of others', async () => {
      await place.put('foreign.sql.partial', 'precious');
      const writer = await begin('half');
      const other = await place.openAgain();
      expect(await other.sweep()).toEqual({ completed: [], removed: [], undecided: true });
      await writer.write(Buffer.from(' and half'));
      expect((await writer.publish('{}')).size).toBe(13);
      expect(await storage.sweep()).toEqual({ completed: [], removed: [], undecided: false });
      expect(await place.keys()).toContain('foreign.sql.partial');
    });

    it.each(['..', '../a.sql', '/a.sql', 'a/../b.sql', './a.sql', 'a//b.sql', 'a\0.sql'])(
      'refuses %j, which is no key',
      async (key) => {
        await expect(storage.stat(key)).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(storage.open(key)).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(storage.remove(key)).rejects.toMatchObject({ code: 'INTERNAL' });
      },
    );
  });
}
