import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSecretKey } from './secret-key.js';

describe('loadSecretKey', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secret-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('creates a key on first start that only its owner can read, and finds it again', async () => {
    const path = join(folder, 'data', 'secret.key');
    const key = await loadSecretKey(path);
    expect(key).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await loadSecretKey(path)).toEqual(key);
  });

  it('returns the same key to several first starts at once, and leaves no other file', async () => {
    const path = join(folder, 'secret.key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKey(path)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(await readdir(folder)).toEqual(['secret.key']);
  });

  it.each(['', 'short', 'not base64 at all, but long enough to be a key of thirty-two'])(
    'refuses a file that holds no key, and keeps it: %j',
    async (content) => {
      const path = join(folder, 'secret.key');
      await writeFile(path, content);
      await expect(loadSecretKey(path)).rejects.toThrow(`The secret key file ${path} does not hold a key`);
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  it.each([0o644, 0o640, 0o666])(
    'closes a file that other accounts can read or write, and says so: mode %o',
    async (mode) => {
      const path = join(folder, 'secret.key');
      const key = await loadSecretKey(path);
      await chmod(path, mode);
      const warnings: string[] = [];
      expect(await loadSecretKey(path, (message) => warnings.push(message))).toEqual(key);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(warnings).toEqual([expect.stringContaining(`(mode 0${mode.toString(8)}); that was taken from them`)]);
      await loadSecretKey(path, (message) => warnings.push(message));
      expect(warnings).toHaveLength(1);
    },
  );

  it('does not change the mode of a file that holds no key', async () => {
    const path = join(folder, 'passwd');
    await writeFile(path, 'root:x:0:0:root:/root:/bin/bash\n');
    await chmod(path, 0o644);
    await expect(loadSecretKey(path)).rejects.toThrow('does not hold a key');
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it('says which file it cannot create, and why', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'secret.key');
    await expect(loadSecretKey(path)).rejects.toThrow(/secret key file .*file\/secret\.key cannot be read \(ENOTDIR\)/);
  });
});
