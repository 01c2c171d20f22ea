import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { runProcess } from '@app/process';

const PROGRAMS = ['pg_dump', 'mariadb-dump', 'mariadb', 'mydumper', 'zstd', 'gzip'];

/** What the figures were measured on, without which they say little. */
export async function machine(): Promise<Record<string, unknown>> {
  const versions = await Promise.all(PROGRAMS.map(async (command) => [command, await firstLine(command)] as const));
  return {
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1],
    kernel: release(),
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    ...Object.fromEntries(versions),
  };
}

async function firstLine(command: string): Promise<string> {
  try {
    return (await runProcess({ command, args: ['--version'], timeoutMs: 10_000 })).stdout.split('\n')[0] ?? '';
  } catch {
    return 'not installed';
  }
}
