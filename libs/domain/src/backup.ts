/** `plain` is SQL text; `custom` is `pg_dump -Fc` (PostgreSQL only). `tar` is read, never written. */
export const BACKUP_FORMATS = ['plain', 'custom'] as const;
export type BackupFormat = (typeof BACKUP_FORMATS)[number];
export type DumpFormat = BackupFormat | 'tar' | 'directory';

export const COMPRESSIONS = ['none', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];
/** The further compressions that a foreign file may have. */
export type FileCompression = Compression | 'gzip' | 'bzip2' | 'xz' | 'zip';

/** How much of the server's roles is stored with each backup: nothing, all but their passwords, or all. */
export const GLOBALS_LEVELS = ['none', 'roles', 'roles_with_passwords'] as const;
export type GlobalsLevel = (typeof GLOBALS_LEVELS)[number];

/** Why a backup was made. A restore makes a `safety` backup of the data that it is about to replace. */
export type BackupKind = 'manual' | 'scheduled' | 'safety';

/** The number of objects by kind (`tables`, `views`, `routines`, …). Each driver has its own kinds. */
export type ObjectCounts = Readonly<Record<string, number>>;

/** Settings that a new database must be created with to hold the same data (encoding, collation, …). */
export type DatabaseSettings = Readonly<Record<string, string>>;

/** Why a file with a manifest does not count as a backup of this installation. */
export const FOREIGN_REASONS = ['unsigned', 'altered', 'other_installation'] as const;
export type ForeignReason = (typeof FOREIGN_REASONS)[number];

/**
 * How far a backup is verified. Each level includes those before it: the backup was whole when it was made; it was read back from
 * storage with the same hash; it was loaded into a verification server, with the same objects and rows.
 */
export const VERIFICATION_LEVELS = ['complete', 'stored', 'restored'] as const;
export type VerificationLevel = (typeof VERIFICATION_LEVELS)[number];

export interface Verification {
  level: VerificationLevel;
  /** When that level was reached. */
  at: string;
  /**
   * The last verification, when it failed: such a backup does not count any more. `level` is the level that was verified, `stored`
   * where it is absent. A later success on a lower level does not remove the failure.
   */
  failed?: { at: string; message: string; level?: VerificationLevel };
  /** The details of the level `restored`. */
  details?: RestoredVerificationResult;
  /** The last time that the level `restored` was requested and not possible here, with the reason. It says nothing of the backup. */
  untried?: { at: string; message: string };
}

/** The result of a restore into a verification server. */
export interface RestoredVerificationResult {
  /** Flavour and version of the server that loaded the backup. */
  server: string;
  tables: number;
  rows: number;
  /** The rows were compared with these: the dump's own snapshot of the source, or the content of the dump itself. */
  compared_with: 'snapshot' | 'dump';
  /** Whether the content of the rows was compared, or only their number; absent in older verifications, which are `counts`. */
  compared?: CompareDepth;
  /** Where content was compared: the tables whose rows were only counted. The warnings give the reason. */
  by_count?: readonly string[];
  /** How long the load took, which is the measured recovery time. */
  restore_ms: number;
  /** Whole sentences about permitted differences. */
  warnings?: readonly string[];
  /** Whole sentences about objects that were loaded in a special way, as a superuser had to create them. */
  notes?: readonly string[];
}

/** The exact number of rows of each table in the dump's snapshot. */
export type RowCounts = Readonly<Record<string, number>>;

/** How a restored database is compared: by objects and numbers of rows alone, or also by the content of the rows. */
export const COMPARE_DEPTHS = ['content', 'counts'] as const;
export type CompareDepth = (typeof COMPARE_DEPTHS)[number];

/** Checksums of the content of each table, which both sides compute alike for any order of the rows. */
export interface ContentChecksums {
  /** Name and version of the driver's algorithm. Values of two algorithms cannot be compared. */
  algorithm: string;
  /** The text that the server makes of fixed values. If two servers differ in it, their checksums cannot be compared. */
  basis: string;
  /** The checksums, with the keys of `rows`. */
  tables: Readonly<Record<string, string>>;
  /** The checksum of all large objects (PostgreSQL). */
  large_objects?: string;
  /** The tables whose checksum could not be computed, with the reason. */
  uncovered?: Readonly<Record<string, string>>;
}

/** `complete`: ours and published. `foreign`: a dump that this service did not write. `damaged`: manifest and file disagree. */
export type BackupStatus = 'complete' | 'foreign' | 'damaged';
