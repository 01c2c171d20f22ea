import { opendir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DomainError, errorCodeOf, folderOf, makeFolder, nearestOf } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import { CATALOG_FOLDER } from '../backup-locations.js';
import type { BackupFile, BackupLocation, BackupLocations } from '../backup-locations.js';
import { dumpFolderOf } from '../dump-folder.js';
import { MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '../file-suffixes.js';
import { isWithin, keyOf } from './local-roots.js';
import type { ConfinedPath, LocalRoots } from './local-roots.js';

const MAX_PATH_LENGTH = 4096;
/** How many names are enough to recognise the program that wrote a folder. */
const NAMES_READ = 1_000;
const FOLDER_HINT =
  'Name one backup file, as GET /api/backups lists it. The folder of pg_dump --format=directory is restored when it is ' +
  'packed: tar -cf dump.tar FOLDER.';

/** Keeps every path that a caller names inside the roots, symbolic links followed. The first root is the default location. */
export class LocalLocations implements BackupLocations {
  constructor(private readonly roots: LocalRoots) {}

  folderMeant(input: string | undefined): ArtifactFolder | undefined {
    const path = this.roots.absolute(input ?? this.roots.defaultLocation);
    const root = this.roots.containing(path);
    return root && { storageId: root.storageId, folder: keyOf(root.path, path) };
  }

  async forWriting(input: string | undefined): Promise<BackupLocation> {
    const wanted = this.inside(input ?? this.roots.defaultLocation, 'backup_location');
    try {
      // The operator chose the roots. Below them, a link must be refused before anything is created behind it.
      const root = this.rootOf(wanted);
      await this.roots.prepare(root).catch((error: unknown) => {
        throw rootError(error, root);
      });
      await this.roots.requirePresent(root, wanted);
      await this.refuseReserved(wanted);
      await this.confine(await nearestExisting(wanted), 'backup_location');
      await makeFolder(wanted);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw folderError(error, this.roots.show(wanted));
    }
    const confined = await this.confine(wanted, 'backup_location');
    await this.refuseReserved(confined.real);
    await this.roots.requirePresent(confined.root, join(confined.root, confined.key));
    await this.roots.establishMounts(confined.real);
    return this.location({ storageId: confined.storageId, folder: confined.key }, wanted);
  }

  async forReading(input: string | undefined): Promise<BackupLocation | undefined> {
    const wanted = this.inside(input ?? this.roots.defaultLocation, 'backup_location');
    await this.roots.requirePresent(this.rootOf(wanted), wanted);
    try {
      const confined = await this.confine(wanted, 'backup_location');
      await this.refuseReserved(confined.real);
      if (!(await stat(confined.real)).isDirectory()) {
        if (this.roots.paths.includes(wanted)) throw noFolder(wanted);
        throw invalidPath('backup_location', 'is a file, not a folder', 'Name the folder that holds the backups.');
      }
      return this.location({ storageId: confined.storageId, folder: confined.key }, wanted);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') {
        if (error instanceof DomainError) throw error;
        const root = this.rootOf(wanted);
        throw folderError(wanted === root ? rootError(error, root) : error, this.roots.show(wanted));
      }
      if (wanted === this.roots.default.path) return undefined;
      await this.confineNearest(wanted, 'backup_location');
      throw new DomainError('LOCATION_NOT_FOUND', `There is no folder ${this.roots.show(wanted)}.`, {
        hint: 'It is made by the first backup into it; check the spelling of backup_location.',
      });
    }
  }

  async file(input: string): Promise<BackupFile> {
    const field = 'backup_file_path';
    let wanted: string;
    try {
      wanted = this.inside(input, field);
    } catch (error) {
      throw await this.withFileMeant(error, input);
    }
    await this.roots.requirePresent(this.rootOf(wanted), dirname(wanted));
    let confined: ConfinedPath;
    try {
      confined = await this.confine(wanted, field);
      const found = await stat(confined.real);
      if (found.isDirectory()) throw await isFolder(field, confined.real);
      if (!found.isFile()) {
        throw invalidPath(field, 'is not a file', 'Name one backup file, as GET /api/backups lists it.');
      }
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (errorCodeOf(error) !== 'ENOENT' && errorCodeOf(error) !== 'ENOTDIR')
        throw folderError(error, this.roots.show(wanted));
      await this.confineNearest(wanted, field);
      const meant = await this.nearestFile(wanted);
      const list = 'GET /api/backups lists the files that there are.';
      throw new DomainError('BACKUP_NOT_FOUND', `There is no backup file ${this.roots.show(wanted)}.`, {
        hint: meant === undefined ? list : `Did you mean ${meant}? ${list}`,
      });
    }
    const { storageId, key, real } = confined;
    const location = this.location(folderOf({ storageId, key }), dirname(wanted));
    return { storageId, key, filename: basename(real), location, display: this.roots.show(wanted) };
  }

  /** Suggests a file of the default folder, as callers who give no folder, or another one, mostly mean that. */
  private async withFileMeant(error: unknown, input: string): Promise<unknown> {
    if (!(error instanceof DomainError) || error.hint === undefined) return error;
    if (input.trim() === '' || input.includes('\0') || input.length > MAX_PATH_LENGTH) return error;
    const meant = await this.nearestFile(join(this.roots.default.path, basename(input))).catch(() => undefined);
    if (meant === undefined) return error;
    return invalidPath('backup_file_path', 'leads outside the backup folders', `Did you mean ${meant}? ${error.hint}`);
  }

  /** Returns the file that was probably meant, in the given folder or else in the default one. */
  private async nearestFile(wanted: string): Promise<string | undefined> {
    for (const folder of new Set([dirname(wanted), this.roots.default.path])) {
      const confined = await this.confine(folder, 'backup_file_path').catch(() => undefined);
      if (confined === undefined) continue;
      const names = await readdir(confined.real).catch(() => []);
      const files = names.filter((name) => !name.endsWith(MANIFEST_SUFFIX) && !name.endsWith(PARTIAL_SUFFIX));
      const same = files.find((name) => name === basename(wanted));
      const meant = same ?? nearestOf(basename(wanted), files);
      if (meant !== undefined) return this.roots.show(join(folder, meant));
    }
    return undefined;
  }

  private location({ storageId, folder }: ArtifactFolder, asGiven: string): BackupLocation {
    return { storageId, folder, display: (filename) => this.roots.show(join(asGiven, filename)) };
  }

  /** Returns the root that contains a path which {@link inside} has returned. */
  private rootOf(path: string): string {
    return this.roots.containing(path)?.path ?? this.roots.default.path;
  }

  private inside(input: string, field: string): string {
    if (input.trim() === '') throw invalidPath(field, 'is empty', 'Leave it out for the default folder, or name one.');
    if (input.includes('\0')) throw invalidPath(field, 'contains a NUL character', 'Name a path without it.');
    if (input.length > MAX_PATH_LENGTH)
      throw invalidPath(field, 'is too long', `At most ${MAX_PATH_LENGTH} characters.`);
    const path = this.roots.absolute(input);
    if (this.roots.containing(path) === undefined) throw this.outside(field);
    return path;
  }

  /** Returns the place of an existing path if it is in a root. It follows links before the comparison. */
  private async confine(path: string, field: string): Promise<ConfinedPath> {
    const confined = await this.roots.confined(path);
    if (confined === undefined) throw this.outside(field);
    return confined;
  }

  /** A missing path must not reveal whether something exists behind a link that leads outside. */
  private async confineNearest(wanted: string, field: string): Promise<void> {
    const nearest = await nearestExisting(wanted);
    // Above the roots there is no link of a caller: the root just does not exist yet.
    if (this.roots.containing(nearest) !== undefined) await this.confine(nearest, field);
  }

  private async refuseReserved(folder: string): Promise<void> {
    for (const root of this.roots.paths) {
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
    const roots = this.roots.paths.map((root) => this.roots.show(root)).join(', ');
    return invalidPath(
      field,
      'leads outside the backup folders',
      `Use a path inside ${roots}, or let the operator add the folder to BACKUP_ALLOWED_DIRS.`,
    );
  }
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
