import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildProcess {
  pid: number;
  /** Its executable and arguments, with spaces between them. */
  command: string;
}

/** All that a process has started and that still runs, and what those have started. */
export function descendantsOf(pid: number): ChildProcess[] {
  const found: ChildProcess[] = [];
  for (const child of childrenOf(pid)) {
    // Nothing for one that has ended and was not waited for yet.
    const command = read(`/proc/${child}/cmdline`).replaceAll('\0', ' ').trim();
    if (command !== '') found.push({ pid: child, command });
    found.push(...descendantsOf(child));
  }
  return found;
}

/** Looks as often as it can until there is one, as some live for a few milliseconds only. */
export async function descendant(pid: number, command: RegExp): Promise<ChildProcess> {
  for (;;) {
    const found = descendantsOf(pid).find((child) => command.test(child.command));
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What is left of them, after they had time to end. */
export async function lastingDescendants(pid: number, withinMs = 5_000): Promise<string[]> {
  for (const end = Date.now() + withinMs; Date.now() < end; await delay(20)) {
    if (descendantsOf(pid).length === 0) return [];
  }
  return descendantsOf(pid).map(({ command }) => command);
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
