import type { BackupStatus, JobState } from '@app/domain';
import type {
  AuditRecord,
  BackupQuery,
  BackupRow,
  ManifestRevision,
  ConnectionLogin,
  ConnectionRecord,
  CopyState,
  JobQuery,
  JobRecord,
  Page,
  RestoreRecord,
  ScheduleRecord,
} from './records.js';

/**
 * What the service knows, in one database: node:sqlite, or PostgreSQL where several instances share it. Each method is
 * one statement or one transaction. Failures are CATALOG_UNAVAILABLE (cannot be reached, locked for too long), NO_SPACE
 * or CATALOG_FAILED.
 */
export interface Catalog {
  readonly connections: ConnectionRepository;
  readonly schedules: ScheduleRepository;
  readonly backups: BackupRepository;
  readonly jobs: JobRepository;
  readonly restores: RestoreRepository;
  readonly audit: AuditRepository;
  readonly instances: InstanceRepository;
  readonly storages: StorageRepository;

  /** Made with the catalog and kept by its copies. */
  readonly id: string;

  /**
   * All or nothing. `work` must use only the catalog that it is given, and have no transaction inside: INTERNAL.
   */
  transaction<T>(work: (catalog: Catalog) => Promise<T>): Promise<T>;

  /** Everything but jobs, instances and the backups, which their manifests tell: for a copy. Table by table. */
  exportRows(): AsyncIterable<CatalogRow>;
  /**
   * Puts rows of {@link exportRows} in, in one transaction, and takes over `id`. A row that is there already stays as it
   * is; what belongs to a connection whose login is there under another id, goes to that one. CATALOG_TOO_NEW.
   */
  importRows(id: string, rows: AsyncIterable<CatalogRow>): Promise<void>;

