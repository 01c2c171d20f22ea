import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { startProcess } from '@app/process';

export type Said = { id: string } | { n: number; inserted: boolean };

/**
 * Starts another process on the same catalog file, see `opening-process.fixture.mjs`. Yields its output; leaving the loop kills
 * it.
 */
export async function* openingProcess(file: string, jobs: number, prefix: string): AsyncGenerator<Said> {
  const killer = new AbortController();
  const child = startProcess({
    command: process.execPath,
    args: [
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      join(__dirname, 'opening-process.fixture.mjs'),
      file,
      String(jobs),
      prefix,
    ],
    signal: killer.signal,
    killAfterMs: 0,
  });
  let ended = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Said;
    ended = true;
  } finally {
    if (!ended) killer.abort();
    await child.completed.catch((error: unknown) => {
      if (ended) throw error;
    });
  }
}
