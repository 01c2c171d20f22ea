import type {
  ArtifactAddress,
  ArtifactFolder,
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

/** Times are epoch milliseconds, and absent values are null, as in the tables. */

/** One database and the account that backs it up. Secrets are sealed by the owner of the key; the catalog never sees them. */
export interface ConnectionRecord {
  id: string;
  /** Its name for people; null: they use the name of the database. */
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
  /** The last answer of `DbDriver.identify`; null: not asked yet, or the server does not tell. */
  identity: string | null;
  /** Null: the policy of the service. */
  retention: RetentionPolicy | null;
  createdAt: number;
  updatedAt: number;
}

/** A storage that somebody has added. */
export interface StorageRecord {
  /** The `storageId` of its artifacts. */
  id: string;
  /** Its name for people, and before the colon of an address: `offsite:shop/shop_20261130_101500.sql`. */
  name: string;
  kind: string;
  /** Without the secrets among them. */
  settings: Readonly<Record<string, string>>;
  /** The secrets as sealed JSON; null: there are none. */
  sealedSecrets: string | null;
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
   * `backup` backs the connection up. `restore` restores the newest verified backup of `sourceConnectionId` into the
   * connection's database.
   */
  action: 'backup' | 'restore';
  sourceConnectionId: string | null;
  /** A cron expression of five fields. */
  cron: string;
  /** An IANA name. */
  timezone: string;
  enabled: boolean;
  options: ScheduleOptions;
  /** Null: the policy of the connection. */
  retention: RetentionPolicy | null;
  /** The seconds over which runs are spread that are due at the same time. */
  jitterSeconds: number;
  /** Null while it is not enabled. */
  nextDueAt: number | null;
  /** The latest due instant that became a job, or was skipped because it was missed for too long. */
  servedDueAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** A file of a backup folder as it was at the last look. */
export interface BackupRow extends ArtifactAddress {
  /** The last part of the key. */
  filename: string;
  /** The id in the manifest, or one made of the place for a foreign file. A backup that is in two places has one id. */
  id: string;
  status: BackupStatus;
  kind: BackupKind | null;
  dbType: DbType | null;
  database: string | null;
  /** The `databaseKey` of the core; null for a foreign file. */
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
  /** Null for a foreign or damaged backup. */
  manifest: Manifest | null;
  /** Why a file with a manifest is foreign; null for every other file. */
  foreignBecause: ForeignReason | null;
  fileModifiedAt: number;
  manifestModifiedAt: number | null;
}

/** The state of a manifest when it was last written, as far as this installation has seen it. */
export interface ManifestRevision {
  /** The id of the backup. */
  id: string;
  revision: number;
  verification: Verification;
}

/** The fields by which a list of backups can be sorted. */
export type BackupSort = 'created' | 'size' | 'database' | 'filename';
export type SortOrder = 'asc' | 'desc';

export interface BackupQuery {
  /** Default: `created`, the newest first. */
  sort?: BackupSort;
  /** Default: `desc`. */
  order?: SortOrder;
  folder?: ArtifactFolder;
  /** Only backups that were made over one of these connections. */
  connectionId?: string | readonly string[];
  /** A part of the file or database name, in upper or lower case. */
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
  /** At most one job runs at a time under one key; null: no limit. */
  lockKey: string | null;
  connectionId: string | null;
  scheduleId: string | null;
  /** The instant of the schedule that the job is for. */
  dueAt: number | null;
  /** No two jobs have the same key. */
  uniqueKey: string | null;
  /** The interrupted job that this one repeats. */
  retryOf: string | null;
  /** A higher priority goes first. */
  priority: number;
  /** Nobody waits for the job after a restart of the service, so it becomes `interrupted` and does not run. */
  abandonedByRestart: boolean;
  payload: JsonObject;
  result: JsonObject | null;
  failure: Failure | null;
  progress: JobProgress | null;
  /** The last lines, the oldest first, each with its time. */
  log: readonly string[];
  /** 0 before the first attempt. */
  attempt: number;
  maxAttempts: number;
  /** The job does not begin before this time. */
  runAfter: number;
  cancelRequestedAt: number | null;
  /** The instance whose queue holds the job. */
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
 * The state of a restore's previous database or safety backup. `kept`: it can be put back. `used`: it was put back. `dropping`:
 * it is being dropped; `dropped`: it expired, or was given up. `lost`: it is gone for another reason.
 */
export type CopyState = 'none' | 'kept' | 'used' | 'dropping' | 'dropped' | 'lost';

/** A restore, or the undo of one: both replace the content of a database. */
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
  /** The path as it is shown to people. */
  backupPath: string;
  backupId: string | null;
  strategy: string | null;
  /** The restored tables; null: the whole database. */
  tables: readonly string[] | null;
  /** The staging database on the server, while it is loaded or swapped in. Null when there is none (any more). */
  incoming: string | null;
  /** The restore journal, for the recovery after a crash. Null when nothing is under way. */
  journal: JsonObject | null;
  /** The previous database on the server. Null where a safety backup holds the previous content. */
  copy: string | null;
  copyState: CopyState;
  /** Until when the restore can be undone, by the catalog's clock. Null: a `dropped` one was given up before its time, a `lost` one is lost for ever. */
  copyUntil: number | null;
  copyBytes: number | null;
  /** How long the database could not be used. */
  lockoutMs: number | null;
  /** The path as it is shown to people. */
  safetyBackupPath: string | null;
  /** The id of the safety backup, which protects it from deletion until the undo has expired. */
  safetyBackupId: string | null;
  state: 'running' | 'succeeded' | 'failed' | 'interrupted';
  failure: Failure | null;
  startedAt: number;
  finishedAt: number | null;
}

/** An entry of the audit trail. `details` holds no secret. */
export interface AuditRecord {
  id: string;
  at: number;
  /** `admin`, `anonymous`, `schedule`, `service`. */
  actor: string;
  /** The address from which a request came. */
  address: string | null;
  /** `POST /api/connections`. */
  action: string;
  /** The id or name of the object of the action. */
  subject: string | null;
  /** The HTTP status, or null where there was no request. */
  status: number | null;
  details: JsonObject;
}

/** A domain event that is to be written. Its payload holds no secret. */
export interface NewEvent {
  id: string;
  /** `BackupSucceeded`. */
  name: string;
  /** The version of the payload's schema. */
  version: number;
  payload: JsonObject;
}

/** A domain event of the outbox. */
export interface StoredEvent extends NewEvent {
  /** Events are in this order, which is that of their commits. The first one is 1, and no number is missing. */
  position: number;
  /** The time by the catalog's clock. */
  at: number;
}
