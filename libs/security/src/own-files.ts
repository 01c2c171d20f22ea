import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
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
 * Takes the rights of other accounts to a file of the service away, and says that they had them: those that its mode gives, and
 * those of an owner who is neither root nor the service's account. Where that cannot be done (a secret that a container was
 * given, a read-only file system), a file that others can only read is warned about, and one that they can write or own is
 * refused. What is wrong with a file that is not there or cannot be opened is told by whoever reads it.
 */
export async function closeToOthers({ path, called, ifRead, warn }: OwnFile): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return;
  try {
    const { uid, gid, mode } = await file.stat();
    const owner = otherOwner(uid);
    const open = mode & OTHERS;
    if (owner === undefined && open === 0) return;
    const isWritten = owner !== undefined || (mode & WRITABLE) !== 0;
    const why = [...(owner === undefined ? [] : [owner]), ...(open === 0 ? [] : [`mode ${shown(mode)}`])].join(', ');
    const could = `${called} ${path} could be ${isWritten ? 'written' : 'read'} by other accounts (${why})`;
    try {
      await close(file, owner === undefined ? undefined : gid, mode);
      warn(`${could}; that was taken from them. ${ifRead}`);
    } catch (error) {
      if (isWritten) {
        throw new DomainError(
          'INTERNAL',
          `${called} ${path} can be written by other accounts (${why}), and that cannot be changed.`,
          {
            hint: `Give it to the account of the service, and to nobody else: chown and chmod 0600 ${path}.`,
            cause: error,
          },
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
 * taken away; to other folders, which may be somebody else's, they are warned about, or refused where every account has them.
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
    if (isWritten && isOurs) {
      try {
        await handle.chmod(mode & 0o7777 & ~WRITABLE);
        warn(`${could.replace('can', 'could')} (mode ${shown(mode)}); that was taken from them.`);
      } catch (error) {
        refuseForAll(folder, mode, error);
        warn(`${could} (mode ${shown(mode)}), and that cannot be changed: ${remedyOf(folder)}`);
      }
    } else if (isWritten) {
      refuseForAll(folder, mode);
      warn(`${could} (mode ${shown(mode)}), which holds keys of this service: ${remedyOf(folder)}`);
    }
    if (owner !== undefined) warn(`${could} (${owner}): ${remedyOf(folder)}`);
  } finally {
    await handle.close();
  }
  const above = await writableAbove(dirname(folder));
  if (above !== undefined) warn(`Other accounts can replace the folder ${folder}, as they can write ${above}.`);
}

function refuseForAll(folder: string, mode: number, cause?: unknown): void {
  if ((mode & 0o002) === 0) return;
  throw new DomainError(
    'INTERNAL',
    `Every account of this machine can replace the files of the service in ${folder} (mode ${shown(mode)}).`,
    { hint: `Take that from them: chmod go-w ${folder}.`, cause },
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

async function close(file: FileHandle, gid: number | undefined, mode: number): Promise<void> {
  if (gid !== undefined) await file.chown(own(), gid);
  if ((mode & OTHERS) !== 0) await file.chmod(mode & 0o777 & ~OTHERS);
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
