import type {
  ConnectionParams,
  ObjectCounts,
  RestoreOptions,
  RestoreStrategy,
  ToolPaths,
  VerificationLevel,
} from '@app/domain';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { LockoutEstimate } from './lockout-estimate.js';

export interface RestoreRequest extends RestoreOptions {
  connection: ConnectionParams;
  /** The connection's id in the catalog, for the safety backup. */
  connectionId?: string | undefined;
  /** The path as the caller gave it. */
  file: string;
  tools: ToolPaths;
}

export interface RestoreOutcome {
  /** The id of the record in the catalog. */
  id?: string;
  path: string;
  database: string;
  strategy: RestoreStrategy;
  /** The target did not exist before. */
  created: boolean;
  durationMs: number;
  /** How long the database could not be used; undefined where the whole restore was done in place. */
  lockoutMs?: number;
  sessionsEnded?: number;
  /** The backup with the previous content, where no previous database is kept on the server. */
  safetyBackup?: BackupRecord;
  /** The previous database on the server. */
  copy?: { name: string; bytes: number | null };
  tables?: readonly string[];
  warnings: readonly string[];
}

/** The effects that a restore would have, found out without changing anything. */
export interface RestorePlan {
  path: string;
  database: string;
  strategy: RestoreStrategy;
  /** Why the strategy would not be `swap`: one sentence for each blocker. */
  blockers: readonly string[];
  /**
   * Whether a restore in place loads and compares the dump in a staging database before it removes anything of the target.
   * Null for a restore by another strategy, and for one in one transaction.
   */
  staged: boolean | null;
  /** The target does not exist and would be created. */
  creates: boolean;
  /** Whether it could be undone afterwards, and for how many hours at the most. */
  undoHours: number;
  tables: readonly string[] | null;
  backup: {
    id: string | null;
    database: string | null;
    format: string;
    /** Bytes of the file, and of the dump in it where that is known. */
    size: number;
    dumpSize: number | null;
    /** ISO 8601. */
    startedAt: string | null;
    server: string | null;
    verification: VerificationLevel | null;
  };
  target: {
    server: string;
    /** Bytes that it holds now. */
    bytes: number;
    /** Null where the target does not exist. */
    objects: ObjectCounts | null;
    sessions: number | null;
    freeBytes: number | null;
  };
  /** Null where the time does not depend on the number of tables, or lasts as long as the load. */
  lockout: LockoutEstimate | null;
  warnings: readonly string[];
}
