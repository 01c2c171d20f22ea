import { readFileSync } from 'node:fs';

/** How often the kernel counts, per second; the same on every Linux that Node runs on. */
const TICKS = 100;
const SAMPLE_MS = 40;

/** Seconds of processor time that a process and the children it has waited for have used so far. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name in parentheses, which may hold anything: utime, stime, cutime, cstime are the fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** As above, and of what it and its children have started and that still runs. */
export function cpuSecondsOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + orZero(() => cpuSecondsOf(member)), 0);
}

/** Bytes of resident memory. */
export function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/**
 * Watches how much memory a process takes, together with all that it starts unless it is to be alone. `stop` tells the most
 * that was seen, in bytes.
 */
export function watchMemory(pid: number, { alone = false } = {}): { stop(): number } {
  let most = 0;
  const sample = (): void => {
    const now = (alone ? [pid] : treeOf(pid)).reduce((sum, member) => sum + orZero(() => residentOf(member)), 0);
    most = Math.max(most, now);
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      sample();
      clearInterval(timer);
      return most;
    },
  };
}

function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => treeOf(Number(child))))];
  } catch {
    // It has ended since.
    return [];
  }
}

function orZero(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}
