import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressionOf, decompressed, decompressedHead } from './file-compression.js';

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

  it('names an encrypted file for what it is', () => {
    expect(() => compressionOf(Buffer.from('age-encryption.org/v1\n-> X25519'))).toThrow(/encrypted with age/);
  });

  describe.each(['zstd', 'gzip'] as const)('%s', (kind) => {
    it.each([1000, 65_536, 10_000_000])('gives the content back in chunks of %d bytes', async (size) => {
      expect((await buffer(decompressed(inChunks(files[kind], size), kind))).equals(content)).toBe(true);
    });

    it('refuses a file that is cut off, however late', async () => {
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
    'takes a file that ends with an empty zstd frame (chunks of %d bytes)',
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

  it('takes what a stream of any rhythm has compressed', async () => {
    for (let i = 0; i < 60; i += 1) {
      const data = content.subarray(0, Math.floor(Math.random() * 500_000));
      const file = await buffer(inChunks(data, 1 + Math.floor(Math.random() * 70_000)).pipe(createZstdCompress()));
      expect((await buffer(decompressed(inChunks(file, 65_536), 'zstd'))).equals(data)).toBe(true);
    }
  });
});
