import type { ArtifactAddress, ArtifactFolder, BackupStatus, JobState } from '@app/domain';
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
  NewEvent,
  Page,
  RestoreRecord,
  ScheduleRecord,
  StorageRecord,
  StoredEvent,
} from './records.js';

/**
 * The metadata of the service in one database: node:sqlite, or PostgreSQL where several instances share it. Each method is
 * one statement or one transaction. Methods throw CATALOG_UNAVAILABLE (not reachable, or locked for too long), NO_SPACE or
 * CATALOG_FAILED.
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
  readonly storageRoots: StorageRootRepository;
  readonly outbox: OutboxRepository;

  /** The id of the catalog, which its copies keep. */
  readonly id: string;

  /**
   * Returns the same catalog with the backups of these storages alone: a service neither lists nor forgets what another one has
   * in storages that it cannot see. The ids are asked for with each statement, as storages come and go.
   */
  seeing(storageIds: () => readonly string[]): Catalog;

  /**
   * Runs `work` in one transaction. `work` must use only the catalog that it receives, and begin no transaction: else INTERNAL.
   */
  transaction<T>(work: (catalog: Catalog) => Promise<T>): Promise<T>;

  /** Reads everything for a copy, table by table, but jobs, instances, and backups, which the manifests tell. */
  exportRows(): AsyncIterable<CatalogRow>;
  /**
   * Inserts rows of {@link exportRows} in one transaction, and takes over `id`. Existing rows stay as they are. Rows of a connection
   * whose login exists under another id go to that connection. Throws CATALOG_TOO_NEW.
   */
  importRows(id: string, rows: AsyncIterable<CatalogRow>): Promise<void>;

  /** Fails when the catalog does not answer, or cannot be written. The readiness check calls it. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** `table` names one of storages, connections, schedules, pins, restores, audit. */
export interface CatalogRow {
  table: string;
  row: Record<string, string | number | null>;
}

/** Remembers the storage at each root of backups, by the marker in it. */
export interface StorageRootRepository {
  identity(root: string): Promise<string | undefined>;
  remember(root: string, id: string): Promise<void>;
  forget(root: string): Promise<void>;
  /** Returns the paths of all remembered roots. */
  paths(): Promise<string[]>;
  /** Returns the root whose storage has this id. The first root that asks gets it for good, so that no two hosts use one id for two folders. */
  holder(storageId: string, root: string): Promise<string>;
  /** Returns the root of every storage whose root has asked for its id. */
  holders(): Promise<{ storageId: string; root: string }[]>;
}

/** The storages that people have added. Those of the environment are not among them. */
export interface StorageRepository {
  /** Throws STORAGE_EXISTS when there is one with the same name. */
  insert(record: StorageRecord): Promise<void>;
  /** Returns the changed record; undefined when there is none. Throws STORAGE_EXISTS as {@link insert} does. */
  update(id: string, change: Partial<Omit<StorageRecord, 'id'>>): Promise<StorageRecord | undefined>;
  remove(id: string): Promise<boolean>;
  get(id: string): Promise<StorageRecord | undefined>;
  /** Returns all, in the order in which they were made. There are few. */
  all(): Promise<StorageRecord[]>;
}

/** The period in which a database had a key, in epoch milliseconds: from `from`, before `until`. */
export interface KeyPeriod {
  key: string;
  /** Absent: from the beginning. */
  from?: number;
  /** Absent: not known. */
  until?: number;
}

