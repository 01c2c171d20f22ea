import { opendir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { DomainError, errorCodeOf, makeFolder, nearestOf } from '@app/domain';
import { dumpFolderOf } from './dump-folder.js';
import { MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './file-suffixes.js';

/** A folder of backups: its path, and how it is shown to people. */
export interface BackupLocation {
  /** The absolute path, with links resolved. */
  readonly folder: string;
  /** Returns the path of a file in it as answers show it: `./backups/shop_20261122_101500.sql`. */
  display(filename: string): string;
}

export interface BackupFile {
  readonly path: string;
  readonly display: string;
  readonly location: BackupLocation;
  readonly filename: string;
}

/** Throws STORAGE_MISSING when the storage that was used before is not there. */
export interface StorageGuard {
  /** Passes when the root is the same storage as before, or was never used. */
  require(root: string): Promise<void>;
  /** Does the same for a root that exists and will be written. */
  establish(root: string): Promise<void>;
  /** Does {@link require} for a folder below a root, which is known only if something was mounted there. */
  requireBelow(folder: string): Promise<void>;
}

/** The folder in the first root that holds the copies of the catalog. No backup goes there. */
export const CATALOG_FOLDER = '.catalog';

const MAX_PATH_LENGTH = 4096;
/** How many names are enough to recognise the program that wrote a folder. */
const NAMES_READ = 1_000;
const FOLDER_HINT =
  'Name one backup file, as GET /api/backups lists it. The folder of pg_dump --format=directory is restored when it is ' +
  'packed: tar -cf dump.tar FOLDER.';

/**
 * Keeps every path that a caller names inside the backup roots, symbolic links followed. The first root is the default
 * location. Relative paths are relative to the working directory, as the specification's `./backups` is.
 */
export class BackupLocations {
  private readonly workingDirectory: string;
  private readonly defaultLocation: string;
  private readonly allowedRoots: readonly string[];
  private readonly guard: StorageGuard | undefined;
  private readonly mounts: () => Promise<readonly string[]>;

  constructor(options: {
    defaultLocation: string;
    allowedRoots?: readonly string[];
    workingDirectory?: string;
    guard?: StorageGuard;
    /** Returns the absolute paths of the folders on which something is mounted. */
    mounts?: () => Promise<readonly string[]>;
  }) {
    this.guard = options.guard;
    this.mounts = options.mounts ?? mountPoints;
    this.workingDirectory = options.workingDirectory ?? process.cwd();
    this.defaultLocation = options.defaultLocation;
    this.allowedRoots = [options.defaultLocation, ...(options.allowedRoots ?? [])].map((root) => this.absolute(root));
  }

  /** The roots as absolute paths, which need not exist yet. */
  get roots(): readonly string[] {
    return this.allowedRoots;
  }

  /** Throws STORAGE_MISSING when the storage of a folder, given by its real path, is away: its files are not gone then. */
  async requirePresent(folder: string): Promise<void> {
    for (const root of this.allowedRoots) {
      const real = await realpath(root).catch(() => root);
      const base = [root, real].find((each) => isWithin(folder, each));
      if (base !== undefined) return this.requireStorages(root, join(root, relative(base, folder)));
    }
    // The folder was behind a link that leads nowhere now.
    for (const root of this.allowedRoots) await this.guard?.require(root);
  }

  /** Returns a root by its absolute path, and creates it when it does not exist and was never used. Throws STORAGE_MISSING. */
  async prepareRoot(root: string): Promise<void> {
    await this.guard?.require(root);
    await makeFolder(root);
    await this.guard?.establish(root);
  }

  /** Returns a folder as an absolute path, which need not exist; the default one for undefined. */
  absolutePath(input: string | undefined): string {
    return this.absolute(input ?? this.defaultLocation);
  }

  /** Returns a folder to write into, and creates it when it does not exist. Throws INVALID_PATH when it is outside the roots. */
  async forWriting(input: string | undefined): Promise<BackupLocation> {
    const wanted = this.inside(input ?? this.defaultLocation, 'backup_location');
    try {
      // The operator chose the roots. Below them, a link must be refused before anything is created behind it.
      const root = this.rootOf(wanted);
      await this.prepareRoot(root).catch((error: unknown) => {
        throw rootError(error, root);
      });
      await this.requireStorages(root, wanted);
      await this.refuseReserved(wanted);
      await this.confine(await nearestExisting(wanted), 'backup_location');
      await makeFolder(wanted);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw folderError(error, this.show(wanted));
    }
    const folder = await this.confine(wanted, 'backup_location');
    await this.refuseReserved(folder);
    await this.requirePresent(folder);
    await this.establishMounts(folder);
    return this.location(folder, wanted);
  }

  /** Returns a folder to read; undefined when the default location does not exist yet. Throws LOCATION_NOT_FOUND for any other. */
  async forReading(input: string | undefined): Promise<BackupLocation | undefined> {
    const wanted = this.inside(input ?? this.defaultLocation, 'backup_location');
    await this.requireStorages(this.rootOf(wanted), wanted);
    try {
      const folder = await this.confine(wanted, 'backup_location');
      await this.refuseReserved(folder);
      if (!(await stat(folder)).isDirectory()) {
        if (this.allowedRoots.includes(wanted)) throw noFolder(wanted);
        throw invalidPath('backup_location', 'is a file, not a folder', 'Name the folder that holds the backups.');
      }
      return this.location(folder, wanted);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') {
        if (error instanceof DomainError) throw error;
        const root = this.rootOf(wanted);
        throw folderError(wanted === root ? rootError(error, root) : error, this.show(wanted));
      }
      if (wanted === this.allowedRoots[0]) return undefined;
      await this.confineNearest(wanted, 'backup_location');
      throw new DomainError('LOCATION_NOT_FOUND', `There is no folder ${this.show(wanted)}.`, {
        hint: 'It is made by the first backup into it; check the spelling of backup_location.',
      });
    }
  }

  /** Returns an existing file in the roots. Throws BACKUP_NOT_FOUND, or INVALID_PATH when it is outside or not a file. */
  async file(input: string): Promise<BackupFile> {
    const field = 'backup_file_path';
    let wanted: string;
    try {
      wanted = this.inside(input, field);
    } catch (error) {
      throw await this.withFileMeant(error, input);
    }
    await this.requireStorages(this.rootOf(wanted), dirname(wanted));
    let path: string;
    try {
      path = await this.confine(wanted, field);
      const found = await stat(path);
      if (found.isDirectory()) throw await isFolder(field, path);
      if (!found.isFile()) {
        throw invalidPath(field, 'is not a file', 'Name one backup file, as GET /api/backups lists it.');
      }
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (errorCodeOf(error) !== 'ENOENT' && errorCodeOf(error) !== 'ENOTDIR')
        throw folderError(error, this.show(wanted));
      await this.confineNearest(wanted, field);
      const meant = await this.nearestFile(wanted);
      const list = 'GET /api/backups lists the files that there are.';
      throw new DomainError('BACKUP_NOT_FOUND', `There is no backup file ${this.show(wanted)}.`, {
        hint: meant === undefined ? list : `Did you mean ${meant}? ${list}`,
      });
    }
    const location = this.location(dirname(path), dirname(wanted));
    return { path, filename: basename(path), location, display: this.show(wanted) };
  }

  /** Returns the location of a folder by its real path; undefined when it is gone, or no longer inside the roots. */
  async at(folder: string): Promise<BackupLocation | undefined> {
    const real = await realpath(folder).catch(() => undefined);
    if (real !== folder) return undefined;
    for (const root of this.allowedRoots) {
      const realRoot = await realpath(root).catch(() => undefined);
      if (realRoot === undefined || !isWithin(folder, realRoot)) continue;
      return this.location(folder, join(root, relative(realRoot, folder)));
    }
    return undefined;
  }

  /** `folder` is a path in the root, by the root's own path. A mount below a root is a storage of its own. */
  private async requireStorages(root: string, folder: string): Promise<void> {
    await this.guard?.require(root);
    for (let below = folder; isWithin(below, root) && below !== root; below = dirname(below)) {
      await this.guard?.requireBelow(below);
    }
  }

  /** Returns the mounts below the roots that contain a folder, given by its real path. A mount that is gone leaves its folder behind. */
  private async establishMounts(folder: string): Promise<void> {
    if (this.guard === undefined) return;
    for (const root of this.allowedRoots) {
      const real = await realpath(root).catch(() => root);
      if (!isWithin(folder, real) || folder === real) continue;
      const within = (await this.mounts()).filter((mount) => isWithin(folder, mount) && isWithin(mount, real));
      for (const mount of within) if (mount !== real) await this.guard.establish(join(root, relative(real, mount)));
    }
  }

  /** Suggests a file of the default folder, as callers who give no folder, or another one, mostly mean that. */
  private async withFileMeant(error: unknown, input: string): Promise<unknown> {
    if (!(error instanceof DomainError) || error.hint === undefined) return error;
    if (input.trim() === '' || input.includes('\0') || input.length > MAX_PATH_LENGTH) return error;
    const meant = await this.nearestFile(join(this.absolute(this.defaultLocation), basename(input))).catch(
      () => undefined,
    );
    if (meant === undefined) return error;
    return invalidPath('backup_file_path', 'leads outside the backup folders', `Did you mean ${meant}? ${error.hint}`);
  }

  /** Returns the file that was probably meant, in the given folder or else in the default one. */
  private async nearestFile(wanted: string): Promise<string | undefined> {
    for (const folder of new Set([dirname(wanted), this.absolute(this.defaultLocation)])) {
      const real = await this.confine(folder, 'backup_file_path').catch(() => undefined);
      if (real === undefined) continue;
      const names = await readdir(real).catch(() => []);
      const files = names.filter((name) => !name.endsWith(MANIFEST_SUFFIX) && !name.endsWith(PARTIAL_SUFFIX));
      const same = files.find((name) => name === basename(wanted));
      const meant = same ?? nearestOf(basename(wanted), files);
      if (meant !== undefined) return this.show(join(folder, meant));
    }
    return undefined;
  }

  private location(folder: string, asGiven: string): BackupLocation {
    return { folder, display: (filename) => this.show(join(asGiven, filename)) };
  }

  /** Returns the root that contains a path. */
  private rootOf(path: string): string {
    return this.allowedRoots.find((root) => isWithin(path, root)) as string;
  }

  private absolute(path: string): string {
    return isAbsolute(path) ? resolve(path) : resolve(this.workingDirectory, path);
  }

  /**
   * Returns `./…` when the path is below the working directory and the root is relative, and an absolute path when the operator
   * named an absolute root.
   */
  private show(path: string): string {
    const inWorkingDirectory = relative(this.workingDirectory, path);
    const rootIsRelative = !isAbsolute(this.defaultLocation);
    if (rootIsRelative && isWithin(path, this.workingDirectory)) return `./${inWorkingDirectory.split(sep).join('/')}`;
    return path;
  }

  private inside(input: string, field: string): string {
    if (input.trim() === '') throw invalidPath(field, 'is empty', 'Leave it out for the default folder, or name one.');
    if (input.includes('\0')) throw invalidPath(field, 'contains a NUL character', 'Name a path without it.');
    if (input.length > MAX_PATH_LENGTH)
      throw invalidPath(field, 'is too long', `At most ${MAX_PATH_LENGTH} characters.`);
    const path = this.absolute(input);
    if (!this.allowedRoots.some((root) => isWithin(path, root))) throw this.outside(field);
    return path;
  }

  /** Returns the real path if it is in a root. It follows links before the comparison. */
  private async confine(path: string, field: string): Promise<string> {
    const real = await realpath(path);
    for (const root of this.allowedRoots) {
      const realRoot = await realpath(root).catch(() => undefined);
      if (realRoot !== undefined && isWithin(real, realRoot)) return real;
    }
    throw this.outside(field);
  }

  /** A missing path must not reveal whether something exists behind a link that leads outside. */
  private async confineNearest(wanted: string, field: string): Promise<void> {
    const nearest = await nearestExisting(wanted);
    // Above the roots there is no link of a caller: the root just does not exist yet.
    if (this.allowedRoots.some((root) => isWithin(nearest, root))) await this.confine(nearest, field);
  }

  private async refuseReserved(folder: string): Promise<void> {
    for (const root of this.allowedRoots) {
      for (const base of [root, await realpath(root).catch(() => root)]) {
        // Some file systems do not tell letter cases apart.
        if (!isWithin(folder.toLowerCase(), join(base, CATALOG_FOLDER).toLowerCase())) continue;
        throw invalidPath(
          'backup_location',
          'is where the service keeps copies of its catalog',
          'Name another folder.',
        );
      }
    }
  }

  private outside(field: string): DomainError {
    const roots = this.allowedRoots.map((root) => this.show(root)).join(', ');
    return invalidPath(
      field,
      'leads outside the backup folders',
      `Use a path inside ${roots}, or let the operator add the folder to BACKUP_ALLOWED_DIRS.`,
    );
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
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

async function nearestExisting(path: string): Promise<string> {
  let candidate = path;
  for (;;) {
    try {
      await realpath(candidate);
      return candidate;
    } catch (error) {
      const parent = dirname(candidate);
      const code = errorCodeOf(error);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === candidate) throw error;
      candidate = parent;
    }
  }
}

function invalidPath(field: string, fault: string, hint: string): DomainError {
  return new DomainError('INVALID_PATH', `${field} ${fault}.`, {
    hint,
    fields: [{ field, message: `${fault}. ${hint}` }],
  });
}

/** Returns the error for a root that is a file, as the caller has not chosen it and cannot name another one. */
function rootError(error: unknown, root: string): unknown {
  return ['ENOTDIR', 'EEXIST'].includes(errorCodeOf(error) ?? '') ? noFolder(root) : error;
}

function noFolder(root: string): DomainError {
  return new DomainError('STORAGE_MISSING', `The storage ${root} is no folder: a file is in the way.`, {
    hint: 'Move that file away, or let the operator set BACKUP_DIR or BACKUP_ALLOWED_DIRS to a folder.',
  });
}

function folderError(error: unknown, shown: string): DomainError {
  if (error instanceof DomainError) return error;
  const code = errorCodeOf(error);
  if (code === 'ENAMETOOLONG') return invalidPath('backup_location', 'has a part that is too long', 'Shorten it.');
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DomainError('NO_SPACE', `No space left to make ${shown}.`);
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return invalidPath('backup_location', 'goes through a file', 'Name a folder.');
  }
  return new DomainError('STORAGE_FAILED', `The folder ${shown} cannot be used (${code ?? 'unknown fault'}).`, {
    hint: 'Check that the service may read and write there.',
    cause: error,
  });
}

/** Makes an error that says which program wrote a folder of files, where that is known. */
async function isFolder(field: string, path: string): Promise<DomainError> {
  const names: string[] = [];
  for await (const { name } of await opendir(path)) {
    names.push(name);
    if (names.length === NAMES_READ) break;
  }
  const known = dumpFolderOf(names);
  return known === undefined
    ? invalidPath(field, 'is a folder', FOLDER_HINT)
    : invalidPath(field, `is ${known.is}`, known.hint);
}
