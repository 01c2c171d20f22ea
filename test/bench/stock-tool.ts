import { startProcess } from '@app/process';
import type { Cost } from './contest.js';
import { watchMemory } from './usage.js';

/** Bash tells what its children used, once it has waited for them. */
const AND_TELL = 'status=$?; echo; echo "used $(cut -d" " -f14-17 "/proc/$$/stat")"; exit $status';

/** Runs a command line as an administrator would, pipes and all. Fails when any part of it does. */
export async function runCommandLine(line: string, env: Record<string, string>): Promise<Cost> {
  const shell = startProcess({ command: 'bash', args: ['-c', `set -o pipefail; ${line}\n${AND_TELL}`], env });
  const memory = watchMemory(shell.pid ?? 0);
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-1000)));
  try {
    await shell.completed;
  } catch (error) {
    memory.stop();
    throw new Error(`${line}\n${(error as { stderr?: string }).stderr ?? ''}`, { cause: error });
  }
  const ticks = /used ([\d ]+)\n?$/.exec(output)?.[1] ?? '';
  const cpuSeconds = ticks.split(' ').reduce((sum, count) => sum + Number(count), 0) / 100;
  return { cpuSeconds, peakMemory: memory.stop() };
}
