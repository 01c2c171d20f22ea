import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/domain';

/** Removes what tools of a killed predecessor were given to log in with (FAILURES 35): to be done before any tool runs. */
export async function removeSecretFiles(runtimeDir: string): Promise<void> {
  const names = await readdir(runtimeDir).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  await Promise.all(
    names.filter((name) => name.endsWith('.secret')).map((name) => rm(join(runtimeDir, name), { force: true })),
  );
}
