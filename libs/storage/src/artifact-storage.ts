export { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './file-suffixes.js';
import type { Readable } from 'node:stream';
import type { BackupLocation } from './backup-locations.js';

/**
 * A place of artifacts. It knows them by their keys (see `ArtifactAddress`) and says nothing of where it has them. A folder is
 * the beginning of keys, without the last "/"; the empty text is the root.
 *
 * An artifact becomes a backup at one point only: when its manifest appears beside it. A crash at any moment leaves either a
 * whole backup or files that {@link ArtifactStorage.sweep} recognises as its own and removes or completes; it never touches a
 * file that this service did not write.
 */
export interface ArtifactStorage {
  /** The `storageId` of its artifacts. */
  readonly id: string;
  /** The name in messages. */
  readonly name: string;
  /**
   * Whether each question is a request over a network. Lists then trust the catalog for a while instead of asking for each file, as
   * others seldom change such a storage.
   */
  readonly isRemote: boolean;

  /** Makes the storage ready for backups. Throws STORAGE_MISSING when it is not the one that was used before. */
  prepare(): Promise<void>;

  /** Throws STORAGE_MISSING while the storage, or a part of it that holds the folder, is away: its backups are not gone then. */
  requirePresent(folder?: string): Promise<void>;

  /** Returns a folder with its name for people; undefined when it is gone, or leads out of the storage. */
  location(folder: string): Promise<BackupLocation | undefined>;

  /** Tells whether backups can be read from a folder and written into it now. Never rejects. */
  health(folder: string): Promise<StorageHealth>;

  /** Says why no backup can be written now, as the end of a sentence; undefined when one can. Never rejects. */
  blocker(): Promise<string | undefined>;

  /** Returns the bytes that can still be written into a folder, and the bytes of all; undefined where that is not known. */
  space(folder: string): Promise<StorageSpace | undefined>;

  /**
   * Begins an artifact named `stem + extension`, or `stem_2`, `stem_3`, … where that name is taken. Fails with NO_SPACE or
   * STORAGE_FAILED, and leaves nothing then.
   */
  create(folder: string, stem: string, extension: string, options?: CreateOptions): Promise<ArtifactWriter>;

  /** Lists every regular file of a folder except partial files, manifests and role scripts, in no particular order. */
  list(folder: string): Promise<StoredFile[]>;

  /** Returns one file as {@link list} shows it; undefined when there is none. */
  stat(key: string): Promise<StoredFile | undefined>;

  /** Whether the file is there and its bytes may be read. Never rejects. */
  isReadable(key: string): Promise<boolean>;

  /**
   * Returns a state that changes when a file of the folder appears, vanishes or is renamed, but not when one is altered in place.
   * Undefined when there is no such folder, where the storage cannot tell, and for some seconds after a change, since the next
   * change might look the same.
   */
  folderState(folder: string): Promise<string | undefined>;

  /** Returns the folders that hold a manifest; none when there is no storage yet. */
  foldersWithBackups(): Promise<string[]>;

  /**
   * Opens a file for several reads of the same bytes. When it is exchanged, renamed or removed meanwhile, they go on where the storage
   * still has these bytes, and fail with STORAGE_FAILED where it has not. Throws BACKUP_NOT_FOUND when there is none, or STORAGE_FAILED.
   */
  open(key: string): Promise<OpenArtifact>;

  /** Returns the text of an artifact's manifest; undefined when there is none. */
  readManifest(key: string): Promise<string | undefined>;

  /** Returns the role script of an artifact; undefined when there is none. */
  readGlobals(key: string): Promise<string | undefined>;

  /**
   * Replaces the text of the manifest, all or nothing. Returns false, and changes nothing, when it is not `before` any more.
   */
  replaceManifest(key: string, before: string, text: string): Promise<boolean>;

  /** Removes a backup, first its manifest, so that a crash in between leaves no backup without its data. */
  remove(key: string): Promise<void>;

  /** Completes or removes what a killed process left. It leaves alone what a living one may still be writing. */
  sweep(): Promise<SweepResult>;
}

export interface CreateOptions {
  /** How many bytes it will probably have, where that is known; it may become longer. */
  expectedBytes?: number;
}

export type StorageHealth = 'fine' | 'low' | 'unwritable' | 'missing';

export interface StorageSpace {
  readonly free: number;
  readonly total: number;
}

/** The service that writes into storages. */
export interface StorageWriter {
  /** The id of this run of the service. */
  run: string;
  /** Earlier runs on the same DATA_DIR. They are all dead, as one run at a time can work on it. */
  pastRuns: ReadonlySet<string>;
}

export interface ArtifactWriter {
  readonly filename: string;
  /** Resolves when the storage has taken the bytes. The caller awaits it before the next write, which is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;
  /** Reads back all bytes. Nothing may be written afterwards. */
  readBack(): Readable;
  /**
   * Makes artifact, `globals` and manifest durable and visible, in that order. The writer cannot be used afterwards. `globals` is
   * the role script of the artifact.
   */
  publish(manifestText: string, globals?: string): Promise<StoredFile>;
  /** Removes every trace. Safe to call at any time, also after a failed `publish`. */
  discard(): Promise<void>;
}

export interface StoredFile {
  readonly key: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
  readonly hasManifest: boolean;
  /** Undefined when there is no manifest. */
  readonly manifestModifiedAt: Date | undefined;
  /** The id of the file where no manifest of ours tells one. It is stable as long as the file keeps its name and place. */
  readonly foreignId: string;
}

/** The bytes from `start`, counted from 0, to before `end`. */
export interface BytePart {
  readonly start: number;
  readonly end: number;
}

export interface OpenArtifact extends AsyncDisposable {
  readonly size: number;
  /** When the file was last changed. */
  readonly modifiedAt: Date;
  /** Reads up to `length` bytes from the beginning. */
  head(length: number): Promise<Buffer>;
  /** Passes all bytes in order to `visit`, which must not keep the buffer, as it is used again. */
  scan(visit: (chunk: Buffer) => void): Promise<void>;
  /**
   * Returns a new stream from the first byte to the last, or of a part only. `onRead` receives how many bytes were read so far.
   * Destroying the stream stops the reading. It fails with STORAGE_FAILED for a part that the file does not have (any more).
   */
  stream(onRead?: (bytes: number) => void, part?: BytePart): Readable;
  /**
   * Whether the file is still the one that was opened, with the same length and time of change, and no other has taken
   * its name.
   */
  unchanged(): Promise<boolean>;
  close(): Promise<void>;
}

export interface SweepResult {
  /** The file names of artifacts whose publication was completed. */
  completed: string[];
  /** The file names of partial artifacts that were removed. */
  removed: string[];
  /** Whether files are left that another sweep, ten minutes later, may find to be those of a dead service. */
  undecided: boolean;
}
