import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInfo } from '@app/domain';
import { expandAll, firstExecutable, installedServer } from './installed-server.js';
import type { InstalledServer } from './installed-server.js';

/** The directories of programs below the folder of one version, as in Debian's packages. */
const DIRECTORIES = ['lib/postgresql/*/bin', 'bin', 'sbin'];
const OTHERS_MAY_WRITE = 0o022;

/**
 * Finds servers that are unpacked in `folder` and not installed, each version in its own folder (see
 * `scripts/fetch-engine.mjs`). It ignores files that others than root and the service could have put there, as it would run them.
 */
export async function unpackedServers(
  flavour: ServerInfo['flavour'],
  programs: InstalledServer['programs'],
  folder: string | undefined,
): Promise<InstalledServer[]> {
  if (folder === undefined || !(await isOurs(folder))) return [];
  // The name of an incomplete one begins with a dot.
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
