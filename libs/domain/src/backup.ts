import type { DbType, ServerInfo } from './database.js';
import type { ManifestProperties, ReferencedRole } from './manifest-properties.js';

/** `plain` is SQL text; `custom` is `pg_dump -Fc` (PostgreSQL only). `tar` is read, never written. */
export const BACKUP_FORMATS = ['plain', 'custom'] as const;
export type BackupFormat = (typeof BACKUP_FORMATS)[number];
export type DumpFormat = BackupFormat | 'tar' | 'directory';

export const COMPRESSIONS = ['none', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];
/** What a foreign file may come in besides. */
export type FileCompression = Compression | 'gzip' | 'bzip2' | 'xz' | 'zip';

/** What is stored of the roles of the server beside each backup: nothing, all but their passwords, or all. */
export const GLOBALS_LEVELS = ['none', 'roles', 'roles_with_passwords'] as const;
export type GlobalsLevel = (typeof GLOBALS_LEVELS)[number];

/** Why a backup was made. A `safety` backup is made by a restore, of what it is about to replace. */
export type BackupKind = 'manual' | 'scheduled' | 'safety';

/** Number of objects by kind (`tables`, `views`, `routines`, …); the kinds are the driver's own. */
export type ObjectCounts = Readonly<Record<string, number>>;

/** Settings that a new database must be created with to hold the same data (encoding, collation, …). */
export type DatabaseSettings = Readonly<Record<string, string>>;

/** What a dump asks of the server that it is restored on (MySQL, MariaDB). */
export interface ManifestDemands {
  /** `user@host` in whose names its views, routines, triggers and events are made. */
  definers?: readonly string[];
  /** By table, bytes of the longest value, of tables with values of 1 MiB and more. */
  long_values?: Readonly<Record<string, number>>;
}

/**
 * What stands beside each artifact as `<artifact>.manifest.json`, and makes it a backup: an artifact without one is not
 * ours. snake_case because it is a file format that people and other programs read. Times are ISO 8601 UTC; sizes bytes.
 */
export interface Manifest {
  manifest_version: 1;
  id: string;
  /** File name of the artifact, without folder: a moved pair of files stays valid. */
  artifact: string;
  kind: BackupKind;
  db_type: DbType;
  database: string;
  host: string;
  port: number;
  server: { flavour: ServerInfo['flavour']; version: string };
  tool: { name: string; flavour: ServerInfo['flavour']; version: string };
  format: BackupFormat;
  compression: Compression;
  /** Of the artifact as stored. */
  size: number;
  sha256: string;
  /** Bytes that the dump tool wrote, before compression. */
  dump_size: number;
  /** The moment that the data is of, and the one in the file's name; retention and listings order by it. */
  started_at: string;
  completed_at: string;
  duration_ms: number;
  database_settings: DatabaseSettings;
  /** Of the database itself; absent where the engine has none, and in backups made before they were recorded. */
  properties?: ManifestProperties;
  /** What every new database has and the source lacked (`schema public`, `extension plpgsql`): a restore drops it. */
  absent?: readonly string[];
  /** Those that the dump or its properties refer to. */
  roles?: readonly ReferencedRole[];
  /** The script with the roles of the server that stands beside the artifact. */
  globals?: { file: string; size: number; sha256: string; passwords: boolean };
  /** With which the database's sessions find what has no schema (PostgreSQL). */
  search_paths?: readonly string[];
  /** Of the source's sessions, those on which generated columns and functions may depend: time zone and the like. */
  session_settings?: Readonly<Record<string, string>>;
  demands?: ManifestDemands;
  objects: ObjectCounts;
  /** Where they were counted in the dump's own snapshot. */
  rows?: RowCounts;
  /** Where it was computed in the dump's own snapshot. */
  checksums?: ContentChecksums;
  warnings: readonly string[];
  verification: Verification;
  /** How often the manifest was written anew; absent in one that never was. An older one that comes back is told by it. */
  revision?: number;
  /** The catalog's ids of what it was made from and by, where there was such; backups older than the catalog have none. */
  connection_id?: string;
  schedule_id?: string;
  /** Of all other fields, by a key of the installation that made the backup; backups of earlier versions have none. */
  signature?: ManifestSignature;
}

/** HMAC-SHA-256 of the manifest as canonical JSON (keys sorted, no white space), both parts in hexadecimal. */
export interface ManifestSignature {
  key_id: string;
  mac: string;
}

/** Why a file with a manifest beside it is not taken for a backup of this installation. */
export const FOREIGN_REASONS = ['unsigned', 'altered', 'other_installation'] as const;
export type ForeignReason = (typeof FOREIGN_REASONS)[number];

/**
 * How far a backup is proven, each level holding those before it: whole when it was made; read back from storage with
 * the same hash; loaded into a throwaway server, with the same objects and rows.
 */
export const VERIFICATION_LEVELS = ['complete', 'stored', 'restored'] as const;
export type VerificationLevel = (typeof VERIFICATION_LEVELS)[number];

export interface Verification {
  level: VerificationLevel;
  /** When that level was reached. */
  at: string;
  /**
   * The last attempt, when it failed: such a backup counts for nothing any more. `level`: what was being proven, `stored`
   * where it is absent; passing a lower one does not take the failure back.
   */
  failed?: { at: string; message: string; level?: VerificationLevel };
  /** Of level `restored`. */
  details?: RestoredVerificationResult;
  /** The last time that level `restored` was asked for and could not be tried here, and why. Says nothing of the backup. */
  untried?: { at: string; message: string };
}

/** What a restore into a throwaway server showed. */
export interface RestoredVerificationResult {
  /** Flavour and version of the server that it was loaded into. */
  server: string;
  tables: number;
  rows: number;
  /** What the rows were compared with: the dump's own snapshot of the source, or what the dump itself holds. */
  compared_with: 'snapshot' | 'dump';
  /** Whether the content of the rows was compared, or only their number; absent in proofs of before, which are `counts`. */
  compared?: CompareDepth;
  /** Where content was compared: whose rows were only counted all the same. Why stands among the warnings. */
  by_count?: readonly string[];
  /** How long the load took: the measured recovery time. */
  restore_ms: number;
  /** What differed and does not have to be the same, in whole sentences. */
  warnings?: readonly string[];
  /** How it was loaded, where that is not as everything else is: what a superuser had to make. Whole sentences. */
  notes?: readonly string[];
}

/** Exact rows by table, in the dump's snapshot. */
export type RowCounts = Readonly<Record<string, number>>;

/** How a restored copy is compared: by objects and rows alone, or by what the rows hold as well. */
export const COMPARE_DEPTHS = ['content', 'counts'] as const;
export type CompareDepth = (typeof COMPARE_DEPTHS)[number];

/** What the rows of each table hold, in a form that both sides compute alike whatever the order of the rows. */
export interface ContentChecksums {
  /** Name and version of the driver's algorithm. Values of two algorithms cannot be compared. */
  algorithm: string;
  /** What the server makes of fixed values: where it differs between two servers, their checksums cannot be compared. */
  basis: string;
  /** With the keys of `rows`. */
  tables: Readonly<Record<string, string>>;
  /** Of all large objects (PostgreSQL). */
  large_objects?: string;
  /** Tables whose content could not be computed, and why. */
  uncovered?: Readonly<Record<string, string>>;
}

/** `complete`: ours and published. `foreign`: a dump that this service did not write. `damaged`: manifest and file disagree. */
export type BackupStatus = 'complete' | 'foreign' | 'damaged';
