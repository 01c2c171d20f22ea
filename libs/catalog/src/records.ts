import type {
  BackupKind,
  BackupOptions,
  BackupStatus,
  DbType,
  DumpFormat,
  Failure,
  FileCompression,
  ForeignReason,
  JobProgress,
  JobState,
  JobType,
  JsonObject,
  Manifest,
  RestoreOptions,
  RetentionPolicy,
  SslMode,
  Verification,
  VerificationLevel,
} from '@app/domain';

/** Every time is epoch milliseconds; every absent value is null, as it stands in the tables. */

/** One database and the account that backs it up. Secrets are sealed by the owner of the key; the catalog never sees them. */
export interface ConnectionRecord {
  id: string;
  /** What people call it; null: they call it by its database. */
  label: string | null;
  dbType: DbType;
  /** Lower case. */
  host: string;
  port: number;
  database: string;
  username: string;
  sealedPassword: string;
  sslMode: SslMode;
  tlsCa: string | null;
  tlsCertificate: string | null;
  sealedTlsKey: string | null;
  /** `DbDriver.identify` when it was last asked; null: not asked yet, or the server does not tell. */
  identity: string | null;
  /** Null: the service's own. */
  retention: RetentionPolicy | null;
  createdAt: number;
  updatedAt: number;
}

/** The columns that make two connections the same one. */
export type ConnectionLogin = Pick<ConnectionRecord, 'dbType' | 'host' | 'port' | 'database' | 'username'>;

export interface ScheduleOptions extends BackupOptions, Partial<Pick<RestoreOptions, 'skipOwnership'>> {}

