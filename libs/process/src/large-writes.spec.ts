import { setTimeout as sleep } from 'node:timers/promises';
import { largeWrites, startProcess } from './index.js';

/** Returns how much of 10,000 bytes a program prints before the end of its input, and in all. */
async function printed(env: Readonly<Record<string, string>>): Promise<[early: number, all: number]> {
  const child = startProcess({ command: 'sed', args: [''], env, stdin: 'pipe' });
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
  child.stdin?.write(`${'x'.repeat(99)}\n`.repeat(100));
  await sleep(300);
  const early = bytes;
  child.stdin?.end();
  await child.completed;
  return [early, bytes];
}

it('makes a program write its output in large pieces', async () => {
  expect(await printed(await largeWrites())).toEqual([0, 10_000]);
  expect(await printed({})).toEqual([8_192, 10_000]);
});
