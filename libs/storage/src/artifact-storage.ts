export { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from './file-suffixes.js';
import type { Readable } from 'node:stream';
import type { BackupLocation } from './backup-locations.js';

/**
 * Where artifacts live. An artifact becomes a backup at one point only: when its manifest appears beside it. A crash
 * at any moment leaves either a whole backup or something that {@link ArtifactStorage.sweep} recognises as its own and
 * removes or completes; a file that this service did not write is never touched.
 */
export interface ArtifactStorage {
  /** Bytes that can still be written to the location; undefined where that cannot be told. */
  freeBytes(location: BackupLocation): Promise<number | undefined>;

  /** The same, and the bytes of all that is there to be written to. */
  space(location: BackupLocation): Promise<{ free: number; total: number } | undefined>;

  /**
   * Begins an artifact named `stem + extension`, or `stem_2`, `stem_3`, … where that name is taken. Fails with
   * NO_SPACE or STORAGE_FAILED, leaving nothing.
   */
  create(location: BackupLocation, stem: string, extension: string): Promise<ArtifactWriter>;

  /** Every regular file of the folder except partial files and what stands beside artifacts, in no particular order. */
  list(location: BackupLocation): Promise<StoredFile[]>;

  /** One file as {@link list} would show it; undefined when there is none. */
  stat(path: string): Promise<StoredFile | undefined>;

  /**
   * Changes when a file of the folder appears, vanishes or is renamed; not when one is altered in place. Undefined when
   * there is no such folder, and for some seconds after a change, since the next one might not be told from it.
   */
  folderState(folder: string): Promise<string | undefined>;

  /** Real paths of the folders that hold a manifest, from `root` downwards; none where there is no root. */
  foldersWithBackups(root: string): Promise<string[]>;

  /**
   * Opens a file for several reads of the same bytes, even when it is renamed or removed meanwhile. BACKUP_NOT_FOUND when
   * there is none; STORAGE_FAILED.
   */
  open(path: string): Promise<OpenArtifact>;

  /** The text of the manifest beside an artifact; undefined when there is none. */
  readManifest(artifactPath: string): Promise<string | undefined>;

  /** The script beside an artifact; undefined when there is none. */
  readGlobals(artifactPath: string): Promise<string | undefined>;

  /**
   * Puts a new text in the place of the manifest, all or nothing. False, with nothing changed, when it is not `before`
   * any more.
   */
  replaceManifest(artifactPath: string, before: string, text: string): Promise<boolean>;

  /** Removes a backup: first its manifest, so that a crash in between leaves no backup that lacks its data. */
  remove(artifactPath: string): Promise<void>;

  /** Completes or removes what a killed process left in the folder and those below it. */
  sweep(root: string): Promise<SweepResult>;
}

export interface ArtifactWriter {
  readonly filename: string;
  /** Resolves when the bytes have been handed to the system: await it before the next, that is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;
  /** Reads back what was written so far. */
  readBack(): Readable;
  /**
   * Makes artifact, `globals` and manifest durable and visible, in that order. The writer is spent afterwards.
   * `globals`: the script that is to stand beside the artifact.
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
  /** Undefined when there is none. */
  readonly manifestModifiedAt: Date | undefined;
}

/** From the byte `start` on, counted from 0, to before `end`. */
export interface BytePart {
  readonly start: number;
  readonly end: number;
}

export interface OpenArtifact extends AsyncDisposable {
  readonly size: number;
  /** When it was last changed. */
  readonly modifiedAt: Date;
  /** Up to `length` bytes from the beginning. */
  head(length: number): Promise<Buffer>;
  /** Shows all bytes in order, in one buffer that is used again and again: `visit` must not keep it. */
  scan(visit: (chunk: Buffer) => void): Promise<void>;
  /**
   * A fresh stream from the first byte to the last, or of a part only. `onRead` is told how many bytes were read so far.
   * Destroying it stops the reading. A part that the file does not have (any more) is an error: STORAGE_FAILED.
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
  /** File names of artifacts whose publication was completed. */
  completed: string[];
  /** File names of partial artifacts that were removed. */
  removed: string[];
  /** Whether something is left that another look, ten minutes later, may find to be a dead service's. */
  undecided: boolean;
}
