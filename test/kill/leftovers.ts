import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the service keeps in its home by design: its lock, catalog, key, settings and the exports of its catalog. */
const KEPT = [
  /^config\.ini$/,
  /^data$/,
  /^data\/(catalog\.sqlite(-wal|-shm)?|secret\.key)$/,
  /^data\/service\.(lock(\.json|-journal)?|runs)$/,
  /^data\/(runtime|scratch)$/,
  /^backups$/,
  // An export that was cut off goes with the first one that is made an hour later: other instances may be writing theirs.
  /^backups\/\.catalog(\/[^/]*)?$/,
  // The marker by which a storage is known again. A service that is killed while it makes it leaves its first draft.
  /^backups\/\.storage-id(\.[^/]*\.partial)?$/,
  /^tmp$/,
];
const ARTIFACT = /^backups\/[^/]+\.(sql|dump)(\.zst)?$/;
const MANIFEST = '.manifest.json';
const GLOBALS = '.globals.sql';

/** What lies in a home that should not, in words. A backup is a file, its manifest, and the roles of its server. */
export async function strayFiles(home: string): Promise<string[]> {
  const files = new Set(await readdir(home, { recursive: true }));
  const drafts = await emptyLeases(home, [...files]);
  return [...files]
    .filter((name) => {
      if (drafts.has(name)) return false;
      if (KEPT.some((pattern) => pattern.test(name))) return false;
      if (name.endsWith(MANIFEST)) return !files.has(name.slice(0, -MANIFEST.length));
      if (name.endsWith(GLOBALS)) return !files.has(name.slice(0, -GLOBALS.length) + MANIFEST);
      return !(ARTIFACT.test(name) && files.has(name + MANIFEST));
    })
    .map((name) => `the file ${name} should not be there`);
}

/** Leases whose writer was killed before it had written anything: the service removes them when they are ten minutes old. */
async function emptyLeases(home: string, files: readonly string[]): Promise<Set<string>> {
  const leases = files.filter((name) => name.endsWith('.lease.partial'));
  const sizes = await Promise.all(leases.map((name) => stat(join(home, name)).catch(() => undefined)));
  return new Set(leases.filter((_, at) => sizes[at]?.size === 0));
}

/** Every process that the service, or something of it, has started: they know its home by their environment, arguments or folder. */
export async function strayProcesses(home: string, service: number | undefined): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== service);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const ours = command !== '' && [command, environment, folder].some((text) => text.includes(home));
      return ours ? [`the process ${pid} remains: ${command.replaceAll('\0', ' ').trim().slice(0, 200)}`] : [];
    }),
  );
  return found.flat();
}

/** The home of the service that the tests run: what its tools and verification servers make lies in `tmp` of it. */
export function temporaryFolderOf(home: string): string {
  return join(home, 'tmp');
}
