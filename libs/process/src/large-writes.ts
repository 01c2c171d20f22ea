import { runProcess } from './run-process.js';

/** The size of a read. Programs write 4 KiB at a time by themselves, and each write wakes the reader. */
const BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;
const VARIABLE = /^(LD_PRELOAD|_STDBUF_\w+)=(.+)$/;

let known: Promise<Readonly<Record<string, string>>> | undefined;

/**
 * Returns variables for the environment of a tool with much output, which make it write in larger pieces: this saves most of the
 * work of the tool, the kernel and the reader. They come from `stdbuf` of the GNU coreutils; without it there are none, and the
 * tool writes as usual.
 */
export function largeWrites(): Promise<Readonly<Record<string, string>>> {
  return (known ??= askStdbuf());
}

async function askStdbuf(): Promise<Readonly<Record<string, string>>> {
  try {
    const { stdout } = await runProcess({
      command: 'stdbuf',
      args: [`--output=${BYTES}`, 'env'],
      timeoutMs: TIMEOUT_MS,
    });
    const variables = new Map<string, string>();
    for (const line of stdout.split('\n')) {
      const [, name, value] = VARIABLE.exec(line) ?? [];
      if (name !== undefined && value !== undefined) variables.set(name, value);
    }
    return Object.fromEntries(variables);
  } catch {
    return {};
  }
}
