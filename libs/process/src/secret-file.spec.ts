import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSecretFile } from './index.js';

describe('a secret file (FAILURES 35)', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'secret-file-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('can be read by its owner alone, whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      const file = await writeSecretFile(join(directory, 'runtime'), 'hunter2\n');
      expect((await stat(file.path)).mode & 0o777).toBe(0o600);
      expect((await stat(join(directory, 'runtime'))).mode & 0o777).toBe(0o700);
      expect(await readFile(file.path, 'utf8')).toBe('hunter2\n');
    } finally {
      process.umask(umask);
    }
  });

  it('is removed with its scope, and a second removal does no harm', async () => {
    {
      await using first = await writeSecretFile(directory, 'a');
      await using second = await writeSecretFile(directory, 'b');
      expect(second.path).not.toBe(first.path);
      await first.remove();
      expect(await readdir(directory)).toHaveLength(1);
    }
    expect(await readdir(directory)).toEqual([]);
  });
});
