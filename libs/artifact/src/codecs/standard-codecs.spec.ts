import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { firstBytes } from '../artifact-reader.js';
import { limitFor } from './content-limit.js';
import type { ContentLimit } from './content-limit.js';
import { standardCodecs } from './standard-codecs.js';
import { zipOf } from '../testing/zip-of.js';

const compressionOf = (head: Buffer): string => standardCodecs.recognise(head)?.name ?? 'none';
const decompressed = (source: Readable, name: string, limit?: ContentLimit): Readable =>
  standardCodecs.stack([name], 'The file').decode(source, limit);
const decompressedHead = (source: Readable, name: string, length: number): Promise<Buffer> =>
  firstBytes(decompressed(source, name), length);

const content = randomBytes(3_000_000);
const checksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const files = { zstd: zstdCompressSync(content, checksum), gzip: gzipSync(content) } as const;

function inChunks(data: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < data.length; at += size) chunks.push(data.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

describe('file compression', () => {
  it('is recognised by content, not by name', () => {
    expect(compressionOf(files.zstd)).toBe('zstd');
    expect(compressionOf(files.gzip)).toBe('gzip');
    expect(compressionOf(Buffer.from('-- PostgreSQL database dump'))).toBe('none');
    expect(compressionOf(Buffer.alloc(0))).toBe('none');
  });

  it('recognises an encrypted file', () => {
    expect(() => compressionOf(Buffer.from('age-encryption.org/v1\n-> X25519'))).toThrow(/encrypted with age/);
  });

  describe.each(['zstd', 'gzip'] as const)('%s', (kind) => {
    it.each([1000, 65_536, 10_000_000])('returns the content in chunks of %d bytes', async (size) => {
      expect((await buffer(decompressed(inChunks(files[kind], size), kind))).equals(content)).toBe(true);
    });

    it('refuses a file that is cut off at any place', async () => {
      for (const missing of [1, 2, 1000, files[kind].length - 20]) {
        const cut = inChunks(files[kind].subarray(0, files[kind].length - missing), 65_536);
        await expect(buffer(decompressed(cut, kind))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      }
    });

    it('refuses a file with one flipped bit', async () => {
      const flipped = Buffer.from(files[kind]);
      flipped[1_000_000] = (flipped[1_000_000] ?? 0) ^ 1;
      await expect(buffer(decompressed(inChunks(flipped, 65_536), kind))).rejects.toMatchObject({
        code: 'BACKUP_DAMAGED',
      });
    });

    it('reads no more of the file than the head needs', async () => {
      const source = inChunks(files[kind], 65_536);
      expect((await decompressedHead(source, kind, 100)).equals(content.subarray(0, 100))).toBe(true);
      if (!source.closed) await new Promise((resolve) => source.once('close', resolve));
      expect(source.readableEnded).toBe(false);
    });
  });

  it.each([1000, 65_536, 10_000_000])(
    'never loses a second zstd frame in silence (chunks of %d bytes)',
    async (size) => {
      const two = inChunks(Buffer.concat([files.zstd, files.zstd]), size);
      await expect(buffer(decompressed(two, 'zstd'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    },
  );

  it.each([1000, 65_536, 10_000_000])(
    'accepts a file that ends with an empty zstd frame (chunks of %d bytes)',
    async (size) => {
      for (const empty of [zstdCompressSync(''), zstdCompressSync('', checksum)]) {
        const file = inChunks(Buffer.concat([files.zstd, empty]), size);
        expect((await buffer(decompressed(file, 'zstd'))).equals(content)).toBe(true);
      }
    },
  );

  it.each([1000, 65_536, 10_000_000])('refuses a small second frame and garbage (chunks of %d bytes)', async (size) => {
    for (const more of [zstdCompressSync('one row'), Buffer.from('garbage'), Buffer.from([0])]) {
      const file = inChunks(Buffer.concat([files.zstd, more]), size);
      await expect(buffer(decompressed(file, 'zstd'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    }
  });

  it('accepts the output of a compressing stream with pieces of any size', async () => {
    for (let i = 0; i < 60; i += 1) {
      const data = content.subarray(0, Math.floor(Math.random() * 500_000));
      const file = await buffer(inChunks(data, 1 + Math.floor(Math.random() * 70_000)).pipe(createZstdCompress()));
      expect((await buffer(decompressed(inChunks(file, 65_536), 'zstd'))).equals(data)).toBe(true);
    }
  });
});

describe('files packed by other programs', () => {
  const dump = Buffer.from(`-- a dump\n${'x'.repeat(70_000)}\n${randomBytes(200_000).toString('hex')}`);
  const packed = (kind: 'bzip2' | 'xz' | 'zip'): Buffer => {
    const options = { input: dump, maxBuffer: 10_000_000 };
    if (kind !== 'zip') return execFileSync(kind, ['-c'], options);
    return zipOf([['dump.sql', dump]]);
  };

  it.each(['bzip2', 'xz', 'zip'] as const)('are unpacked, and refused when they are cut off: %s', async (kind) => {
    const file = packed(kind);
    expect(compressionOf(file)).toBe(kind);
    for (const size of [7_001, 10_000_000]) {
      expect((await buffer(decompressed(inChunks(file, size), kind))).equals(dump)).toBe(true);
    }
    expect((await decompressedHead(inChunks(file, 65_536), kind, 9)).toString()).toBe('-- a dump');
    const cut = inChunks(file.subarray(0, file.length - 40), 65_536);
    await expect(buffer(decompressed(cut, kind))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('27: are unpacked from a folder in a zip archive with files that systems add, and also when they are only stored', async () => {
    const folder = zipOf([
      ['backup/', undefined],
      ['backup/dump.sql', dump],
      ['__MACOSX/backup/icon', Buffer.from('x')],
      ['backup/.DS_Store', Buffer.from('x')],
    ]);
    const after = zipOf([
      ['backup/', undefined],
      ['backup/.DS_Store', Buffer.alloc(9_000, 'x')],
      ['__MACOSX/backup/._.DS_Store', Buffer.from('x')],
      ['backup/dump.sql', dump],
    ]);
    const stored = zipOf([['dump.sql', dump]], 'stored');
    for (const file of [folder, after, stored]) {
      for (const size of [7_001, 10_000_000]) {
        expect((await buffer(decompressed(inChunks(file, size), 'zip'))).equals(dump)).toBe(true);
      }
    }
    const altered = Buffer.from(stored);
    altered.writeUInt8(65, 100);
    await expect(buffer(decompressed(inChunks(altered, 65_536), 'zip'))).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
  });

  it('are refused when a file that a system added comes first and its length is not known', async () => {
    const added = zipOf([
      ['.DS_Store', Buffer.from('x')],
      ['dump.sql', dump],
    ]);
    added.writeUInt16LE(8, 6);
    await expect(buffer(decompressed(inChunks(added, 65_536), 'zip'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('a file that macOS or Windows has added') as string,
    });
  });

  it('are refused when a zip archive begins with too many folders', async () => {
    const folders = zipOf(Array.from({ length: 20_000 }, (_, at) => [`${'x'.repeat(60)}${at}/`, undefined] as const));
    await expect(buffer(decompressed(inChunks(folders, 65_536), 'zip'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('comes too late') as string,
    });
  });

  it('are refused when a zip archive holds more than one file', async () => {
    const two = zipOf([
      ['a.sql', dump],
      ['b.sql', dump],
    ]);
    await expect(buffer(decompressed(inChunks(two, 65_536), 'zip'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('holds 2 entries') as string,
    });
  });
});

describe('decompression bombs', () => {
  it('are given up at the limit, not at their end', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(300_000_000));
    expect(bomb.length).toBeLessThan(50_000);
    expect(limitFor(bomb.length)).toEqual({ bytes: 268_435_456 });
    expect(limitFor(1_000_000, 500)).toEqual({ bytes: 500_000_000 });
    let read = 0;
    const content = decompressed(inChunks(bomb, 65_536), 'zstd', { bytes: 10_000_000 });
    const reading = (async () => {
      for await (const chunk of content as AsyncIterable<Buffer>) read += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
    expect(read).toBeLessThanOrEqual(10_000_000);
    const all = buffer(decompressed(inChunks(gzipSync(Buffer.alloc(1_000_000)), 1_000), 'gzip', { bytes: 999_999 }));
    await expect(all).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
  });

  it('are refused for the window that their header demands', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 28, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
    const compressor = createZstdCompress({ params });
    compressor.end(Buffer.from('x'.repeat(1000)));
    const wide = await buffer(compressor);
    await expect(buffer(decompressed(inChunks(wide, 10), 'zstd'))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const allowed = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
    allowed.end(Buffer.from('x'.repeat(1000)));
    expect(await buffer(decompressed(inChunks(await buffer(allowed), 1000), 'zstd'))).toHaveLength(1000);
  });
});