export interface ConnectionRepository {
  /** Throws CONNECTION_EXISTS when there is one with the same login. */
  insert(record: ConnectionRecord): Promise<void>;
  /** Returns the changed record; undefined when there is none. Throws CONNECTION_EXISTS as {@link insert} does. */
  update(id: string, change: Partial<Omit<ConnectionRecord, 'id'>>): Promise<ConnectionRecord | undefined>;
  /** Removes a connection with its schedules. Returns false when there is none. */
  remove(id: string): Promise<boolean>;
  get(id: string): Promise<ConnectionRecord | undefined>;
  getMany(ids: readonly string[]): Promise<ConnectionRecord[]>;
  find(login: ConnectionLogin): Promise<ConnectionRecord | undefined>;
  /** Lists them in the order in which they were made. */
  page(query: { limit: number; after?: string }): Promise<Page<ConnectionRecord>>;
  /** Returns all connections to this database, in the order in which they were made. */
  ofIdentity(identity: string): Promise<ConnectionRecord[]>;
  /** Returns all connections to databases of this server, whatever the account. */
  onServer(server: Pick<ConnectionRecord, 'dbType' | 'host' | 'port'>): Promise<ConnectionRecord[]>;
  /** Notes that a database has the key `key` from the moment `at` on, and had `former` before, which its backups have. */
  noteFormerKey(key: string, former: string, at: number): Promise<void>;
  /** Returns all former keys of a database with their periods, as another database may have such a key at other times. */
  formerKeys(key: string): Promise<KeyPeriod[]>;
}

export interface ScheduleRepository {
  /** Throws CONNECTION_NOT_FOUND when the connection does not exist (any more), and so does {@link update}. */
  insert(records: readonly ScheduleRecord[]): Promise<void>;
  update(id: string, change: Partial<Omit<ScheduleRecord, 'id'>>): Promise<ScheduleRecord | undefined>;
  remove(id: string): Promise<boolean>;
  get(id: string): Promise<ScheduleRecord | undefined>;
  /** Lists them in the order in which they were made. */
  page(query: { connectionId?: string; limit: number; after?: string }): Promise<Page<ScheduleRecord>>;
  /** Returns enabled schedules whose `nextDueAt` has come, the longest due first. */
  due(now: number, limit: number): Promise<ScheduleRecord[]>;
  /** Returns the earliest `nextDueAt`; undefined when no schedule is enabled. */
  nextDueAt(): Promise<number | undefined>;
  /** Sets `servedDueAt` and `nextDueAt` of the schedules whose `nextDueAt` still is `due`, in as few statements as possible. */
  advance(steps: readonly { id: string; due: number; next: number }[]): Promise<void>;
}

export interface BackupRepository {
  /** Inserts or replaces by the address. Pins stay, and so does the verdict of a later manifest of the same backup. */
  put(rows: readonly BackupRow[]): Promise<void>;
  remove(storageId: string, keys: readonly string[]): Promise<void>;
  page(query: BackupQuery): Promise<Page<BackupRow>>;
  count(query: Omit<BackupQuery, 'limit' | 'after' | 'sort' | 'order'>): Promise<number>;
  /** Returns every place of a backup. */
  get(id: string): Promise<BackupRow[]>;
  at(address: ArtifactAddress): Promise<BackupRow | undefined>;
  /** Returns only the fields that a comparison with the folder needs. */
  known(
    folder: ArtifactFolder,
  ): Promise<Pick<BackupRow, 'filename' | 'size' | 'fileModifiedAt' | 'manifestModifiedAt'>[]>;
  /** Returns the backups of one database, the newest first; only the complete ones by default. */
  ofDatabase(
    databaseKey: string,
    options?: {
      folder?: ArtifactFolder;
      limit?: number;
      failed?: boolean;
      status?: BackupStatus;
      from?: number | undefined;
      until?: number | undefined;
    },
  ): Promise<BackupRow[]>;
  /** Counts the complete backups of each database and their bytes, by key; optionally of one key and period. */
  totals(of?: KeyPeriod): Promise<Map<string, { backups: number; bytes: number }>>;
  /** Counts the files of each folder, foreign files too. */
  inFolders(): Promise<(ArtifactFolder & { backups: number; bytes: number })[]>;
  ofConnection(connectionId: string): Promise<BackupRow[]>;
  /** Pins or unpins a backup by its id. A pin outlives the row. */
  pin(id: string, pinned: boolean, at: number): Promise<void>;
  /** Returns those of these ids that are pinned. */
  pinned(ids: readonly string[]): Promise<Set<string>>;
  /** Returns the last manifests that were seen at a place; none for a backup whose manifest was never rewritten. */
  revisions(address: ArtifactAddress): Promise<ManifestRevision[]>;
  /** To be called for a backup that was deleted. */
  forgetRevisions(address: ArtifactAddress): Promise<void>;
  /** Returns the state of a folder at its last comparison, a text of the caller's choice; undefined when it was never compared. */
  folderState(folder: ArtifactFolder): Promise<string | undefined>;
  setFolderState(folder: ArtifactFolder, state: string): Promise<void>;
  folders(): Promise<ArtifactFolder[]>;
  /**
   * Returns the folders, by their absolute paths, that an earlier version of the service has listed and that are not assigned to
   * a storage so far: only a service that has their storage knows to which.
   */
  unassigned(): Promise<string[]>;
  /**
   * Gives such a folder, with everything that is known of it, its address. Rows that the address has already stay; of two verdicts,
   * the later one.
   */
  assign(path: string, to: ArtifactFolder): Promise<void>;
  /**
   * Adds a folder that another storage has listed, as not compared so far, with the verdicts of earlier verifications. Nothing at
   * the address `before` changes, as another service may use it.
   */
  knowAlsoAt(before: ArtifactFolder, now: ArtifactFolder): Promise<void>;
  /** Forgets every row and folder state, but not the pins. */
  clear(): Promise<void>;
}