export interface ScheduleRecord {
  id: string;
  name: string;
  /** Null only for the default schedule while no connection was ever active. */
  connectionId: string | null;
  /**
   * `backup` of the connection. `restore`: the newest proven backup of `sourceConnectionId` into the connection's
   * database.
   */
  action: 'backup' | 'restore';
  sourceConnectionId: string | null;
  /** Five fields. */
  cron: string;
  /** IANA name. */
  timezone: string;
  enabled: boolean;
  options: ScheduleOptions;
  /** Null: that of the connection. */
  retention: RetentionPolicy | null;
  /** Runs that are due at the same time are spread over so many seconds. */
  jitterSeconds: number;
  /** Null while it is not enabled. */
  nextDueAt: number | null;
  /** The latest due instant that became a job, or was passed over as missed for too long. */
  servedDueAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** A file of a backup folder as it was when it was last looked at. */
export interface BackupRow {
  /** Absolute folder, links followed. */
  location: string;
  filename: string;
  /** The manifest's, or one made of the path for a foreign file. Copies of one backup in two folders share it. */
  id: string;
  status: BackupStatus;
  kind: BackupKind | null;
  dbType: DbType | null;
  database: string | null;
  /** See `databaseKey` of the engine; null for a foreign file. */
  databaseKey: string | null;
  connectionId: string | null;
  scheduleId: string | null;
  format: DumpFormat | null;
  compression: FileCompression | null;
  size: number;
  /** When the backup began, or a foreign file was last changed. */
  createdAt: number;
  verification: VerificationLevel | null;
  verificationFailed: boolean;
  /** Null for a foreign or damaged one. */
  manifest: Manifest | null;
  /** Why a file with a manifest is foreign; null for every other. */
  foreignBecause: ForeignReason | null;
  fileModifiedAt: number;
  manifestModifiedAt: number | null;
}

/** The state of a manifest when it was last written, as far as this installation has seen it. */
export interface ManifestRevision {
  /** Of the backup. */
  id: string;
  revision: number;
  verification: Verification;
}

/** Which backups to list. Newest first, then by filename. */
export type BackupSort = 'created' | 'size' | 'database' | 'filename';
export type SortOrder = 'asc' | 'desc';

export interface BackupQuery {
  /** Default: `created`, the newest first. */
  sort?: BackupSort;
  /** Default: `desc`. */
  order?: SortOrder;
  location?: string;
  /** Made over one of these. */
  connectionId?: string | readonly string[];
  /** Part of the file or database name, in any case. */
  search?: string;
  status?: BackupStatus;
  limit: number;
  after?: string;
}

/** `next` goes into `after` of the next query; undefined on the last page. */
export interface Page<T> {
  rows: T[];
  next: string | undefined;
}

export interface JobRecord {
  id: string;
  type: JobType;
  state: JobState;
  /** At most one job runs at a time under one key; null: no bound. */
  lockKey: string | null;
  connectionId: string | null;
  scheduleId: string | null;
  /** The instant of the schedule that it is for. */
  dueAt: number | null;
  /** There is never a second job with the same one. */
  uniqueKey: string | null;
  /** The interrupted job that this one repeats. */
  retryOf: string | null;
  /** Higher goes first. */
  priority: number;
  /** Nobody waits for it after a restart of the service: it is then `interrupted`, not run. */
  abandonedByRestart: boolean;
  payload: JsonObject;
  result: JsonObject | null;
  failure: Failure | null;
  progress: JobProgress | null;
  /** The last lines, oldest first, each with its time. */
  log: readonly string[];
  /** 0 before the first. */
  attempt: number;
  maxAttempts: number;
  /** Not before. */
  runAfter: number;
  cancelRequestedAt: number | null;
  /** The instance whose queue it is in. */
  owner: string;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

export interface JobQuery {
  states?: readonly JobState[];
  types?: readonly JobType[];
  connectionId?: string;
  scheduleId?: string;
  limit: number;
  after?: string;
}

/**
 * What a restore is undone by: a copy on the server, or its safety backup. `kept`: it can be put back. `used`: it was.
 * `dropping`: somebody is at it; `dropped`: it expired, or was given up. `lost`: it went otherwise, and cannot be had.
 */
export type CopyState = 'none' | 'kept' | 'used' | 'dropping' | 'dropped' | 'lost';

/** A restore, or the undoing of one: both put another state in a database's place. */
export interface RestoreRecord {
  id: string;
  kind: 'restore' | 'undo';
  /** The restore that an `undo` undid. */
  undoes: string | null;
  jobId: string | null;
  connectionId: string | null;
  dbType: DbType;
  database: string;
  databaseKey: string;
  /** As shown to people. */
  backupPath: string;
  backupId: string | null;
  strategy: string | null;
  /** Only these were restored; null: the whole database. */
  tables: readonly string[] | null;
  /** On the server: the copy that is being loaded or swapped in. Null when there is none (any more). */
  incoming: string | null;
  /** What the driver must know to bring a swap to an end after a death. Null when nothing is under way. */
  journal: JsonObject | null;
  /** On the server: what the database held before. Null where a safety backup holds it. */
  copy: string | null;
  copyState: CopyState;
  /** Until when the restore can be undone, by the catalog's clock; null of a dropped one: before its time, of a lost one: for ever. */
  copyUntil: number | null;
  copyBytes: number | null;
  /** How long the database could not be used. */
  lockoutMs: number | null;
  /** As shown to people. */
  safetyBackupPath: string | null;
  /** The safety backup's own id, by which nobody deletes it before the undo has expired. */
  safetyBackupId: string | null;
  state: 'running' | 'succeeded' | 'failed' | 'interrupted';
  failure: Failure | null;
  startedAt: number;
  finishedAt: number | null;
}

/** Who did what. `details` holds no secret. */
export interface AuditRecord {
  id: string;
  at: number;
  /** `admin`, `anonymous`, `schedule`, `service`. */
  actor: string;
  /** Where a request came from. */
  address: string | null;
  /** `POST /api/connections`. */
  action: string;
  /** The id or name of what was acted on. */
  subject: string | null;
  /** The HTTP status, or null where there was no request. */
  status: number | null;
  details: JsonObject;
}
