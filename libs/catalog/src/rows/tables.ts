import type {
  AuditRecord,
  BackupRow,
  ConnectionRecord,
  JobRecord,
  RestoreRecord,
  ScheduleRecord,
  StorageRecord,
  StoredEvent,
} from '../records.js';

/**
 * A record as its table holds it: fields of `J` are JSON texts, fields of `F` are 0 or 1, the others are as in the record. Columns
 * are the fields in snake_case (Kysely's CamelCasePlugin translates).
 */
export type Stored<R, J extends keyof R, F extends keyof R> = {
  [K in keyof R]: K extends J ? string | Extract<R[K], null> : K extends F ? number : R[K];
};

export interface Tables {
  catalogInfo: { name: string; value: string };
  storages: Stored<StorageRecord, 'settings', never>;
  connections: Stored<ConnectionRecord, 'retention', never>;
  schedules: Stored<ScheduleRecord, 'options' | 'retention', 'enabled'>;
  backups: Stored<BackupRow, 'manifest', 'verificationFailed'> & {
    /** The key without the last part, as lists are of folders. */
    folder: string;
    /** File and database name in lower case for the search, as the databases fold only ASCII, or by locale. */
    searchText: string;
  };
  manifestRevisions: {
    storageId: string;
    key: string;
    id: string;
    revision: number;
    verification: string;
    failed: number;
  };
  pins: { id: string; at: number };
  /** `state` is null while the folder was never compared. */
  folders: { storageId: string; folder: string; state: string | null };
  jobs: Stored<JobRecord, 'payload' | 'result' | 'failure' | 'progress' | 'log', 'abandonedByRestart'>;
  restores: Stored<RestoreRecord, 'failure' | 'tables' | 'journal', never>;
  audit: Stored<AuditRecord, 'details', never>;
  /** Instances that were declared dead stay, so that they learn of it when they come back. */
  instances: { id: string; host: string; pid: number; beatAt: number; buriedAt: number | null };
  domainEvents: Stored<StoredEvent, 'payload', never>;
  /** One row: the position of the last event. */
  domainEventHead: { name: string; position: number };
  eventSubscribers: { name: string; position: number; owner: string | null; leasedUntil: number };
}
