export { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './file-suffixes.js';
import type { Readable } from 'node:stream';
import type { BackupLocation } from './backup-locations.js';

/**
 * The place of artifacts. An artifact becomes a backup at one point only: when its manifest appears beside it. A crash at any
 * moment leaves either a whole backup or files that {@link ArtifactStorage.sweep} recognises as its own and removes or
 * completes; it never touches a file that this service did not write.
 */
export interface ArtifactStorage {
  /** Returns the bytes that can still be written to the location; undefined where that is not known. */
  freeBytes(location: BackupLocation): Promise<number | undefined>;

  /** Returns the same, and the total bytes of the file system. */
  space(location: BackupLocation): Promise<{ free: number; total: number } | undefined>;

  /**
   * Begins an artifact named `stem + extension`, or `stem_2`, `stem_3`, … where that name is taken. Fails with NO_SPACE or
   * STORAGE_FAILED, and leaves nothing then.
   */
  create(location: BackupLocation, stem: string, extension: string): Promise<ArtifactWriter>;

  /** Lists every regular file of the folder except partial files, manifests and role scripts, in no particular order. */
  list(location: BackupLocation): Promise<StoredFile[]>;

  /** Returns one file as {@link list} shows it; undefined when there is none. */
  stat(path: string): Promise<StoredFile | undefined>;

  /**
   * Returns a state that changes when a file of the folder appears, vanishes or is renamed, but not when one is altered in place.
   * Undefined when there is no such folder, and for some seconds after a change, since the next change might look the same.
   */
  folderState(folder: string): Promise<string | undefined>;

  /** Returns the real paths of the folders below `root` that hold a manifest; none when there is no root. */
  foldersWithBackups(root: string): Promise<string[]>;

  /**
   * Opens a file for several reads of the same bytes, even when it is renamed or removed meanwhile. Throws BACKUP_NOT_FOUND when
   * there is none, or STORAGE_FAILED.
   */
  open(path: string): Promise<OpenArtifact>;

  /** Returns the text of an artifact's manifest; undefined when there is none. */
  readManifest(artifactPath: string): Promise<string | undefined>;

  /** Returns the role script of an artifact; undefined when there is none. */
  readGlobals(artifactPath: string): Promise<string | undefined>;

  /**
   * Replaces the text of the manifest, all or nothing. Returns false, and changes nothing, when it is not `before` any more.
   */
  replaceManifest(artifactPath: string, before: string, text: string): Promise<boolean>;

  /** Removes a backup, first its manifest, so that a crash in between leaves no backup without its data. */
  remove(artifactPath: string): Promise<void>;

  /** Completes or removes what a killed process left in the folder and in those below it. */
  sweep(root: string): Promise<SweepResult>;
}

export interface ArtifactWriter {
  readonly filename: string;
  /** Resolves when the system has taken the bytes. The caller awaits it before the next write, which is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;
  /** Reads the bytes back that were written so far. */
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
  readonly path: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
  readonly hasManifest: boolean;
  /** Undefined when there is no manifest. */
  readonly manifestModifiedAt: Date | undefined;
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
