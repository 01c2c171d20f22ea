import { text } from 'node:stream/consumers';
import type { ToolInfo } from '@app/domain';
import { writeSecretFile } from '@app/process';
import type { DumpSource } from '../../db-driver.js';
import { readArchive } from './postgres-archive.js';

/** Entries that only an administrator may make, and what is said of them. */
const OF_ADMINISTRATORS =
  /^\d+; \d+ \d+ ((COMMENT|ACL|SECURITY LABEL) \S+ )?(EVENT TRIGGER|PUBLICATION|SUBSCRIPTION)\b/;

/** Files for `pg_restore --use-list`: what the account that loads may do itself, and what it may not. */
export interface ContentLists extends AsyncDisposable {
  most: string;
  /** Absent when there is nothing of the kind. */
  last: string | undefined;
}

export async function splitContents(
  archive: DumpSource,
  tool: ToolInfo,
  runtimeDir: string,
  signal: AbortSignal,
): Promise<ContentLists> {
  const reader = await readArchive(archive, tool, ['--list'], signal);
  const lines = (await text(reader.output)).split('\n');
  await reader.completed;
  await using files = new AsyncDisposableStack();
  const write = async (list: readonly string[]): Promise<string> =>
    files.use(await writeSecretFile(runtimeDir, `${list.join('\n')}\n`)).path;
  const special = lines.filter((line) => OF_ADMINISTRATORS.test(line));
  const most = await write(lines.filter((line) => !OF_ADMINISTRATORS.test(line)));
  const last = special.length === 0 ? undefined : await write(special);
  const owned = files.move();
  return { most, last, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
