import { stat } from 'node:fs/promises';
import { DomainError, errorCodeOf } from '@app/domain';
import { makeMarker, readMarker } from './storage-marker.js';

/** Throws STORAGE_MISSING when the storage that was used before is not there. */
export interface StorageGuard {
  /** Passes when the root is the same storage as before, or was never used. */
  require(root: string): Promise<void>;
  /** Does the same for a root that exists and will be written. */
  establish(root: string): Promise<void>;
  /** Does {@link require} for a folder below a root, which is known only if something was mounted there. */
  requireBelow(folder: string): Promise<void>;
}

/** Remembers the marker of the storage at each root. The catalog does. */
export interface RememberedRoots {
  identity(root: string): Promise<string | undefined>;
  remember(root: string, id: string): Promise<void>;
  forget(root: string): Promise<void>;
  /** Returns all roots. */
  paths(): Promise<string[]>;
}

/**
 * Recognises the storage at each root of backups: a marker in the root names the storage, and the catalog remembers it.
 * Without the marker, the empty folder of a mount that is gone would look like an empty storage.
 */
export class StorageIdentity implements StorageGuard {
  /** The identity in the catalog. Another service on the same catalog may have accepted another folder since. */
  private readonly known = new Map<string, string>();

  constructor(private readonly roots: RememberedRoots) {}

  async require(root: string): Promise<void> {
    const found = await this.marker(root);
    if (found !== undefined && found === this.known.get(root)) return;
    const remembered = await this.remembered(root);
    if (found === remembered) return;
    if (remembered !== undefined) throw await this.away(root, found);
    if (found !== undefined) await this.remember(root, found);
  }

  async establish(root: string): Promise<void> {
    await this.require(root);
    if ((await this.remembered(root)) !== undefined) return;
    await this.remember(root, await makeMarker(root));
  }

  async requireBelow(folder: string): Promise<void> {
    if (await this.knows(folder)) await this.require(folder);
  }

  /** Whether this root was ever a storage. */
  async knows(folder: string): Promise<boolean> {
    return this.known.has(folder) || (await this.remembered(folder)) !== undefined;
  }

  /** Makes the present folder the storage. Fails with the error of the file system when it cannot be written. */
  async accept(root: string): Promise<void> {
    await this.remember(root, (await readMarker(root)) ?? (await makeMarker(root)));
  }

  /** Forgets a mount that is gone for good, so that its folder may come and go like any other. */
  async forget(folder: string): Promise<void> {
    await this.roots.forget(folder);
    this.known.delete(folder);
  }

  /** Returns all roots and mounts that were ever a storage. */
  paths(): Promise<string[]> {
    return this.roots.paths();
  }

  private async remembered(root: string): Promise<string | undefined> {
    const known = await this.roots.identity(root);
    if (known !== undefined) this.known.set(root, known);
    return known;
  }

  private async remember(root: string, id: string): Promise<void> {
    await this.roots.remember(root, id);
    this.known.set(root, id);
  }

  private async marker(root: string): Promise<string | undefined> {
    try {
      return await readMarker(root);
    } catch (error) {
      throw new DomainError(
        'STORAGE_MISSING',
        `The storage ${root} cannot be read (${errorCodeOf(error) ?? 'unknown fault'}).`,
        {
          hint: 'Bring it back: mount it again, or let the service read it.',
          cause: error,
        },
      );
    }
  }

  private async away(root: string, found: string | undefined): Promise<DomainError> {
    const isThere = await stat(root).then(
      () => true,
      () => false,
    );
    const what = !isThere
      ? 'is not there'
      : found === undefined
        ? 'is not the one that was used before: its marker is missing, as when nothing is mounted there'
        : 'is another one than was used before';
    return new DomainError('STORAGE_MISSING', `The storage ${root} ${what}.`, {
      hint:
        'Nothing was written or forgotten. Mount the storage again; or, if this folder is to be the storage from now on, ' +
        'make it and call POST /api/settings/storage/accept.',
    });
  }
}
