import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepRuntimeFolder } from './runtime-sweep.js';

it('9: temporary files and folders of jobs that a killed service has left are removed at the start, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  await mkdir(join(folder, '1-a.unpacked'));
  await writeFile(join(folder, '1-a.unpacked', 'toc.dat'), '');
  await writeFile(join(folder, '1-b.secret'), '');
  await writeFile(join(folder, '1-c.copy'), '');
  await writeFile(join(folder, 'other'), '');
  await sweepRuntimeFolder(folder);
  expect(await readdir(folder)).toEqual(['other']);
  await rm(folder, { recursive: true });
  await expect(sweepRuntimeFolder(folder)).resolves.toBeUndefined();
});
