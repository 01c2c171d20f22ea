import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('creates missing folders for the owner alone, and accepts existing ones', async () => {
  await Promise.all([makeFolder(join(folder, 'a/b/c')), makeFolder(join(folder, 'a/b/d'))]);
  await makeFolder(join(folder, 'a/b/c'));
  expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
});

// `mkdir` with `recursive` never returns from there.
test.each(['/proc/nope', '/proc/nope/deeper'])('says that %s cannot be made', async (path) => {
  await expect(makeFolder(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('says that a file, or a link that leads nowhere, is in the way', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await symlink(join(folder, 'nothing'), join(folder, 'link'));
  await expect(makeFolder(join(folder, 'link'))).rejects.toMatchObject({ code: 'ENOENT' });
});
