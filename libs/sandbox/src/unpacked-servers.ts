import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInfo } from '@app/domain';
import { expandAll, firstExecutable, installedServer } from './installed-server.js';
import type { InstalledServer } from './installed-server.js';

/** Below the folder of one version, as Debian's packages lay their programs out. */
const DIRECTORIES = ['lib/postgresql/*/bin', 'bin', 'sbin'];
const OTHERS_MAY_WRITE = 0o022;

/**
 * Servers that were unpacked in `folder` without being installed, each version in a folder of its own (see
 * `scripts/fetch-engine.mjs`). What somebody else than root and we could have put there is left alone, as it would be run.
 */
export async function unpackedServers(
  flavour: ServerInfo['flavour'],
  programs: InstalledServer['programs'],
  folder: string | undefined,
): Promise<InstalledServer[]> {
  if (folder === undefined || !(await isOurs(folder))) return [];
  // One that is not whole yet has a name with a dot in front.
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const servers = await Promise.all(names.map((name) => unpackedServer(flavour, programs, join(folder, name))));
  return servers.filter((server) => server !== undefined);
}

async function unpackedServer(
  flavour: ServerInfo['flavour'],
  programs: InstalledServer['programs'],
  folder: string,
): Promise<InstalledServer | undefined> {
  const home = join(folder, 'usr');
  if (!(await isOurs(folder)) || !(await isOurs(home))) return undefined;
  const directories = await expandAll(DIRECTORIES.map((directory) => join(home, directory)));
  const [install, server] = await Promise.all(programs.map((program) => firstExecutable(directories, program)));
  if (install === undefined || server === undefined) return undefined;
  const found = await installedServer(flavour, [install, server]);
  return found === undefined ? undefined : { ...found, home };
}

async function isOurs(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  if (info?.isDirectory() !== true) return false;
  return (info.uid === 0 || info.uid === process.getuid?.()) && (info.mode & OTHERS_MAY_WRITE) === 0;
}
