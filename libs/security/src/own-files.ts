import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DomainError } from '@app/domain';

const OTHERS = 0o077;
const WRITABLE = 0o022;
const STICKY = 0o1000;

export interface OwnFile {
  path: string;
  /** What begins a sentence about it, as "The secret key file". */
  called: string;
  /** What to do where others may have read it, a whole sentence. */
  ifRead: string;
  warn: (message: string) => void;
}

/**
 * Takes the rights away that the mode of a file of the service gives to other accounts, and says that they had them. Where that
 * cannot be done (a secret that a container was given, a read-only file system), a file that others can only read is warned about,
 * and one that they can write is refused. An owner who is neither root nor the service's account is warned about: the file stays
 * with them, as a service that ran once as root by mistake must not keep its own account out. What is wrong with a file that is not
 * there or cannot be opened is told by whoever reads it.
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
 * Whoever may write a folder may put another file in the place of one that they cannot write. Rights to the data folder are
 * taken away where its mode gives them; other folders may be somebody else's, and are warned about.
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
    // In one like /tmp, nobody can take away or replace what another account has made.
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

/** The nearest folder above that every account may write, or another one owns. */
async function writableAbove(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return undefined;
  const isWritten = (found.mode & 0o002) !== 0 && (found.mode & STICKY) === 0;
  if (isWritten || otherOwner(found.uid) !== undefined) return folder;
  return dirname(folder) === folder ? undefined : writableAbove(dirname(folder));
}

/** Undefined for root and for the account of the service. */
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
