import { DomainError } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import type { ArtifactStorage } from './artifact-storage.js';
import type { BackupLocation } from './backup-locations.js';

/** The storages of this service: those of the configuration, and those that people have added. Addresses name them by their ids. */
export class StorageRegistry {
  private readonly storages = new Map<string, ArtifactStorage>();
  private added = new Set<string>();

  /** The first storage is the default one. Two storages with one id are an error of the configuration. */
  constructor(storages: readonly ArtifactStorage[]) {
    if (storages.length === 0) throw new RangeError('A service needs a storage.');
    for (const storage of storages) {
      if (this.storages.has(storage.id)) throw new RangeError(`Two storages have the id "${storage.id}".`);
      this.storages.set(storage.id, storage);
    }
  }

  /** Takes these for the storages that people have added, in place of those that it had before. Those of the configuration stay. */
  replaceAdded(storages: readonly ArtifactStorage[]): void {
    for (const id of this.added) this.storages.delete(id);
    this.added = new Set(storages.map(({ id }) => id));
    for (const storage of storages) this.storages.set(storage.id, storage);
  }

  /** Returns the added storage of this name; undefined when there is none. */
  named(name: string): ArtifactStorage | undefined {
    return this.all().find((storage) => this.added.has(storage.id) && storage.name === name);
  }

  /** Returns all storages, the default one first. */
  all(): readonly ArtifactStorage[] {
    return [...this.storages.values()];
  }

  get default(): ArtifactStorage {
    return this.all()[0] as ArtifactStorage;
  }

  get ids(): string[] {
    return [...this.storages.keys()];
  }

  /** Returns the storage of an artifact or folder. Throws STORAGE_MISSING for one that this service does not have. */
  of({ storageId }: { readonly storageId: string }): ArtifactStorage {
    const storage = this.storages.get(storageId);
    if (storage !== undefined) return storage;
    throw new DomainError('STORAGE_MISSING', `This service has no storage "${storageId}".`, {
      hint: 'Start it with the settings of that storage again, or add the storage again with POST /api/storages.',
    });
  }

  /** Does `ArtifactStorage.location`; undefined also where this service does not have the storage. */
  async location({ storageId, folder }: ArtifactFolder): Promise<BackupLocation | undefined> {
    return this.storages.get(storageId)?.location(folder);
  }

  /** Does `ArtifactStorage.requirePresent`. */
  async requirePresent(folder: ArtifactFolder): Promise<void> {
    await this.of(folder).requirePresent(folder.folder);
  }
}
