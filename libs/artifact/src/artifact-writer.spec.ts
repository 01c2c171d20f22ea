import { createHash, randomBytes } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Manifest } from '@app/domain';
import type { ArtifactStorage, BackupLocation, OpenArtifact } from '@app/storage';
import { ArtifactReader } from './artifact-reader.js';
import { ArtifactWriter } from './artifact-writer.js';
import type { NewArtifact } from './artifact-writer.js';
import type { Codec } from './codecs/codec.js';
import { CodecRegistry } from './codecs/codec-registry.js';
import { decodedBy } from './codecs/decoder-stream.js';
import { zstdCodec } from './codecs/zstd-codec.js';
import { testSigner } from './testing/test-signer.js';

const inverted = (): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(
        null,
        chunk.map((byte) => byte ^ 0xff),
      );
    },
  });
/** Stands for a codec that comes after the compression. */
const invertingCodec: Codec = {
  name: 'inverted',
  suffix: '.inv',
  magic: Buffer.from('no file begins with this'),
  encode: (onChunk) => [
    async function* (source) {
      for await (const chunk of source) {
        onChunk(chunk);
        yield chunk;
      }
    },
    inverted(),
  ],
  decode: (source) => decodedBy(inverted(), source),
};
const codecs = new CodecRegistry([zstdCodec, invertingCodec]);
const signal = new AbortController().signal;
const location = {} as BackupLocation;
const addressOf = (key: string) => ({ storageId: 'memory', key });
const only = (storage: MemoryStorage) => ({ of: () => storage });
const data = Buffer.concat([randomBytes(9_000_000), Buffer.alloc(5_000_000, 'row\n'), randomBytes(3_000_001)]);