export interface JobRepository {
  /** Returns the ids of the inserted jobs. It skips a job whose `uniqueKey` is taken. */
  insert(records: readonly JobRecord[]): Promise<string[]>;
  get(id: string): Promise<JobRecord | undefined>;
  byUniqueKey(key: string): Promise<JobRecord | undefined>;
  /**
   * Changes a job from queued to running, with `attempt` + 1 and `startedAt`. Returns `locked` when another job runs under its
   * lock key (a unique index ensures that between instances), and `gone` when it is not queued or not `owner`'s any more.
   */
  claim(id: string, owner: string, now: number): Promise<'claimed' | 'locked' | 'gone'>;
  /** Changes a job that is in one of `states`; returns undefined when it is not. */
  update(
    id: string,
    states: readonly JobState[],
    change: Partial<Omit<JobRecord, 'id'>>,
  ): Promise<JobRecord | undefined>;
  /** Lists the newest first. */
  page(query: JobQuery): Promise<Page<JobRecord>>;
  /** Returns the queued and running jobs of an instance, in order of priority and creation. */
  unfinished(owner: string): Promise<JobRecord[]>;
  /** Gives the queued jobs of a dead instance to another one, each to one only. Returns how many. */
  adopt(deadOwner: string, owner: string): Promise<number>;
  /** Returns the last ended job of each of these schedules, or of every schedule. */
  lastFinished(scheduleIds: readonly string[]): Promise<Map<string, JobRecord>>;
  /** Removes jobs that ended before a time, the oldest first, at most `limit`. The last one of each schedule stays. */
  prune(before: number, limit: number): Promise<number>;
}

