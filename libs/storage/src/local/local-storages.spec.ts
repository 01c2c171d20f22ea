import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localStorages } from './local-storages.js';

describe('the address of a folder', () => {
  let home: string;

  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'local-storages-')));
    await mkdir(join(home, 'nas'));
  });
  afterEach(() => rm(home, { recursive: true }));

  it('is found beside a storage that does not answer, which is asked once', async () => {
    const asked: string[] = [];
    const storages = localStorages({
      ...{ workingDirectory: home, defaultLocation: join(home, 'hangs'), allowedRoots: [join(home, 'nas')] },
      answersWithinMs: 20,
      realPath: (path) => {
        asked.push(path);
        return path.endsWith('hangs') ? new Promise(() => undefined) : realpath(path);
      },
    });
    const [, nas] = storages.configured;
    expect(await storages.addressOf(join(home, 'nas/weekly'))).toEqual({ storageId: nas?.id, folder: 'weekly' });
    expect(await storages.addressOf(join(home, 'hangs/weekly'))).toBeUndefined();
    expect(await storages.addressIn(join(home, 'hangs'), 'weekly')).toBeUndefined();
    expect(asked.filter((path) => path.endsWith('hangs'))).toHaveLength(1);
  });
});
