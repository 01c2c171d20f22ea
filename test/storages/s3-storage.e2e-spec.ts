import { buffer } from 'node:stream/consumers';
import type { ArtifactStorage } from '@app/storage';
import { describeStorageContract } from '../../libs/storage/src/testing/storage-contract.js';
import { S3Fixture } from './s3-fixture.js';
import { S3_SERVERS } from './s3-server.js';

const LEASE_MS = 600_000;
const REQUESTS = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'PutObject'];

describe.each(S3_SERVERS)('on %s', (name) => {
  let fixture: S3Fixture;
  beforeAll(async () => {
    fixture = await S3Fixture.start(name);
  }, 600_000);
  afterAll(() => fixture.stop());

  describeStorageContract('s3', () => {
    const prefix = 'some/where';
    const open = (): ArtifactStorage => {
      fixture.settings = { ...fixture.settings, prefix };
      return fixture.open();
    };
    return {
      async open() {
        await fixture.renew();
        return open();
      },
      openAgain: () => Promise.resolve(open()),
      put: (key, content) => fixture.put(`${prefix}/${key}`, content),
      keys: async () => (await fixture.keys()).map((key) => key.replace(`${prefix}/`, '')).toSorted(),
      close: () => Promise.resolve(),
    };
  });

  describe('an S3 storage', () => {
    let storage: ArtifactStorage;
    beforeEach(async () => {
      storage = await fixture.renew();
    });

    it.each(REQUESTS)(
      'stores a backup although the connection breaks in %s, or its answer is lost',
      async (operation) => {
        for (const kind of ['cut', 'answer lost'] as const) {
          // Nobody could find the upload.
          if (kind === 'answer lost' && operation === 'CreateMultipartUpload' && !fixture.listsUploads) continue;
          void fixture.proxy.next({ kind }, operation);
          expect(await fixture.backup(storage)).toBeUndefined();
          await fixture.expectPublished(storage);
          await storage.remove('shop.sql');
        }
      },
    );

    it('stores a backup although the answer to its manifest is lost', async () => {
      void fixture.proxy.next({ kind: 'answer lost' }, 'PutObject', { ending: '.manifest.json' });
      expect(await fixture.backup(storage)).toBeUndefined();
      await fixture.expectPublished(storage);
    });

    it('does not believe a server that has other bytes than were sent', async () => {
      void fixture.proxy.next({ kind: 'flipped' }, 'UploadPart', { times: Infinity });
      expect(await fixture.backup(storage)).toMatchObject({ code: 'STORAGE_FAILED' });
      await fixture.expectEmpty();
    });

    it('never overwrites what somebody else has put under the name meanwhile', async () => {
      for (const key of ['shop.sql', 'shop.sql.manifest.json', 'shop.sql.globals.sql']) {
        const writer = await fixture.begin(storage, 'dump');
        await fixture.put(key, 'precious');
        await expect(writer.publish('{}', 'CREATE ROLE a;')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
        await writer.discard();
        expect(await fixture.keys()).toEqual([key]);
        expect(await fixture.textOf(key)).toBe('precious');
        const next = await fixture.begin(storage, 'dump');
        expect(next.filename).toBe('shop_2.sql');
        await next.discard();
        await fixture.delete(key);
      }
    });

    it('fails when the object is exchanged or removed while it is read', async () => {
      await fixture.backup(storage);
      await using artifact = await storage.open('shop.sql');
      await fixture.put('shop.sql', 'x'.repeat(fixture.content.length));
      expect(await artifact.unchanged()).toBe(false);
      await expect(buffer(artifact.stream())).rejects.toMatchObject({
        message: expect.stringContaining('was changed or removed') as unknown,
      });
      await fixture.delete('shop.sql');
      await expect(buffer(artifact.stream())).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    });

    describe('after its writer was killed', () => {
      /** Publishes until a request for a key with this ending, of which nobody hears any more. */
      const killedIn = async (operation: string, ending: string): Promise<void> => {
        const writer = { run: 'dead', pastRuns: new Set<string>() };
        const dead = fixture.open({ writer, tuning: { silenceMs: 3_600_000, attemptMs: 3_600_000 } });
        const killed = fixture.proxy.next({ kind: 'silent' }, operation, { times: Infinity, ending });
        const publishing = fixture.begin(dead).then((begun) => begun.publish('{}', 'CREATE ROLE a;'));
        publishing.catch(() => undefined);
        await killed;
        fixture.proxy.heal();
      };
      /** The same service after its next start. */
      const restarted = (): ArtifactStorage => fixture.open({ writer: { run: 'new', pastRuns: new Set(['dead']) } });
      const swept = { completed: [], removed: ['shop.sql'], undecided: false };

      beforeEach(async () => {
        await fixture.put('foreign.sql', 'precious');
        await fixture.put('shop.sql.partial', 'precious');
      });
      const expectForeignOnly = async (): Promise<void> => {
        expect(await fixture.keys()).toEqual(['foreign.sql', 'shop.sql.partial']);
        expect(await fixture.uploads()).toBe(0);
      };

      it('in an upload, its own service removes everything at once', async () => {
        await killedIn('CompleteMultipartUpload', 'shop.sql');
        expect(await fixture.uploads()).toBe(1);
        expect(await restarted().sweep()).toEqual(swept);
        await expectForeignOnly();
      });

      it('before its manifest, removes the artifact, which nobody has seen', async () => {
        await killedIn('PutObject', '.manifest.json');
        expect(await fixture.keys()).toContain('shop.sql');
        expect((await storage.list('')).map(({ filename }) => filename)).toEqual(['foreign.sql']);
        expect(await storage.stat('shop.sql')).toBeUndefined();
        expect(await restarted().sweep()).toEqual(swept);
        await expectForeignOnly();
      });

      it('after its manifest, keeps the backup', async () => {
        await killedIn('DeleteObject', '.partial');
        expect(await restarted().sweep()).toEqual({ completed: [], removed: [], undecided: false });
        await fixture.delete('foreign.sql');
        await fixture.delete('shop.sql.partial');
        await fixture.expectPublished(storage);
        expect(await storage.stat('shop.sql')).toMatchObject({ hasManifest: true });
      });

      it('before it had the name, keeps what somebody else has under the name', async () => {
        await fixture.put(
          'shop.sql.lease.00000000-0000-4000-8000-000000000000.partial',
          '{"run":"dead","kind":"write"}',
        );
        await fixture.put('shop.sql', 'precious');
        await restarted().sweep();
        expect(await fixture.textOf('shop.sql')).toBe('precious');
        expect(await fixture.keys()).toEqual(['foreign.sql', 'shop.sql', 'shop.sql.partial']);
      });

      it('another service waits until the lease has run out, and a frozen writer then publishes nothing', async () => {
        let time = 0;
        const frozen = await fixture.begin(storage);
        const other = fixture.open({ tuning: { now: () => time } });
        expect(await other.sweep()).toMatchObject({ removed: [], undecided: true });
        time = LEASE_MS - 1;
        expect(await other.sweep()).toMatchObject({ removed: [], undecided: true });
        time = LEASE_MS;
        expect(await other.sweep()).toEqual(swept);
        await expect(frozen.publish('{}')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
        await frozen.discard();
        await expectForeignOnly();
      });

      it('a writer that could not renew its lease for too long gives up by itself', async () => {
        let time = 0;
        const writer = await fixture.begin(fixture.open({ tuning: { now: () => time } }), 'dump');
        time = LEASE_MS / 2 + 1;
        await expect(writer.write(Buffer.from('more'))).rejects.toThrow('The lease of shop.sql was lost');
        time = 0;
        await writer.discard();
        await expectForeignOnly();
      });

      it('before it knew its upload, finds that where the server can list uploads', async () => {
        const dead = fixture.open({ writer: { run: 'dead', pastRuns: new Set() } });
        fixture.proxy.fault = ({ operation }) => {
          if (operation === 'CreateMultipartUpload') return { kind: 'answer lost' };
          return operation === 'ListMultipartUploads' ? { kind: 'cut' } : undefined;
        };
        await expect(dead.create('', 'shop', '.sql')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
        fixture.proxy.heal();
        expect(await fixture.uploads()).toBeGreaterThan(0);
        await restarted().sweep();
        expect(await fixture.keys()).toEqual(['foreign.sql', 'shop.sql.partial']);
        expect((await fixture.uploads()) > 0).toBe(!fixture.listsUploads);
      });
    });
  });
});
