import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeFolderToOthers, closeToOthers } from './own-files.js';

const SOMEBODY = 54_321;

let folder: string;
let path: string;
let warnings: string[];
const warn = (message: string) => void warnings.push(message);
const closed = () => closeToOthers({ path, called: 'The key', ifRead: 'Make another one.', warn });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-files-'));
  path = join(folder, 'key');
  await writeFile(path, 'x', { mode: 0o600 });
  warnings = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('35: a file that only the service may read', () => {
  it('is not changed, nor is a missing one', async () => {
    await closed();
    path = join(folder, 'none');
    await closed();
    expect(warnings).toEqual([]);
  });

  it.each([0o644, 0o640, 0o666])('loses the rights of others, with a warning: mode %o', async (mode) => {
    await chmod(path, mode);
    await closed();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(warnings).toEqual([expect.stringMatching(/^The key .* could be .* Make another one\.$/)]);
  });
});

describe('35: a folder of the service', () => {
  beforeEach(() => chmod(folder, 0o700));

  it.each([0o777, 0o770, 0o707])(
    'loses the right of others to put files there, with a warning: mode %o',
    async (mode) => {
      await chmod(folder, mode);
      await closeFolderToOthers(folder, { isOurs: true, warn });
      expect((await stat(folder)).mode & 0o022).toBe(0);
      expect(warnings).toEqual([expect.stringContaining('that was taken from them')]);
      await closeFolderToOthers(folder, { isOurs: true, warn });
      expect(warnings).toHaveLength(1);
    },
  );

  it.each(['0770', '0777'])(
    'causes a warning when others can write there and the service may not change that: mode %s',
    async (mode) => {
      await chmod(folder, mode);
      await closeFolderToOthers(folder, { isOurs: false, warn });
      expect((await stat(folder)).mode & 0o777).toBe(Number.parseInt(mode, 8));
      expect(warnings).toEqual([
        expect.stringContaining(`Other accounts can put files into the folder ${folder} (mode ${mode})`),
      ]);
    },
  );

  it('may be one like /tmp, where nobody can replace the files of others', async () => {
    await chmod(folder, 0o1777);
    await closeFolderToOthers(folder, { isOurs: true, warn });
    await closeFolderToOthers(folder, { isOurs: false, warn });
    expect(warnings).toEqual([]);
    expect((await stat(folder)).mode & 0o7777).toBe(0o1777);
  });

  it('causes a warning when others can replace it as a whole', async () => {
    const inner = join(folder, 'between', 'data');
    await mkdir(inner, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o777);
    await closeFolderToOthers(inner, { isOurs: true, warn });
    expect(warnings).toEqual([`Other accounts can replace the folder ${inner}, as they can write ${folder}.`]);
  });
});

describe('35: a file that belongs to another account', () => {
  // Only root can give files to other accounts.
  const byRoot = process.getuid?.() === 0 ? it : () => undefined;
  /** The service runs as this account. */
  const as = async (uid: number, work: () => Promise<void>) => {
    await chmod(folder, 0o755);
    process.seteuid?.(uid);
    try {
      await work();
    } finally {
      process.seteuid?.(0);
    }
  };

  byRoot(
    'causes a warning and keeps its owner, so that a service that runs as root by mistake does not lock its own account out',
    async () => {
      await chown(path, SOMEBODY, 0);
      await closed();
      expect(await stat(path)).toMatchObject({ uid: SOMEBODY });
      expect(warnings).toEqual([
        expect.stringMatching(
          `can be replaced by another account \\(it belongs to the account with uid ${SOMEBODY}\\)`,
        ),
      ]);
    },
  );

  byRoot('is refused when others can write it and that cannot be changed', async () => {
    await chmod(path, 0o666);
    await as(SOMEBODY + 1, () =>
      expect(closed()).rejects.toThrow(`The key ${path} can be written by other accounts (mode 0666), and that cannot`),
    );
    await chmod(path, 0o644);
    await as(SOMEBODY + 1, closed);
    expect(warnings).toEqual([
      expect.stringContaining('could be read by other accounts (mode 0644), and that cannot be changed'),
    ]);
  });

  byRoot('causes a warning when it is the folder, or one above', async () => {
    await chown(folder, SOMEBODY, 0);
    await closeFolderToOthers(folder, { isOurs: true, warn });
    expect(warnings).toEqual([expect.stringContaining(`(it belongs to the account with uid ${SOMEBODY})`)]);
    const inner = join(folder, 'data');
    await mkdir(inner, { mode: 0o700 });
    await closeFolderToOthers(inner, { isOurs: true, warn });
    expect(warnings.slice(1)).toEqual([`Other accounts can replace the folder ${inner}, as they can write ${folder}.`]);
  });

  byRoot('is accepted when it is the account of the service', async () => {
    await chown(folder, SOMEBODY, 0);
    await chown(path, SOMEBODY, 0);
    await as(SOMEBODY, async () => {
      await closed();
      await closeFolderToOthers(folder, { isOurs: true, warn });
    });
    expect(warnings).toEqual([]);
  });
});
