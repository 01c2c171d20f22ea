import { chmod, readFile, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '@app/domain';
import { isProcessAlive } from '@app/process';
import type { Account } from './installed-server.js';
import { SANDBOX_PREFIX } from './supervised-process.js';

/** The age of a directory without a server that is removed, as a newer one may belong to a server that is being created. */
const YOUNG_MS = 3_600_000;
const PID_FILES = ['data/postmaster.pid', 'mariadb.pid', 'mysql.pid'];
/** The longest path of a socket that a kernel accepts, and the most that our servers add to the folder's path, in bytes. */
const SOCKET_PATH_MAX = process.platform === 'linux' ? 107 : 103;
const LONGEST_SOCKET = `/${SANDBOX_PREFIX}postgres-0123456789ab/.s.PGSQL.65535`.length;

/**
 * Returns the folder for throwaway servers: `preferred`, which is created if it is missing. It is the system's folder for
 * temporary files when `account`, which the servers run as, cannot reach `preferred`, since a service that runs as root closes
 * its data to every other account, and when the path would be too long for the socket of a server.
 */
export async function sandboxFolder(preferred: string, account: Account): Promise<string> {
  await makeFolder(preferred);
  if (Buffer.byteLength(preferred) + LONGEST_SOCKET > SOCKET_PATH_MAX) return tmpdir();
  if (account.uid === undefined) return preferred;
  if (!(await canPass(dirname(await realpath(preferred)), account))) return tmpdir();
  // It gets the mode of the system's folder for temporary files: each account may create files there, and remove only its own.
  await chmod(preferred, 0o1777);
  return preferred;
}

async function canPass(folder: string, { uid, gid }: Account): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || canPass(parent, { uid: uid ?? -1, gid: gid ?? -1 });
}

/**
 * Removes what throwaway servers have left in a folder of their own. They clean up after themselves however the service ends, but
 * not after a power cut.
 */
export async function sweepSandboxes(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const removed: string[] = [];
  for (const name of names.filter((each) => each.startsWith(SANDBOX_PREFIX))) {
    const directory = join(folder, name);
    if (await isInUse(directory)) continue;
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    removed.push(name);
  }
  return removed;
}

async function isInUse(directory: string): Promise<boolean> {
  const info = await stat(directory).catch(() => undefined);
  if (info === undefined || Date.now() - info.mtimeMs < YOUNG_MS) return true;
  for (const file of PID_FILES) {
    const text = await readFile(join(directory, file), 'utf8').catch(() => '');
    if (isProcessAlive(Number(text.split('\n')[0]))) return true;
  }
  return false;
}
