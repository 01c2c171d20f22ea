import { DomainError, folderOfKey } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import type { ArtifactStorage } from './artifact-storage.js';
import type { BackupFile, BackupLocation, BackupLocations } from './backup-locations.js';
import type { StorageRegistry } from './storage-registry.js';

export const STORAGE_NAME_RULE = 'A name of 2 to 63 lower case letters, digits, "-" and "_", with a letter first.';
const NAME = /^[a-z][a-z0-9_-]{1,62}$/;
/** Other storages have such ids, or will have. */
const RESERVED = /^local(-|$)/;

/** Says what is wrong with the name of a storage; undefined if it is valid. */
export function storageNameFault(name: string): string | undefined {
  if (!NAME.test(name)) return 'must have 2 to 63 lower case letters, digits, "-" and "_", with a letter first';
  return RESERVED.test(name) ? 'must not begin with "local", which the folders of this machine have' : undefined;
}

/** `offsite:shop/shop_20261130_101500.sql`: the name of a storage, and a key in it. */
const ADDRESS = /^(?<name>[a-z][a-z0-9_-]+):(?<key>.*)$/s;

/** Understands `name:key` as an address in the storage of that name, and everything else as a path. */
export class NamedLocations implements BackupLocations {
  constructor(
    private readonly storages: StorageRegistry,
    private readonly paths: BackupLocations,
  ) {}

  async forWriting(input: string | undefined): Promise<BackupLocation> {
    const meant = this.meant(input);
    return meant === undefined ? this.paths.forWriting(input).catch(unlessNamed(input)) : this.locationOf(meant);
  }

  async forReading(input: string | undefined): Promise<BackupLocation | undefined> {
    const meant = this.meant(input);
    return meant === undefined ? this.paths.forReading(input).catch(unlessNamed(input)) : this.locationOf(meant);
  }

  async file(input: string): Promise<BackupFile> {
    const meant = this.meant(input);
    if (meant === undefined) return this.paths.file(input).catch(unlessNamed(input));
    const { storage, key, shown } = meant;
    const file = key === '' ? undefined : await storage.stat(key);
    if (file === undefined) throw new DomainError('BACKUP_NOT_FOUND', `There is no backup ${shown}.`);
    const location = await this.locationOf({ ...meant, key: folderOfKey(key) });
    const { filename } = file;
    return { storageId: storage.id, key, filename, display: location.display(filename), location };
  }

  folderMeant(input: string | undefined): ArtifactFolder | undefined {
    const meant = this.meant(input);
    return meant === undefined ? this.paths.folderMeant(input) : { storageId: meant.storage.id, folder: meant.key };
  }

  /** Returns undefined for what is no address of an added storage. Throws INVALID_PATH for a key that cannot be one. */
  private meant(input: string | undefined): Address | undefined {
    const { name = '', key = '' } = ADDRESS.exec(input ?? '')?.groups ?? {};
    const storage = this.storages.named(name);
    if (storage === undefined) return undefined;
    const shown = `${name}:${key}`;
    const plain = key.replace(/\/+$/, '');
    if (plain === '') return { storage, key: '', shown };
    const parts = plain.split('/');
    if (parts.every((part) => part !== '' && part !== '.' && part !== '..') && !plain.includes('\0')) {
      return { storage, key: plain, shown };
    }
    throw new DomainError('INVALID_PATH', `${shown} is no address of a backup or folder.`, {
      hint: `Write ${name}:folder/file, without "." or ".." or an empty part.`,
    });
  }

  private async locationOf({ storage, key, shown }: Address): Promise<BackupLocation> {
    const location = await storage.location(key);
    if (location !== undefined) return location;
    throw new DomainError('LOCATION_NOT_FOUND', `There is no folder ${shown}.`);
  }
}

/** Throws a failure again, but for a path that looks like an address: whoever wrote it meant a storage. */
function unlessNamed(input = ''): (error: unknown) => never {
  return (error) => {
    const name = ADDRESS.exec(input)?.groups?.['name'];
    if (name === undefined || !(error instanceof DomainError)) throw error;
    if (!['INVALID_PATH', 'LOCATION_NOT_FOUND', 'BACKUP_NOT_FOUND'].includes(error.code)) throw error;
    throw new DomainError(error.code, `There is no storage "${name}".`, {
      hint: 'GET /api/storages lists the storages. A path of this machine that looks like an address begins with "./".',
      cause: error,
    });
  };
}

interface Address {
  readonly storage: ArtifactStorage;
  /** Of a file or a folder, without a "/" at its end. */
  readonly key: string;
  /** As it was written. */
  readonly shown: string;
}
