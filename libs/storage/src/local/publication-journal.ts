import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '../artifact-storage.js';
import { syncFolder } from '../durable-file.js';
import { readRegularFile } from './regular-file.js';
import { LEASE_SUFFIX } from './storage-lease.js';
import type { LeaseJudge } from './storage-lease.js';

/**
 * The file at the manifest's place, with the partial suffix, from the beginning of an artifact until the manifest replaces it.
 * Then the artifact is whole and durable, and only renames are left.
 */
export const JOURNAL_TEXT = '{"writing":true}';

/** Returns the file names of unfinished artifacts, by the other files of the folder. */
export function unfinishedIn(names: readonly string[]): string[] {
  const suffixes = [MANIFEST_SUFFIX + PARTIAL_SUFFIX, LEASE_SUFFIX];
  const found = names.flatMap((name) =>
    suffixes.filter((suffix) => name.endsWith(suffix)).map((suffix) => name.slice(0, -suffix.length)),
  );
  return [...new Set(found)];
}

/**
 * Completes or removes an interrupted publication, unless its owner is alive: the holder of the lease or, without a lease (older
 * versions of the service made none), a process that has touched the files lately.
 */
export async function recoverInterrupted(
  folder: string,
  filename: string,
  judge: LeaseJudge,
): Promise<'completed' | 'removed' | 'undecided' | undefined> {
  const path = join(folder, filename);
  const journalPath = path + MANIFEST_SUFFIX + PARTIAL_SUFFIX;
  const release = await judge.takeOver(path);
  if (release === undefined) {
    if ((await stat(path + LEASE_SUFFIX).catch(() => undefined)) !== undefined) return 'undecided';
    if (!(await judge.areStill([journalPath, path + PARTIAL_SUFFIX]))) return 'undecided';
  }
  const outcome = await completeOrRemove(folder, path, journalPath);
  await release?.();
  return outcome;
}

async function completeOrRemove(
  folder: string,
  path: string,
  journalPath: string,
): Promise<'completed' | 'removed' | undefined> {
  const journal = await readRegularFile(journalPath).catch(() => undefined);
  // There is only a lease: its owner crashed right before its first or after its last step.
  if (journal === undefined) return undefined;
  const size = sizeIn(journal);
  const artifact = await stat(path).catch(() => undefined);
  if (artifact !== undefined && size === artifact.size) {
    await rename(journalPath, path + MANIFEST_SUFFIX);
    await syncFolder(folder);
    return 'completed';
  }
  await rm(path + PARTIAL_SUFFIX, { force: true });
  // If the artifact has a manifest, that manifest was being replaced.
  if (artifact === undefined) await rm(path + GLOBALS_SUFFIX, { force: true });
  await rm(journalPath, { force: true });
  return 'removed';
}

/** Returns the size of the artifact that the manifest says. */
function sizeIn(journal: string): number | undefined {
  try {
    const { size } = JSON.parse(journal) as { size?: unknown };
    return typeof size === 'number' ? size : undefined;
  } catch {
    return undefined; // the manifest was cut off while it was written, so the artifact was not whole then
  }
}
