import { constants } from 'node:fs';
import { access, readFile, readdir, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { runProcess } from '@app/process';

/** The account that a server runs as. Both absent: the account of the service. */
export interface Account {
  uid?: number;
  gid?: number;
}

/** Server programs of one version that are installed on this machine. */
export interface InstalledServer {
  flavour: ServerInfo['flavour'];
  /** The version as people write it. */
  version: string;
  versionParts: readonly number[];
  /** The paths of the program that creates a server, and of the one that runs it. */
  programs: readonly [install: string, server: string];
  /** The `usr` of programs that were unpacked in another place, where they do not find their other files. */
  home?: string;
}

const VERSION_WITHIN_MS = 20_000;

/** Asks the server program for its version; undefined when it cannot be run or its answer is not known. */
export async function installedServer(
  flavour: ServerInfo['flavour'],
  programs: InstalledServer['programs'],
): Promise<InstalledServer | undefined> {
  const answer = await runProcess({ command: programs[1], args: ['--version'], timeoutMs: VERSION_WITHIN_MS }).catch(
    () => undefined,
  );
  const version = /(?:PostgreSQL\)|Ver) (\d+(?:\.\d+)*)/.exec(answer?.stdout ?? '')?.[1];
  // MariaDB also installs its server under MySQL's name.
  const isMariadb = answer?.stdout.includes('MariaDB') === true;
  if (version === undefined || isMariadb !== (flavour === 'MariaDB')) return undefined;
  return { flavour, version, versionParts: version.split('.').map(Number), programs };
}

/** Returns every directory of `candidates` and of PATH that holds both programs, the newest of the candidates first. */
export async function findPairs(
  programs: readonly [string, string],
  candidates: readonly string[],
): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for (const directory of await directoriesOf(candidates)) {
    const [first, second] = await Promise.all(programs.map((program) => firstExecutable([directory], program)));
    if (first !== undefined && second !== undefined) pairs.push([first, second]);
  }
  return pairs;
}

/**
 * Returns the newest directory of `candidates` (and then of PATH) that holds all `programs`. In a candidate, `*` stands for a
 * version: `/usr/lib/postgresql/<*>/bin`. Throws TOOL_MISSING.
 */
export async function findTools(
  product: string,
  programs: readonly string[],
  candidates: readonly string[],
): Promise<string[]> {
  const directories = await directoriesOf(candidates);
  const found = await Promise.all(programs.map((program) => firstExecutable(directories, program)));
  const missing = programs.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    throw new DomainError('TOOL_MISSING', `${product} server programs are not installed: ${missing.join(', ')}.`, {
      hint: `Install the ${product} server package of your system.`,
    });
  }
  return found.filter((path) => path !== undefined);
}

/** Returns every executable of that name in `candidates` and in PATH, each file once. */
export async function everyProgram(program: string, candidates: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const directory of await directoriesOf(candidates)) {
    const path = await firstExecutable([directory], program);
    const real = path === undefined ? undefined : await realpath(path).catch(() => undefined);
    if (path !== undefined && real !== undefined && !found.has(real)) found.set(real, path);
  }
  return [...found.values()];
}

async function directoriesOf(candidates: readonly string[]): Promise<string[]> {
  const expanded = await expandAll(candidates);
  const inPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  return [...new Set([...expanded, ...inPath])];
}

/** Fills the versions into the candidates. */
export async function expandAll(candidates: readonly string[]): Promise<string[]> {
  return (await Promise.all(candidates.map(expandVersions))).flat();
}

/** Returns the existing directories for `/a/<*>/b`, the newest version first. */
async function expandVersions(pattern: string): Promise<string[]> {
  const [parent, rest] = pattern.split('*');
  if (parent === undefined || rest === undefined) return [pattern];
  const names = await readdir(parent.slice(0, parent.lastIndexOf('/') + 1)).catch(() => []);
  const prefix = parent.slice(parent.lastIndexOf('/') + 1);
  return names
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => parseFloat(b.slice(prefix.length)) - parseFloat(a.slice(prefix.length)))
    .map((name) => `${parent.slice(0, parent.length - prefix.length)}${name}${rest}`);
}

export async function firstExecutable(directories: readonly string[], program: string): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, program);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

/** Database servers refuse root. So under root it is the first of these accounts that exists, else the account of the service. */
export async function unprivilegedAccount(...names: readonly string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of [...names, 'nobody']) {
    const entry = entries.find(([account]) => account === name);
    if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new DomainError('TOOL_UNUSABLE', `A database server cannot run as root, and there is no account 'nobody'.`);
}
