import type { LocalStorage } from '../local/local-storage.js';
import { localStorages } from '../local/local-storages.js';
import type { LocalStorages, LocalStoragesOptions } from '../local/local-storages.js';
import { StorageKinds } from '../storage-kinds.js';
import type { StorageRegistry } from '../storage-registry.js';

/** Opens local storages as the runtime does. */
export function openLocalStorages(options: LocalStoragesOptions): LocalStorages & { storages: StorageRegistry } {
  const local = localStorages(options);
  return { ...local, storages: new StorageKinds([local.factory]).open(local.configured) };
}

/** Makes a local storage of a folder. */
export function localStorageAt(folder: string, options: Partial<LocalStoragesOptions> = {}): LocalStorage {
  return openLocalStorages({ defaultLocation: folder, ...options }).storages.default as LocalStorage;
}
