import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from './target.js';

/** A database that a restore makes, as there is none of that name. */
export const ANNEX = 'annex';

/** How far an operation is, as it can be seen from outside of the service; in the order in which a kill can tell them apart. */
export const PHASES = [
  'begun',
  'dump',
  'artifact',
  'manifest',
  'created',
  'staged',
  'loading',
  'leaving',
  'locked',
  'swapped',
  'answered',
] as const;
export type Phase = (typeof PHASES)[number];

/** Which of them are so short that a kill at a random time would mostly miss them. */
export const SHORT_PHASES = {
  backup: ['dump', 'artifact', 'manifest', 'answered'],
  restore: ['staged', 'loading', 'leaving', 'locked', 'locked', 'swapped', 'swapped', 'manifest', 'answered'],
  annex: ['created', 'created', 'staged', 'leaving', 'answered'],
  undo: ['leaving', 'locked', 'swapped', 'answered'],
  tables: ['begun', 'staged', 'staged', 'staged', 'leaving', 'answered'],
  globals: ['begun', 'begun', 'answered'],
  forget: ['begun', 'begun', 'answered'],
  verify: ['begun', 'answered'],
} as const satisfies Record<string, readonly Phase[]>;

/** Watches one operation from its beginning on. */
export class PhaseWatch {
  private readonly target: Target;
  private readonly folder: string;
  private readonly knownFiles: ReadonlySet<string>;
  private readonly knownDatabases: ReadonlySet<string>;
  private phase: Phase = 'begun';

  private constructor(
    target: Target,
    folder: string,
    knownFiles: ReadonlySet<string>,
    knownDatabases: ReadonlySet<string>,
  ) {
    this.target = target;
    this.folder = folder;
    this.knownFiles = knownFiles;
    this.knownDatabases = knownDatabases;
  }

  static async begin(target: Target, folder: string): Promise<PhaseWatch> {
    const [files, databases] = await Promise.all([readdir(folder), target.databases()]);
    return new PhaseWatch(target, folder, new Set(files), new Set(databases));
  }

  /** The furthest that was seen so far. */
  get reached(): Phase {
    return this.phase;
  }

  /** The answer has come. */
  answered(): void {
    this.phase = 'answered';
  }

  async look(): Promise<Phase> {
    const [files, sight] = await Promise.all([readdir(this.folder), this.target.look()]);
    const newFiles = files.filter((name) => name.includes(this.target.database) && !this.knownFiles.has(name));
    const newDatabases = sight.databases.filter((name) => !this.knownDatabases.has(name));
    const seen: Phase[] = [];
    if (newFiles.some((name) => name.endsWith('.partial'))) seen.push('dump');
    if (newFiles.some((name) => /\.(sql|dump)(\.zst)?$/.test(name))) seen.push('artifact');
    if (newFiles.some((name) => name.endsWith('.manifest.json'))) seen.push('manifest');
    const newName = (part: string): boolean => newDatabases.some((name) => name.includes(part));
    if (newDatabases.includes(ANNEX)) seen.push('created');
    if (newName('__restore_')) seen.push('staged');
    // A restore in place.
    if (sight.loading && !newName('__')) seen.push('loading');
    if (newName('__before_')) seen.push('leaving');
    if (sight.locked) seen.push('locked');
    if (sight.replaced.some((name) => newDatabases.includes(name))) seen.push('swapped');
    for (const phase of seen) if (PHASES.indexOf(phase) > PHASES.indexOf(this.phase)) this.phase = phase;
    return this.phase;
  }

  /** Until the phase, or a later one, has been seen. Looks as often as it can. */
  async until(phase: Phase, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && PHASES.indexOf(this.phase) < PHASES.indexOf(phase)) {
      await this.look();
      // Lets the answer come in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

export function backupFolderOf(home: string): string {
  return join(home, 'backups');
}