  /** Fails when the catalog does not answer, or cannot be written to: for the readiness check. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** `table` names one of connections, schedules, pins, restores, audit. */
export interface CatalogRow {
  table: string;
  row: Record<string, string | number | null>;
}

/** Which storage each root of backups was, by the marker in it. */
export interface StorageRepository {
  identity(root: string): Promise<string | undefined>;
  remember(root: string, id: string): Promise<void>;
  forget(root: string): Promise<void>;
  /** Paths of all that are remembered. */
  paths(): Promise<string[]>;
}

/** During which a database had a key, in epoch milliseconds: from `from`, before `until`. */
export interface KeyPeriod {
  key: string;
  /** Absent: ever. */
  from?: number;
  /** Absent: not known. */
  until?: number;
}

export interface ConnectionRepository {
  /** CONNECTION_EXISTS when there is one with the same login. */
  insert(record: ConnectionRecord): Promise<void>;
  /** Returns the changed record; undefined when there is none. CONNECTION_EXISTS as {@link insert}. */
  update(id: string, change: Partial<Omit<ConnectionRecord, 'id'>>): Promise<ConnectionRecord | undefined>;
  /** Its schedules go with it. False when there is none. */
  remove(id: string): Promise<boolean>;
  get(id: string): Promise<ConnectionRecord | undefined>;
  getMany(ids: readonly string[]): Promise<ConnectionRecord[]>;
  find(login: ConnectionLogin): Promise<ConnectionRecord | undefined>;
  /** In the order in which they were made. */
  page(query: { limit: number; after?: string }): Promise<Page<ConnectionRecord>>;
  /** All that reach this database, in the order in which they were made. */
  ofIdentity(identity: string): Promise<ConnectionRecord[]>;
  /** All whose database is on this server, whatever the account. */
  onServer(server: Pick<ConnectionRecord, 'dbType' | 'host' | 'port'>): Promise<ConnectionRecord[]>;
  /** That one database has the key `key` from the moment `at` on, and had `former` before: its backups have that one. */
  noteFormerKey(key: string, former: string, at: number): Promise<void>;
  /** All keys that a database had before, and when: another one may have had such a key before it, or since. */
  formerKeys(key: string): Promise<KeyPeriod[]>;
}

export interface ScheduleRepository {
  /** CONNECTION_NOT_FOUND, here and in {@link update}, when there is no such connection (any more). */
  insert(records: readonly ScheduleRecord[]): Promise<void>;
  update(id: string, change: Partial<Omit<ScheduleRecord, 'id'>>): Promise<ScheduleRecord | undefined>;
  remove(id: string): Promise<boolean>;
  get(id: string): Promise<ScheduleRecord | undefined>;
  /** In the order in which they were made. */
  page(query: { connectionId?: string; limit: number; after?: string }): Promise<Page<ScheduleRecord>>;
  /** Enabled ones whose `nextDueAt` has come, longest due first. */
  due(now: number, limit: number): Promise<ScheduleRecord[]>;
  /** The earliest `nextDueAt`; undefined when nothing is enabled. */
  nextDueAt(): Promise<number | undefined>;
  /** Sets `servedDueAt` and `nextDueAt` of those whose `nextDueAt` still is `due`, in as few statements as can be. */
  advance(steps: readonly { id: string; due: number; next: number }[]): Promise<void>;
}

export interface BackupRepository {
  /** Inserts or replaces by (location, filename). Pins stay, and so does what a later manifest of the same backup said. */
  put(rows: readonly BackupRow[]): Promise<void>;
  remove(location: string, filenames: readonly string[]): Promise<void>;
  page(query: BackupQuery): Promise<Page<BackupRow>>;
  count(query: Omit<BackupQuery, 'limit' | 'after' | 'sort' | 'order'>): Promise<number>;
  /** Every place where it is. */
  get(id: string): Promise<BackupRow[]>;
  at(location: string, filename: string): Promise<BackupRow | undefined>;
  /** Only what a comparison with the folder needs. */
  known(location: string): Promise<Pick<BackupRow, 'filename' | 'size' | 'fileModifiedAt' | 'manifestModifiedAt'>[]>;
  /** Those of one database, newest first; the complete ones unless told otherwise. */
  ofDatabase(
    databaseKey: string,
    options?: {
      location?: string;
      limit?: number;
      failed?: boolean;
      status?: BackupStatus;
      from?: number | undefined;
      until?: number | undefined;
    },
  ): Promise<BackupRow[]>;
  /** How many complete ones there are of each database, by its key, and their bytes; of one key and time, if asked so. */
  totals(of?: KeyPeriod): Promise<Map<string, { backups: number; bytes: number }>>;
  /** What lies in each folder that holds any, foreign files too. */
  inFolders(): Promise<Map<string, { backups: number; bytes: number }>>;
  ofConnection(connectionId: string): Promise<BackupRow[]>;
  /** A pin outlives the row: it is kept by the backup's id. */
  pin(id: string, pinned: boolean, at: number): Promise<void>;
  /** Which of these ids are pinned. */
  pinned(ids: readonly string[]): Promise<Set<string>>;
  /** The last manifests that were seen at a place; none of a backup whose manifest was never written anew. */
  revisions(location: string, filename: string): Promise<ManifestRevision[]>;
  /** For a backup that was deleted. */
  forgetRevisions(location: string, filename: string): Promise<void>;
  /** The state of a folder when it was last compared; undefined: never. Text of the caller's choosing. */
  folderState(location: string): Promise<string | undefined>;
  setFolderState(location: string, state: string): Promise<void>;
  folders(): Promise<string[]>;
  /** Forgets every row and folder state, not the pins. */
  clear(): Promise<void>;
}

export interface JobRepository {
  /** Returns the ids of those that were inserted: one whose `uniqueKey` is taken is passed over. */
  insert(records: readonly JobRecord[]): Promise<string[]>;
  get(id: string): Promise<JobRecord | undefined>;
  byUniqueKey(key: string): Promise<JobRecord | undefined>;
  /**
   * queued → running with `attempt` + 1 and `startedAt`. Fails softly: `locked` when another job runs under its lock
   * key (a unique index says so, also between instances), `gone` when it is not queued or not `owner`'s any more.
   */
  claim(id: string, owner: string, now: number): Promise<'claimed' | 'locked' | 'gone'>;
  /** Changes a job that is in one of `states`; undefined when it is not. */
  update(
    id: string,
    states: readonly JobState[],
    change: Partial<Omit<JobRecord, 'id'>>,
  ): Promise<JobRecord | undefined>;
  /** Newest first. */
  page(query: JobQuery): Promise<Page<JobRecord>>;
  /** Queued and running ones of an instance, in order of priority and creation. */
  unfinished(owner: string): Promise<JobRecord[]>;
  /** Hands the queued jobs of a dead instance over, each to one taker only. Returns how many. */
  adopt(deadOwner: string, owner: string): Promise<number>;
  /** The last that ended of a schedule, or of every schedule. */
  lastFinished(scheduleIds: readonly string[]): Promise<Map<string, JobRecord>>;
  /** Removes ended jobs that ended before, oldest first, `limit` at most; the last of each schedule stays. */
  prune(before: number, limit: number): Promise<number>;
}

export interface RestoreRepository {
  insert(record: RestoreRecord): Promise<void>;
  update(id: string, change: Partial<Omit<RestoreRecord, 'id'>>): Promise<void>;
  get(id: string): Promise<RestoreRecord | undefined>;
  /** Newest first. */
  page(query: { limit: number; after?: string; databaseKey?: string }): Promise<Page<RestoreRecord>>;
  /** The copy is there from now on, for so long by the catalog's clock (FAILURES 45). */
  keepCopy(id: string, copy: { name: string; bytes: number | null; forMs: number }): Promise<void>;
  /** The safety backup that the restore can be undone by, for so long by the catalog's clock; without `forMs`: without end. */
  keepBackup(id: string, backup: { id: string; path: string; forMs?: number | undefined }): Promise<void>;
  /** Which of these backups a restore needs, to be undone by or while it is under way, and which restore that is. */
  needing(backupIds: readonly string[]): Promise<Map<string, string>>;
  /** The last undoing of each of these restores that was begun. */
  undoings(ids: readonly string[]): Promise<Map<string, RestoreRecord>>;
  /** For one caller only, between instances, too: true when it was in state `from`. */
  moveCopy(id: string, from: CopyState, to: CopyState): Promise<boolean>;
  /** Copies of tables that went with what they are made of, so that nothing brings them back. Known by `copyUntil` null. */
  loseCopies(copies: readonly string[]): Promise<void>;
  /** Those that keep a copy of this name, or are about to drop it, on whatever server. */
  keeping(copy: string): Promise<RestoreRecord[]>;
  /** What all copies together take on the servers that are there to undo restores, as far as it is known. */
  keptBytes(): Promise<number>;
  /** Whose time to be undone is over, by the catalog's clock; also those whose dropping was begun and never ended. */
  expired(limit: number): Promise<RestoreRecord[]>;
  /** Not running, but with something of theirs left on the server: a copy being loaded, or a swap under way. */
  unrecovered(limit: number): Promise<RestoreRecord[]>;
  /** Those over this connection that have something left on its server, whoever is to drop it: how many. */
  leftOver(connectionId: string): Promise<number>;
  /** `running` ones whose job is not running any more become `interrupted`, with that as failure. Returns how many. */
  endInterrupted(now: number): Promise<number>;
}

export interface AuditRepository {
  insert(record: AuditRecord): Promise<void>;
  /** Newest first. */
  page(query: { limit: number; after?: string }): Promise<Page<AuditRecord>>;
  prune(before: number, limit: number): Promise<number>;
}

/** Who works on this catalog. Times are the database's own clock (FAILURES 44, 45). */
export interface InstanceRepository {
  /** Signs on, or says that it still lives. False from when it was declared dead by {@link bury} on, for good. */
  beat(instance: { id: string; host: string; pid: number }): Promise<boolean>;
  /** Those whose last beat is older. */
  silent(forMs: number): Promise<{ id: string; host: string; pid: number; beatAt: number }[]>;
  all(): Promise<{ id: string; host: string; pid: number }[]>;
  /** True for one caller only, who must account for its jobs. */
  bury(id: string): Promise<boolean>;
  signOff(id: string): Promise<void>;
}
