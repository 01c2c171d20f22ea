/** Where a stored backup is: a storage, and a key in it. It is never a path of a host, which another host may not have. */
export interface ArtifactAddress {
  readonly storageId: string;
  /** The path below the root of the storage, with "/" between its parts. */
  readonly key: string;
}

/** A folder of a storage. Storages without folders take it for the beginning of keys. */
export interface ArtifactFolder {
  readonly storageId: string;
  /** The path below the root of the storage; empty for the root itself. */
  readonly folder: string;
}

/** Returns the last part of a key. */
export function filenameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Returns the folder of a key; empty for the root. */
export function folderOfKey(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

export function folderOf({ storageId, key }: ArtifactAddress): ArtifactFolder {
  return { storageId, folder: folderOfKey(key) };
}

/** Returns the key of a file in a folder. */
export function keyIn(folder: string, filename: string): string {
  return folder === '' ? filename : `${folder}/${filename}`;
}

/** Returns the same text for the same folder, for maps and sets. */
export function textOfFolder({ storageId, folder }: ArtifactFolder): string {
  return `${storageId}:${folder}`;
}
