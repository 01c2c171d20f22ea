import { chmod, readFile, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorCodeOf, makeFolder } from '@app/domain';
import type { Account } from './installed-server.js';
import { SANDBOX_PREFIX } from './supervised-process.js';

/** A directory without a server in it may belong to one that is being made. */
const YOUNG_MS = 3_600_000;
const PID_FILES = ['data/postmaster.pid', 'mariadb.pid', 'mysql.pid'];
/** What a kernel takes as the path of a socket, and the most that our servers add to the folder's. Bytes. */
const SOCKET_PATH_MAX = process.platform === 'linux' ? 107 : 103;
const LONGEST_SOCKET = `/${SANDBOX_PREFIX}postgres-0123456789ab/.s.PGSQL.65535`.length;

/**
 * The folder to make throwaway servers in: `preferred`, which is made if it is missing. Where `account`, which they run
 * as, cannot get there, it is the system's folder for temporary files: a service that runs as root keeps its data from
 * every other account. So it is where a server could not make its socket, as the path would be too long.
 */
export async function sandboxFolder(preferred: string, account: Account): Promise<string> {
  await makeFolder(preferred);
  if (Buffer.byteLength(preferred) + LONGEST_SOCKET > SOCKET_PATH_MAX) return tmpdir();
  if (account.uid === undefined) return preferred;
  if (!(await canPass(dirname(await realpath(preferred)), account))) return tmpdir();
  // As the system's folder for temporary files is: each may make things there, and remove only its own.
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
 * Removes what throwaway servers have left in a folder of their own. They clean up after themselves, however the service
 * ends; after a power cut nobody does.
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
    if (isAlive(Number(text.split('\n')[0]))) return true;
  }
  return false;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}
