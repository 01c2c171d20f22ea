import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, open, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { localStorageAt } from '../../storage/src/testing/open-local-storages.js';
import { CheckedBytes } from './checked-bytes.js';

const MIB = 1024 * 1024;
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checked-'));
  path = join(folder, 'a.sql');
});
afterEach(() => rm(folder, { recursive: true }));

/** Overwrites the file in place and keeps its times. */
async function overwrite(at: number, bytes: Buffer): Promise<void> {
  const { atime, mtime } = await stat(path);
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
  await utimes(path, atime, mtime);
}

describe.each([1, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 17])('7: a file of %d bytes that was checked', (size) => {
  let content: Buffer;
  beforeEach(() => {
    content = randomBytes(size);
    return writeFile(path, content);
  });

  it('can be read again any number of times, and its hash is that of its content', async () => {
    await using artifact = await localStorageAt(folder).open('a.sql');
    const bytes = new CheckedBytes(artifact);
    const told: number[] = [];
    expect(await bytes.read((read) => told.push(read))).toBe(createHash('sha256').update(content).digest('hex'));
    expect(told.at(-1)).toBe(size);
    expect((await buffer(bytes.stream())).equals(content)).toBe(true);
    expect((await buffer(bytes.stream())).equals(content)).toBe(true);
  });

  it.each(['by its hash', 'by a stream'])(
    'fails before the block that was overwritten after a check %s',
    async (by) => {
      await using artifact = await localStorageAt(folder).open('a.sql');
      const bytes = new CheckedBytes(artifact);
      if (by === 'by its hash') await bytes.read(() => undefined);
      else await buffer(bytes.stream());
      const at = size - 1;
      await overwrite(at, Buffer.from([(content[at] ?? 0) ^ 1]));
      const read: Buffer[] = [];
      const reading = async () => {
        for await (const chunk of bytes.stream() as AsyncIterable<Buffer>) read.push(chunk);
      };
      await expect(reading()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      const whole = Math.floor(at / MIB) * MIB;
      expect(Buffer.concat(read).equals(content.subarray(0, whole))).toBe(true);
    },
  );

  it('fails when it has become longer or shorter, by a byte or to the end of a block', async () => {
    await using artifact = await localStorageAt(folder).open('a.sql');
    const bytes = new CheckedBytes(artifact);
    await bytes.read(() => undefined);
    await appendFile(path, 'x');
    await expect(buffer(bytes.stream())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    for (const length of [Math.floor((size - 1) / MIB) * MIB, size - 1]) {
      await writeFile(path, content);
      await truncate(path, length);
      await expect(buffer(bytes.stream())).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    }
    await writeFile(path, content);
    expect((await buffer(bytes.stream())).equals(content)).toBe(true);
  });
});