export interface RestoreRepository {
  insert(record: RestoreRecord): Promise<void>;
  update(id: string, change: Partial<Omit<RestoreRecord, 'id'>>): Promise<void>;
  get(id: string): Promise<RestoreRecord | undefined>;
  /** Lists the newest first. */
  page(query: { limit: number; after?: string; databaseKey?: string }): Promise<Page<RestoreRecord>>;
  /** Notes that the previous database is kept from now on, for this time by the catalog's clock (FAILURES 45). */
  keepCopy(id: string, copy: { name: string; bytes: number | null; forMs: number }): Promise<void>;
  /** Notes the safety backup that can undo the restore, for this time by the catalog's clock; without `forMs`, for ever. */
  keepBackup(id: string, backup: { id: string; path: string; forMs?: number | undefined }): Promise<void>;
  /** Tells which of these backups a restore needs, for its undo or while it runs, and which restore that is. */
  needing(backupIds: readonly string[]): Promise<Map<string, string>>;
  /** Returns the last undo of each of these restores that was begun. */
  undoings(ids: readonly string[]): Promise<Map<string, RestoreRecord>>;
  /** Changes the state for one caller only, also between instances. Returns true when it was `from`. */
  moveCopy(id: string, from: CopyState, to: CopyState): Promise<boolean>;
  /** Marks kept tables as lost for ever, as the database that held them is gone. Their `copyUntil` becomes null. */
  loseCopies(copies: readonly string[]): Promise<void>;
  /** Returns restores that keep a previous database of this name, or are about to drop it, on any server. */
  keeping(copy: string): Promise<RestoreRecord[]>;
  /** Returns the known size of all previous databases together that are kept for undos. */
  keptBytes(): Promise<number>;
  /** Returns restores whose undo has expired by the catalog's clock, and those whose drop was begun and never ended. */
  expired(limit: number): Promise<RestoreRecord[]>;
  /** Returns restores that do not run but left something on the server: a staging database, or a swap under way. */
  unrecovered(limit: number): Promise<RestoreRecord[]>;
  /** Counts the restores over this connection that left something on its server. */
  leftOver(connectionId: string): Promise<number>;
  /** Marks `running` restores whose job does not run any more as `interrupted`. Returns how many. */
  endInterrupted(now: number): Promise<number>;
}

export interface AuditRepository {
  insert(record: AuditRecord): Promise<void>;
  /** Lists the newest first. */
  page(query: { limit: number; after?: string }): Promise<Page<AuditRecord>>;
  prune(before: number, limit: number): Promise<number>;
}

/** The instances that work on this catalog. Times are those of the database's clock (FAILURES 44, 45). */
export interface InstanceRepository {
  /** Signs an instance on, or stores its heartbeat. Returns false for ever after {@link bury} declared it dead. */
  beat(instance: { id: string; host: string; pid: number }): Promise<boolean>;
  /** Returns the instances whose last heartbeat is older. */
  silent(forMs: number): Promise<{ id: string; host: string; pid: number; beatAt: number }[]>;
  all(): Promise<{ id: string; host: string; pid: number }[]>;
  /** Declares an instance dead. Returns true for one caller only, who must end or take over its jobs. */
  bury(id: string): Promise<boolean>;
  signOff(id: string): Promise<void>;
}

/** The domain events, in the order of their commits, and how far each subscriber has read them. */
export interface OutboxRepository {
  /**
   * Adds events. In a transaction they are written at its end, as its last statements, so that they exist exactly when it
   * succeeds.
   */
  append(events: readonly NewEvent[]): Promise<void>;
  /** Returns the events after a position, optionally only those of these names. */
  after(position: number, limit: number, names?: readonly string[]): Promise<StoredEvent[]>;
  /** Returns the position of the last event that was ever written, or 0. */
  last(): Promise<number>;
  /** Returns the position of the oldest event that is kept; undefined when none is. */
  first(): Promise<number | undefined>;
  /**
   * Calls `listener` after each commit with events in this process, and as soon as possible after those of others. It is only a
   * hint: the hints of others can get lost. Returns a function that ends this.
   */
  onAppended(listener: () => void): () => void;
  /**
   * Makes `owner` the only reader of a subscriber for a time by the catalog's clock, and returns the position up to which the
   * subscriber has read. A new subscriber begins with the next event. Returns undefined while another owner has it.
   */
  lease(name: string, owner: string, forMs: number): Promise<number | undefined>;
  /** Notes that a subscriber has read up to a position. Returns false when `owner` does not have it any more. */
  advance(name: string, owner: string, position: number): Promise<boolean>;
  /** Ends a lease before its time. */
  release(name: string, owner: string): Promise<void>;
  /** Ends every lease, for a process that is the only one: whoever has one is dead. */
  releaseAll(): Promise<void>;
  /**
   * Removes events that are older than `readMs` and that every subscriber has read, and all that are older than `unreadMs`, the
   * oldest first, at most `limit`. Returns how many.
   */
  prune(ages: { readMs: number; unreadMs: number; limit: number }): Promise<number>;
}
