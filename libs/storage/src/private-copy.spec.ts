import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runProcess } from '@app/process';
import { privateCopy } from './private-copy.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-'));
});
afterEach(() => rm(folder, { recursive: true }));

const sumOf = async (file: string): Promise<string> =>
  (await runProcess({ command: 'sha256sum', args: [file], timeoutMs: 60_000 })).stdout.slice(0, 64);

describe('7: a private copy', () => {
  it('can be opened by tools any number of times, has no name, and is gone when it is closed', async () => {
    const content = randomBytes(300_000);
    const read = () => Readable.from([content.subarray(0, 1), content.subarray(1)], { objectMode: false });
    const expected = createHash('sha256').update(content).digest('hex');
    let file = '';
    {
      await using copy = await privateCopy(join(folder, 'made'), content.length, read);
      file = copy?.file ?? '';
      expect([await sumOf(file), await sumOf(file)]).toEqual([expected, expected]);
      expect(await readdir(join(folder, 'made'))).toEqual([]);
    }
    // Another file may have its number by now.
    expect(await sumOf(file).catch(() => 'gone')).not.toBe(expected);
  });

  it('is not made when there is no room', async () => {
    const { bavail, bsize } = await statfs(folder);
    expect(await privateCopy(folder, bavail * bsize, () => Readable.from([]))).toBeUndefined();
  });

  it('is not made when tools could not open it, as without /proc', async () => {
    const pid = Object.getOwnPropertyDescriptor(process, 'pid') ?? {};
    Object.defineProperty(process, 'pid', { ...pid, value: 2 ** 30 });
    try {
      expect(await privateCopy(folder, 1, () => Readable.from([Buffer.from('x')]))).toBeUndefined();
      expect(await readdir(folder)).toEqual([]);
    } finally {
      Object.defineProperty(process, 'pid', pid);
    }
  });

  it('leaves nothing when its source fails', async () => {
    const broken = () =>
      Readable.from(
        (function* () {
          yield Buffer.from('half');
          throw new Error('altered');
        })(),
        { objectMode: false },
      );
    await expect(privateCopy(folder, 1, broken)).rejects.toThrow('altered');
    expect(await readdir(folder)).toEqual([]);
  });
});
