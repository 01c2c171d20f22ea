import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/domain';

/** Names of files with passwords for tools (FAILURES 35), of folders with unpacked foreign dumps, and of copies of archives. */
const SUFFIXES = ['.secret', '.unpacked', '.copy'];

/** Removes the temporary files of jobs that a killed service has left. To be called before any job runs. */
export async function sweepRuntimeFolder(runtimeDir: string): Promise<void> {
  const names = await readdir(runtimeDir).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(
    names
      .filter((name) => SUFFIXES.some((suffix) => name.endsWith(suffix)))
      .map((name) => rm(join(runtimeDir, name), { recursive: true, force: true })),
  );
}
