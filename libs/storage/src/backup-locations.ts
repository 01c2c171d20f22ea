import type { ArtifactAddress, ArtifactFolder } from '@app/domain';

/** A folder of backups: where it is, and how it is shown to people. */
export interface BackupLocation extends ArtifactFolder {
  /** Returns the name of a file in it as answers show it: `./backups/shop_20261122_101500.sql`. */
  display(filename: string): string;
}

export interface BackupFile extends ArtifactAddress {
  readonly filename: string;
  readonly display: string;
  readonly location: BackupLocation;
}

/** Translates between what callers write as `backup_location` and `backup_file_path` and what the service knows. */
export interface BackupLocations {
  /** Returns a folder to write into, and creates it when it does not exist. Throws INVALID_PATH when it is in no storage. */
  forWriting(input: string | undefined): Promise<BackupLocation>;

  /** Returns a folder to read; undefined when the default location does not exist yet. Throws LOCATION_NOT_FOUND for any other. */
  forReading(input: string | undefined): Promise<BackupLocation | undefined>;

  /** Returns an existing file. Throws BACKUP_NOT_FOUND, or INVALID_PATH when it is in no storage or not a file. */
  file(input: string): Promise<BackupFile>;

  /** Returns the folder that is meant, which need not exist; undefined when it is in no storage. Looks at no storage. */
  folderMeant(input: string | undefined): ArtifactFolder | undefined;
}

/** A storage that is not the one that was used before, or not there. */
export interface StorageProblem {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** Lets a person decide about storages that are away or were exchanged. */
export interface StorageSites {
  problems(): Promise<StorageProblem[]>;
  /**
   * Takes what is at `path` for the storage from now on. Returns `forgotten` for a mount below a storage that is not there any
   * more. Throws INVALID_PATH for a path that is no storage; STORAGE_MISSING when the storage that holds the mount is away.
   */
  accept(path: string): Promise<'accepted' | 'forgotten'>;
}

/** The folder in the first storage that holds the copies of the catalog. No backup goes there. */
export const CATALOG_FOLDER = '.catalog';
