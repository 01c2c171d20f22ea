import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@app/domain';

export interface SecretFile extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Passes a secret to a tool in the only safe way: in a file that only its owner can read, and that is removed when the tool has
 * exited (FAILURES 35). `directory` is the service's own runtime folder, which is emptied at start, so that a crash leaves none.
 */
export async function writeSecretFile(directory: string, content: string): Promise<SecretFile> {
  await makeFolder(directory);
  const path = join(directory, `${process.pid}-${randomUUID()}.secret`);
  await writeFile(path, content, { mode: 0o600, flag: 'wx' });
  const remove = (): Promise<void> => rm(path, { force: true });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
