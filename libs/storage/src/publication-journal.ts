import { hostname } from 'node:os';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/domain';
import { MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './artifact-storage.js';
import { syncFolder } from './durable-file.js';

/** The journal of an artifact that is being written: it stands where the manifest will, with the partial suffix. */
interface Journal {
  writing: { host: string; pid: number };
}

/** What a journal says from the beginning of an artifact until its manifest replaces it. */
export function journalText(): string {
  const journal: Journal = { writing: { host: hostname(), pid: process.pid } };
  return JSON.stringify(journal);
}

/**
 * Brings an interrupted publication to an end. The journal holds the manifest once the artifact is whole and durable;
 * then only renames were left to do. `isOurs`: whether this process is still writing it.
 */
export async function settleInterrupted(
  folder: string,
  filename: string,
  isOurs: (journalPath: string) => boolean,
): Promise<'completed' | 'removed' | undefined> {
  const path = join(folder, filename);
  const journalPath = path + MANIFEST_SUFFIX + PARTIAL_SUFFIX;
  const journal = parseJournal(await readFile(journalPath, 'utf8').catch(() => ''));
  if (isOurs(journalPath) || (journal.writer !== undefined && isAlive(journal.writer))) return undefined;
  const artifact = await stat(path).catch(() => undefined);
  if (artifact !== undefined && journal.size === artifact.size) {
    await rename(journalPath, path + MANIFEST_SUFFIX);
    await syncFolder(folder);
    return 'completed';
  }
  await rm(path + PARTIAL_SUFFIX, { force: true });
  await rm(journalPath, { force: true });
  return 'removed';
}

function parseJournal(text: string): { writer?: Journal['writing']; size?: number } {
  try {
    const value = JSON.parse(text) as Partial<Journal> & { size?: unknown };
    return {
      ...(value.writing === undefined ? {} : { writer: value.writing }),
      ...(typeof value.size === 'number' ? { size: value.size } : {}),
    };
  } catch {
    return {}; // cut off while it was written: the artifact beside it was not whole then
  }
}

/** Whether another process of this machine is still writing. Our own number can only be that of a dead predecessor. */
function isAlive(writer: Journal['writing']): boolean {
  if (writer.host !== hostname() || writer.pid === process.pid) return false;
  try {
    process.kill(writer.pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}
