import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeFolder } from '@app/domain';
import type { ArtifactAddress } from '@app/domain';
import type { StorageGuard } from './storage-identity.js';

/** The id of the first local storage. */
export const LOCAL_STORAGE = 'local';

export interface LocalRootsOptions {
  /** The folder of the default storage, as the operator wrote it. */
  defaultLocation: string;
  /** The folders of further storages. */
  allowedRoots?: readonly string[];
  /** Relative paths are relative to it, as the `./backups` of the specification is. */
  workingDirectory?: string;
  /** The absolute path of the folder whose storage has the id `local`. Default: that of the default storage. */
  holder?: string;
  guard?: StorageGuard;
  /** Returns the absolute paths of the folders on which something is mounted. */
  mounts?: () => Promise<readonly string[]>;
}

export interface LocalRoot {
  readonly storageId: string;
  /** The absolute path, which need not exist yet. */
  readonly path: string;
}

/** A folder or file that exists in a root. */
export interface ConfinedPath extends ArtifactAddress {
  readonly root: string;
  /** The path without links. */
  readonly real: string;
}

/** The folders of the machine that are storages. Everything that knows their paths stands in this folder of the code. */
export class LocalRoots {
  readonly all: readonly LocalRoot[];
  readonly workingDirectory: string;
  readonly defaultLocation: string;
  private readonly guard: StorageGuard | undefined;
  private readonly mounts: () => Promise<readonly string[]>;

  constructor(options: LocalRootsOptions) {
    this.workingDirectory = options.workingDirectory ?? process.cwd();
    this.defaultLocation = options.defaultLocation;
    this.guard = options.guard;
    this.mounts = options.mounts ?? mountPoints;
    const paths = [options.defaultLocation, ...(options.allowedRoots ?? [])].map((root) => this.absolute(root));
    const holder = options.holder ?? paths[0];
    this.all = [...new Set(paths)].map((path) => ({
      path,
      storageId: path === holder ? LOCAL_STORAGE : idOfFolder(path),
    }));
  }

  get paths(): readonly string[] {
    return this.all.map(({ path }) => path);
  }

  get default(): LocalRoot {
    return this.all[0] as LocalRoot;
  }

  /** Returns the root that contains a path, by the text of both. */
  containing(path: string): LocalRoot | undefined {
    return this.all.find((root) => isWithin(path, root.path));
  }

  /** Returns an existing path that is in a root after links are followed; undefined for any other. Fails when it does not exist. */
  async confined(path: string): Promise<ConfinedPath | undefined> {
    const real = await realpath(path);
    for (const root of this.all) {
      const realRoot = await realpath(root.path).catch(() => undefined);
      if (realRoot === undefined || !isWithin(real, realRoot)) continue;
      return { storageId: root.storageId, key: keyOf(realRoot, real), root: root.path, real };
    }
    return undefined;
  }

  /** Creates a root when it does not exist and was never used. Throws STORAGE_MISSING. */
  async prepare(root: string): Promise<void> {
    await this.guard?.require(root);
    await makeFolder(root);
    await this.guard?.establish(root);
  }

  /** Throws STORAGE_MISSING when the storage of a folder is away. A mount below a root has a marker of its own. */
  async requirePresent(root: string, folder: string): Promise<void> {
    await this.guard?.require(root);
    for (let below = folder; isWithin(below, root) && below !== root; below = dirname(below)) {
      await this.guard?.requireBelow(below);
    }
  }

  /** Marks the mounts below the roots that contain a folder, given by its real path. A mount that is gone leaves its folder behind. */
  async establishMounts(real: string): Promise<void> {
    if (this.guard === undefined) return;
    for (const root of this.paths) {
      const realRoot = await realpath(root).catch(() => root);
      if (!isWithin(real, realRoot) || real === realRoot) continue;
      const within = (await this.mounts()).filter((mount) => isWithin(real, mount) && isWithin(mount, realRoot));
      for (const mount of within) {
        if (mount !== realRoot) await this.guard.establish(join(root, relative(realRoot, mount)));
      }
    }
  }

  absolute(path: string): string {
    return isAbsolute(path) ? resolve(path) : resolve(this.workingDirectory, path);
  }

  /**
   * Returns `./…` when the path is below the working directory and the default root is relative, and an absolute path when the
   * operator named an absolute root.
   */
  show(path: string): string {
    const inWorkingDirectory = relative(this.workingDirectory, path);
    const rootIsRelative = !isAbsolute(this.defaultLocation);
    if (rootIsRelative && isWithin(path, this.workingDirectory)) return `./${inWorkingDirectory.split(sep).join('/')}`;
    return path;
  }
}

/** Returns the key of a path in a root; empty for the root itself. */
export function keyOf(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The id depends on the path alone, so that the order of the settings does not matter. */
export function idOfFolder(path: string): string {
  return `${LOCAL_STORAGE}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/** Reads the mounts; none when the system does not tell. */
async function mountPoints(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const points = text.split('\n').map((line) => line.split(' ')[4] ?? '');
  const escaped = /\\([0-7]{3})/g;
  return points
    .filter((point) => point !== '')
    .map((point) => point.replace(escaped, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 8))));
}
