import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProcess, startProcess } from '@app/process';
import type { RunningProcess } from '@app/process';

/** Returns what is left of these directories: processes that name them, and the directories. */
async function remains(directories: readonly string[]): Promise<string[]> {
  const { stdout } = await runProcess({ command: 'ps', args: ['-eo', 'pid,args', '-ww'], timeoutMs: 10_000 });
  const processes = stdout.split('\n').filter((line) => directories.some((directory) => line.includes(directory)));
  const kept = await Promise.all(
    directories.map((directory) =>
      stat(directory).then(
        () => directory,
        () => undefined,
      ),
    ),
  );
  return [...processes, ...kept.filter((directory) => directory !== undefined)];
}

async function firstLine(child: RunningProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes('\n')) return text;
  }
  throw new Error('the owner ended without a word', { cause: await child.completed.catch((error: unknown) => error) });
}

describe('the servers of a process', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'are gone, files and all, after its %s',
    async (signal) => {
      const rescue = new AbortController();
      const owner = startProcess({
        command: process.execPath,
        args: [
          '--disable-warning=ExperimentalWarning',
          '--experimental-transform-types',
          join(__dirname, 'owner.fixture.mjs'),
        ],
        signal: rescue.signal,
      });
      try {
        const directories = JSON.parse(await firstLine(owner)) as string[];
        expect(directories).toHaveLength(2);
        expect(await remains(directories)).not.toEqual([]);

        process.kill(owner.pid as number, signal);
        await expect(owner.completed).rejects.toMatchObject({ reason: 'signal' });

        let left = await remains(directories);
        for (let tries = 0; left.length > 0 && tries < 100; tries += 1) {
          await sleep(100);
          left = await remains(directories);
        }
        expect(left).toEqual([]);
      } finally {
        rescue.abort();
        await owner.completed.catch(() => undefined);
      }
    },
    60_000,
  );
});
