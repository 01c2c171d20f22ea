import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type { ArtifactStorage } from '@app/storage';
import { S3Fixture } from './s3-fixture.js';
import type { S3Fault } from './s3-proxy.js';

const SLOW_DOWN: S3Fault = { kind: 'refused', status: 503, code: 'SlowDown' };
const DENIED: S3Fault = { kind: 'refused', status: 403, code: 'AccessDenied' };
/** Requests that store something, and those that look. */
const WRITING = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'PutObject'];
const LOOKING = ['ListObjectsV2', 'HeadObject'];

/** What is the same on every server: the network, and answers that no server should give. */
describe('an S3 storage', () => {
  let fixture: S3Fixture;
  let storage: ArtifactStorage;
  beforeAll(async () => {
    fixture = await S3Fixture.start('fauxqs');
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    storage = await fixture.renew();
  });

  it.each([...WRITING, ...LOOKING])('stores a backup although the server refuses %s for a while', async (operation) => {
    for (const fault of [SLOW_DOWN, { kind: 'refused', status: 500, code: 'InternalError' }] as const) {
      void fixture.proxy.next(fault, operation, { times: 2 });
      expect(await fixture.backup(storage)).toBeUndefined();
      await fixture.expectPublished(storage);
      await storage.remove('shop.sql');
    }
  });

  it.each(WRITING)('leaves nothing when it may not do %s, and says what to do', async (operation) => {
    void fixture.proxy.next(DENIED, operation, { times: Infinity });
    const error = await fixture.backup(storage);
    expect(error).toMatchObject({ code: 'STORAGE_FAILED', hint: expect.stringContaining('s3:PutObject') as unknown });
    expect(error?.message).toMatch(
      /^Could not .* \(bucket "bucket-\d+", key "shop\.sql.*"\): AccessDenied: It is refused \(status 403\)\.$/,
    );
    await fixture.expectEmpty();
  });

  it('leaves nothing after a refusal that lasts', async () => {
    void fixture.proxy.next(SLOW_DOWN, 'UploadPart', { times: Infinity });
    expect(await fixture.backup(storage)).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('SlowDown') as unknown,
    });
    await fixture.expectEmpty();
  });

  it('says that the bucket is full', async () => {
    void fixture.proxy.next({ kind: 'refused', status: 507, code: 'XMinioStorageFull' }, 'UploadPart', {
      times: Infinity,
    });
    expect(await fixture.backup(storage)).toMatchObject({ code: 'NO_SPACE' });
    await fixture.expectEmpty();
  });

  it.each([...WRITING, ...LOOKING])('does not wait for ever when the server is silent in %s', async (operation) => {
    storage = fixture.open({ tuning: { silenceMs: 500, attemptMs: 500 } });
    const begins = fixture.proxy.next({ kind: 'silent' }, operation, { times: Infinity });
    expect(await fixture.backup(storage)).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/did not answer within|timed out/) as unknown,
    });
    await begins;
  });

  it('does not wait for ever for the bytes of a backup, and not at all when the reading is ended', async () => {
    await fixture.backup(storage);
    storage = fixture.open({ tuning: { silenceMs: 1000 } });
    await using artifact = await storage.open('shop.sql');
    void fixture.proxy.next({ kind: 'silent' }, 'GetObject', { times: Infinity });
    await expect(buffer(artifact.stream())).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(storage.readManifest('shop.sql')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await using patient = await fixture.open({ tuning: { silenceMs: 3_600_000 } }).open('shop.sql');
    const stream = patient.stream().resume();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
  });

  it('ends a stuck upload at once when it is discarded', async () => {
    void fixture.proxy.next({ kind: 'silent' }, 'UploadPart', { times: Infinity });
    const writer = await fixture.begin(fixture.open({ tuning: { silenceMs: 3_600_000 } }));
    const stuck = writer.publish('{}').then(
      () => 'published',
      () => 'failed',
    );
    await writer.discard();
    expect(await stuck).toBe('failed');
    await fixture.expectEmpty();
  });

  it('never takes an error, half a page or the page of somebody else for an empty list', async () => {
    await fixture.backup(storage);
    const answers: S3Fault[] = [
      DENIED,
      { kind: 'refused', status: 404, code: 'NoSuchBucket' },
      { kind: 'answer cut' },
      { kind: 'answer halved' },
      { kind: 'other answer', text: '' },
      { kind: 'other answer', text: '<html><body>Log in first.</body></html>' },
      { kind: 'other answer', text: '<?xml version="1.0"?><ListBucketResult></ListBucketResult>' },
    ];
    for (const answer of answers) {
      void fixture.proxy.next(answer, 'ListObjectsV2', { times: Infinity });
      await expect(storage.list('')).rejects.toMatchObject({ name: 'DomainError' });
      await expect(storage.stat('shop.sql')).rejects.toMatchObject({ name: 'DomainError' });
      await expect(storage.foldersWithBackups()).rejects.toMatchObject({ name: 'DomainError' });
      await expect(storage.sweep()).rejects.toMatchObject({ name: 'DomainError' });
      await expect(storage.requirePresent()).rejects.toMatchObject({ code: 'STORAGE_MISSING' });
      expect(await storage.health('')).toBe(answer === DENIED ? 'unwritable' : 'missing');
      expect(await storage.blocker()).toMatch(/^does not answer as it should: /);
    }
    const gone = { kind: 'refused', status: 404, code: 'NoSuchBucket' } as const;
    void fixture.proxy.next(gone, 'GetObject', { times: Infinity });
    await expect(storage.readManifest('shop.sql')).rejects.toMatchObject({ code: 'STORAGE_MISSING' });
    fixture.proxy.fault = () => gone;
    await expect(storage.open('shop.sql')).rejects.toMatchObject({ code: 'STORAGE_MISSING' });
    fixture.proxy.heal();
    expect(await storage.list('')).toHaveLength(1);
  });

  it('lists what does not fit into one page', async () => {
    for (const stem of ['a', 'b', 'c']) await (await storage.create('x', stem, '.sql')).publish('{}');
    const writer = await storage.create('x', 'd', '.sql');
    await buffer(writer.readBack());
    fixture.proxy.pageSize = 2;
    expect((await storage.list('x')).map(({ filename, hasManifest }) => [filename, hasManifest])).toEqual([
      ['a.sql', true],
      ['b.sql', true],
      ['c.sql', true],
    ]);
    expect(await storage.stat('x/b.sql')).toMatchObject({ hasManifest: true });
    await writer.discard();
  });

  it('goes on where a reading breaks off', async () => {
    await fixture.backup(storage);
    await using artifact = await storage.open('shop.sql');
    void fixture.proxy.next({ kind: 'answer cut' }, 'GetObject');
    expect((await buffer(artifact.stream())).equals(fixture.content)).toBe(true);
    void fixture.proxy.next(SLOW_DOWN, 'GetObject', { times: 2 });
    const part = await buffer(artifact.stream(undefined, { start: 7, end: 3_000_000 }));
    expect(part.equals(fixture.content.subarray(7, 3_000_000))).toBe(true);
    void fixture.proxy.next({ kind: 'answer halved' }, 'GetObject', { times: Infinity });
    await expect(buffer(artifact.stream())).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(storage.readManifest('shop.sql')).resolves.not.toBe('{"a":1}');
  });

  it('takes the time of the server where the clock of this machine is wrong', async () => {
    const date = new Date(Date.now() + 3_600_000);
    const skewed = { kind: 'refused', status: 403, code: 'RequestTimeTooSkewed', date } as const;
    void fixture.proxy.next(skewed, 'ListObjectsV2');
    await storage.list('');
    const [first = '', second = ''] = fixture.proxy.requests.map(({ headers }) => String(headers['x-amz-date']));
    expect(second > first).toBe(true);
    fixture.proxy.fault = () => skewed;
    await expect(storage.list('')).rejects.toMatchObject({ hint: expect.stringContaining('clocks') as unknown });
  });

  it('shows no secret in any error', async () => {
    const { secret } = fixture.server;
    const told: S3Fault = { kind: 'refused', status: 400, code: 'Odd', message: `This is ${secret}` };
    for (const fault of [DENIED, SLOW_DOWN, told, { kind: 'cut' }] as const) {
      fixture.proxy.fault = () => fault;
      for (const work of [
        () => storage.list(''),
        () => fixture.begin(storage),
        () => storage.open('a'),
        () => storage.readManifest('a'),
      ]) {
        const error: unknown = await work().then(
          () => 'no error',
          (failure: unknown) => failure,
        );
        expect(error).toMatchObject({ name: 'DomainError' });
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret);
      }
    }
  });
});