/** Delays chunks at random, so that every stage is ahead of every other at some time. */
async function* unevenly(): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length;) {
    const size = 1 + Math.floor(Math.random() * 400_000);
    yield data.subarray(at, at + size);
    at += size;
    if (Math.random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Keeps one artifact in memory. */
class MemoryStorage {
  private readonly chunks: Buffer[] = [];
  filename = '';
  manifestText = '';
  refuseAfter = Infinity;

  get stored(): Buffer {
    return Buffer.concat(this.chunks);
  }

  readonly create: ArtifactStorage['create'] = (_location, stem, extension) => {
    this.filename = stem + extension;
    return Promise.resolve({
      filename: this.filename,
      write: async (chunk) => {
        if (this.chunks.length >= this.refuseAfter) throw new Error('the disk is full');
        this.chunks.push(Buffer.from(chunk));
        if (Math.random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
      },
      readBack: () => Readable.from([this.stored], { objectMode: false }),
      publish: (manifestText) => {
        this.manifestText = manifestText;
        return Promise.resolve({} as Awaited<ReturnType<ArtifactStorage['stat']>> & object);
      },
      discard: () => Promise.resolve(),
    });
  };

  readonly open: ArtifactStorage['open'] = () =>
    Promise.resolve({
      size: this.stored.length,
      stream: () => Readable.from([this.stored], { objectMode: false }),
      close: () => Promise.resolve(),
    } as unknown as OpenArtifact);
}

async function written(names: readonly string[], storage = new MemoryStorage()) {
  const writer = new ArtifactWriter(only(storage), testSigner, codecs);
  const artifact = await writer.create({ location, stem: 'shop', extension: '.sql', codecs: names });
  let seen = 0;
  let told = 0;
  await artifact.store(
    Readable.from(unevenly()),
    (chunk, bytes) => {
      seen += chunk.length;
      told = bytes;
    },
    signal,
  );
  return { artifact, storage, seen, told };
}

/** Only the facts of the file matter here. */
const publish = (artifact: NewArtifact) => artifact.publish(artifact.facts as Manifest);

describe.each([
  { names: [], filename: 'shop.sql', manifest: { manifest_version: 1, compression: 'none' } },
  { names: ['zstd'], filename: 'shop.sql.zst', manifest: { manifest_version: 1, compression: 'zstd' } },
  { names: ['zstd', 'inverted'], filename: 'shop.sql.zst.inv', manifest: { manifest_version: 2, compression: 'zstd' } },
])('a new artifact with the codecs $names', ({ names, filename, manifest }) => {
  it('is stored with exactly the bytes of the dump, and the manifest tells hash, sizes and codecs', async () => {
    const { artifact, storage, seen, told } = await written(names);
    expect(storage.filename).toBe(filename);
    expect(artifact.facts).toEqual({
      ...manifest,
      codecs: names,
      artifact: filename,
      size: storage.stored.length,
      sha256: createHash('sha256').update(storage.stored).digest('hex'),
      dump_size: data.length,
    });
    expect([seen, told]).toEqual([data.length, data.length]);
    const published = await publish(artifact);
    expect(JSON.parse(storage.manifestText)).toEqual({ ...artifact.facts, signature: published.manifest.signature });
    await using opened = await new ArtifactReader(only(storage), codecs).open(addressOf(filename));
    expect((await buffer(opened.dumpOf(published.manifest)())).equals(data)).toBe(true);
  });

  it('is read back as the dump, and refused when the storage returns other bytes', async () => {
    const { artifact, storage } = await written(names);
    expect((await buffer(artifact.readBack())).equals(data)).toBe(true);
    const altered = storage.stored;
    altered[5_000_000] = (altered[5_000_000] ?? 0) ^ 1;
    jest.spyOn(storage, 'stored', 'get').mockReturnValue(altered);
    await expect(buffer(artifact.readBack())).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: `${filename} does not read back as it was written.`,
    });
  });

  it('tells when the storage has refused bytes', async () => {
    const storage = new MemoryStorage();
    storage.refuseAfter = 3;
    const writer = new ArtifactWriter(only(storage), testSigner, codecs);
    const artifact = await writer.create({ location, stem: 'shop', extension: '.sql', codecs: names });
    expect(artifact.refusal).toBeUndefined();
    const storing = artifact.store(Readable.from(unevenly()), () => undefined, signal);
    await expect(storing).rejects.toThrow('the disk is full');
    expect(artifact.refusal).toMatchObject({ cause: { message: 'the disk is full' } });
  });
});

describe('the codecs of an artifact', () => {
  it('must be able to encode a new one', async () => {
    const writer = new ArtifactWriter(only(new MemoryStorage()), testSigner);
    const create = (name: string) => writer.create({ location, stem: 'shop', extension: '.sql', codecs: [name] });
    await expect(create('gzip')).rejects.toThrow('No codec "gzip" can encode a dump.');
    await expect(create('lz4')).rejects.toThrow('No codec "lz4" can encode a dump.');
  });

  it('are those of the compression in the manifest of an earlier version', async () => {
    const { artifact, storage } = await written(['zstd']);
    const { codecs: _, ...facts } = artifact.facts;
    await using opened = await new ArtifactReader(only(storage)).open(addressOf('shop.sql.zst'));
    expect((await buffer(opened.dumpOf(facts as Manifest)())).equals(data)).toBe(true);
  });

  it('are named when this version does not know one of them', async () => {
    const { artifact, storage } = await written(['zstd', 'inverted']);
    await using opened = await new ArtifactReader(only(storage)).open(addressOf('shop.sql.zst.inv'));
    expect(() => opened.dumpOf(artifact.facts as Manifest)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message:
          'shop.sql.zst.inv was written with the codec "inverted", which this version of the service does not know.',
        hint: expect.stringContaining('Use the version of the service that wrote it, or a later one') as string,
      }) as Error,
    );
  });

  it('have one name and one suffix each', () => {
    expect(() => new CodecRegistry([zstdCodec, zstdCodec])).toThrow('Two codecs have the name "zstd".');
    expect(() => new CodecRegistry([zstdCodec, { ...invertingCodec, suffix: '.zst' }])).toThrow(
      'Two codecs have the suffix ".zst".',
    );
  });
});
