import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/domain';

/** What tools are given to log in with (FAILURES 35), and foreign dumps that only a folder can be read from. */
const OF_RUNS = ['.secret', '.unpacked'];

/** Removes what a killed predecessor has left in the folder for what lasts as long as a job: to be done before any job runs. */
export async function sweepRuntimeFolder(runtimeDir: string): Promise<void> {
  const names = await readdir(runtimeDir).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(
    names
      .filter((name) => OF_RUNS.some((suffix) => name.endsWith(suffix)))
      .map((name) => rm(join(runtimeDir, name), { recursive: true, force: true })),
  );
}
