import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { assertTrustedProgram } from '../trusted-program.js';

/** Makes a new folder for fake tools that the service agrees to run, as temporary folders are open to everybody. The caller removes it. */
export async function programFolder(prefix: string): Promise<string> {
  // Files that a test creates in it must be closed to others, too.
  process.umask(0o022);
  for (const parent of [join(process.cwd(), 'node_modules', '.cache', 'test-programs'), homedir()]) {
    await mkdir(parent, { recursive: true, mode: 0o755 });
    try {
      assertTrustedProgram(parent);
    } catch {
      continue;
    }
    const folder = await mkdtemp(join(parent, prefix));
    await chmod(folder, 0o755);
    return folder;
  }
  throw new Error(
    'Neither the checkout nor the home directory is closed to other accounts: fake tools cannot be made.',
  );
}
