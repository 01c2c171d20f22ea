import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { median, rounded } from './figures.js';
import type { Figures } from './part.js';
import { cpuSecondsOfTree } from './usage.js';

const MB = 1_000_000;

/** One way to do the same thing. */
export interface Contender {
  name: string;
  /** The name of the one of ours it is compared with; default: the first. */
  against?: string;
  /** Not timed: an empty database, a folder that is not there. */
  prepare?(): Promise<void>;
  run(): Promise<Cost>;
  /** Not timed: what must be gone before the next. */
  clean?(): Promise<void>;
  /** Bytes of what the last run wrote. */
  size?(): Promise<number>;
}

/** What a run took besides time. */
export interface Cost {
  /** Of the program and its children, the server's not among them. */
  cpuSeconds: number;
  /** Bytes. */
  peakMemory: number;
}

interface Run extends Cost {
  seconds: number;
  serverCpuSeconds: number;
  size: number | undefined;
}

/**
 * Runs ours and the others in turn, `rounds` times after one that does not count; each round begins with another one.
 * Ratios are ours to theirs within a round; what is told is their median and their range.
 */
export async function contest(
  contenders: readonly [ours: Contender, ...others: Contender[]],
  options: { rounds: number; serverPid: number; tell(line: string): void },
): Promise<Figures[]> {
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= options.rounds; round += 1) {
    const order = contenders.map((_, at) => contenders[(at + round) % contenders.length] as Contender);
    for (const contender of order) {
      options.tell(`${round === 0 ? 'a round that does not count' : `round ${round}`}: ${contender.name}`);
      const run = await measure(contender, options.serverPid);
      if (round > 0) runs.get(contender.name)?.push(run);
    }
  }
  const [{ name: first }] = contenders;
  return contenders.map(({ name, against }) => ({
    what: against === undefined ? name : `${name}, to ${against}`,
    ...figuresOf(runs.get(name) ?? [], name === first ? undefined : (runs.get(against ?? first) ?? [])),
  }));
}

async function measure(contender: Contender, serverPid: number): Promise<Run> {
  await contender.prepare?.();
  const serverBefore = cpuSecondsOfTree(serverPid);
  const begin = performance.now();
  const cost = await contender.run();
  const seconds = (performance.now() - begin) / 1000;
  const serverCpuSeconds = cpuSecondsOfTree(serverPid) - serverBefore;
  const size = await contender.size?.();
  await contender.clean?.();
  return { ...cost, seconds, serverCpuSeconds, size };
}

function figuresOf(runs: readonly Run[], ours: readonly Run[] | undefined): Figures {
  const of = (figure: (run: Run) => number): number => median(runs.map(figure));
  const ratios = (figure: (run: Run) => number): number[] =>
    (ours ?? []).map((run, at) => figure(run) / figure(runs[at] as Run)).sort((a, b) => a - b);
  const times = ratios(({ seconds }) => seconds);
  const sizes = ratios(({ size }) => size ?? Number.NaN);
  const hasSize = runs.every(({ size }) => size !== undefined);
  return {
    'time, s': rounded(
      of(({ seconds }) => seconds),
      2,
    ),
    'ours / it': ours === undefined ? '' : rounded(median(times), 3).toFixed(3),
    range: ours === undefined ? '' : `${times[0]?.toFixed(2)}–${times.at(-1)?.toFixed(2)}`,
    'size, MB': hasSize
      ? rounded(
          of(({ size }) => (size ?? 0) / MB),
          1,
        ).toFixed(1)
      : '',
    'size ratio':
      ours === undefined || !hasSize || Number.isNaN(median(sizes)) ? '' : rounded(median(sizes), 3).toFixed(3),
    'CPU, s': rounded(
      of(({ cpuSeconds }) => cpuSeconds),
      1,
    ),
    'server CPU, s': rounded(
      of(({ serverCpuSeconds }) => serverCpuSeconds),
      1,
    ),
    'memory, MB': rounded(
      of(({ peakMemory }) => peakMemory / MB),
      0,
    ),
  };
}

/** Bytes of a file, or of all files in a folder. */
export async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
