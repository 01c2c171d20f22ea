import { runProcess } from './run-process.js';

/** As much as we read at once. Programs write 4 KiB at a time by themselves, and each write wakes the reader. */
const BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;
const VARIABLE = /^(LD_PRELOAD|_STDBUF_\w+)=(.+)$/;

let known: Promise<Readonly<Record<string, string>>> | undefined;

/**
 * What a tool that prints a lot should find in its environment, to gather what it writes: then it, the kernel and we do a
 * fraction of the work. `stdbuf` of the GNU coreutils knows; where there is none, nothing, and all goes as it would without.
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
