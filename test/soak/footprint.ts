import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { residentOf } from '../bench/usage.js';

/** What a service at rest takes of its machine. */
export interface Footprint {
  seconds: number;
  memoryMb: number;
  descriptors: number;
  threads: number;
  temporaryFiles: number;
}

/** Node's own, of every program that runs. */
const OF_NODE = 'node-compile-cache';

/** `temporary` is the service's TMPDIR. */
export async function footprintOf(pid: number, home: string, temporary: string, seconds: number): Promise<Footprint> {
  const [descriptors, threads] = await Promise.all(['fd', 'task'].map((name) => readdir(`/proc/${pid}/${name}`)));
  const places = [temporary, join(home, 'data/runtime'), join(home, 'data/scratch')];
  const lists = await Promise.all(places.map((place) => readdir(place).catch(() => [])));
  const partial = await readdir(join(home, 'backups'), { recursive: true }).catch(() => []);
  return {
    seconds: Math.round(seconds),
    memoryMb: Math.round(residentOf(pid) / 1e6),
    descriptors: descriptors?.length ?? 0,
    threads: threads?.length ?? 0,
    temporaryFiles:
      lists.flat().filter((name) => name !== OF_NODE).length +
      partial.filter((name) => name.endsWith('.partial')).length,
  };
}

const LIMITED = ['memoryMb', 'descriptors', 'threads', 'temporaryFiles'] as const;
const MOST_GROWTH = 1.2;
/** How many samples make a value: one alone may be taken while something is being closed. */
const SAMPLES = 5;

/** What has grown by more than 20 % since `from` seconds, in words; empty: nothing. */
export function growth(samples: readonly Footprint[], from: number): string[] {
  const later = samples.filter(({ seconds }) => seconds >= from);
  return LIMITED.flatMap((name) => {
    const [then, now] = [later.slice(0, SAMPLES), later.slice(-SAMPLES)].map((part) =>
      median(part.map((each) => each[name])),
    );
    if (then === undefined || now === undefined || now <= then * MOST_GROWTH) return [];
    return [`${name} grew from ${then} after ${from} s to ${now} at the end`];
  });
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
