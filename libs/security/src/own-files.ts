import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DomainError } from '@app/domain';

const OTHERS = 0o077;
const WRITABLE = 0o022;
const STICKY = 0o1000;

export interface OwnFile {
  path: string;
  /** The subject of a sentence about it, such as "The secret key file". */
  called: string;
  /** A sentence that says what to do when others may have read it. */
  ifRead: string;
  warn: (message: string) => void;
}

/**
 * Removes the rights of other accounts from the mode of a file of the service, and warns that they had them. When that is not
 * possible (a secret of a container, a read-only file system), it warns of a file that others can only read, and refuses one that
 * they can write. It warns of an owner who is neither root nor the service's account, and keeps that owner, as a service that ran
 * once as root by mistake must not lock its own account out. The reader of a file reports that it is missing or cannot be opened.
 */
export async function closeToOthers({ path, called, ifRead, warn }: OwnFile): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return;
  try {
    const { uid, mode } = await file.stat();
    const owner = otherOwner(uid);
    if (owner !== undefined) warn(`${called} ${path} can be replaced by another account (${owner}): ${remedyOf(path)}`);
    if ((mode & OTHERS) === 0) return;
    const isWritten = (mode & WRITABLE) !== 0;
    const could = `${called} ${path} could be ${isWritten ? 'written' : 'read'} by other accounts (mode ${shown(mode)})`;
    try {
      await file.chmod(mode & 0o777 & ~OTHERS);
      warn(`${could}; that was taken from them. ${ifRead}`);
    } catch (error) {
      if (isWritten) {
        throw new DomainError(
          'INTERNAL',
          `${called} ${path} can be written by other accounts (mode ${shown(mode)}), and that cannot be changed.`,
          { hint: `Take that from them: chmod 0600 ${path}.`, cause: error },
        );
      }
      warn(`${could}, and that cannot be changed. Keep other accounts off this machine, or put it elsewhere.`);
    }
  } finally {
    await file.close();
  }
}

/**
 * An account that may write a folder may replace a file in it that it cannot write. So this removes such rights from the mode of
 * the data folder, and warns of other folders, which may belong to somebody else.
 */
export async function closeFolderToOthers(
  folder: string,
  { isOurs, warn }: { isOurs: boolean; warn: (message: string) => void },
): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    const { uid, mode } = await handle.stat();
    const owner = otherOwner(uid);
    // In a folder like /tmp, nobody can remove or replace a file of another account.
    const isWritten = (mode & WRITABLE) !== 0 && (mode & STICKY) === 0;
    const could = `Other accounts can put files into the folder ${folder}`;
    if (isWritten) {
      const isTaken = isOurs && (await isDone(handle.chmod(mode & 0o7777 & ~WRITABLE)));
      if (isTaken) warn(`${could.replace('can', 'could')} (mode ${shown(mode)}); that was taken from them.`);
      else warn(`${could} (mode ${shown(mode)}), which holds keys of this service: ${remedyOf(folder)}`);
    }
    if (owner !== undefined) warn(`${could} (${owner}): ${remedyOf(folder)}`);
  } finally {
    await handle.close();
  }
  const above = await writableAbove(dirname(folder));
  if (above !== undefined) warn(`Other accounts can replace the folder ${folder}, as they can write ${above}.`);
}

function isDone(change: Promise<void>): Promise<boolean> {
  return change.then(
    () => true,
    () => false,
  );
}

/** Returns the nearest folder above that every account may write, or that another account owns. */
async function writableAbove(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return undefined;
  const isWritten = (found.mode & 0o002) !== 0 && (found.mode & STICKY) === 0;
  if (isWritten || otherOwner(found.uid) !== undefined) return folder;
  return dirname(folder) === folder ? undefined : writableAbove(dirname(folder));
}

/** Describes a foreign owner; undefined for root and for the account of the service. */
function otherOwner(uid: number): string | undefined {
  return uid === 0 || uid === own() ? undefined : `it belongs to the account with uid ${uid}`;
}

function own(): number {
  return process.geteuid?.() ?? 0;
}

function shown(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

function remedyOf(folder: string): string {
  return `let root or the account of the service (uid ${own()}) own ${basename(folder)}, and nobody else write it.`;
}
