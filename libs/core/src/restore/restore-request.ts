import type { CompareDepth, ConnectionParams, ObjectCounts, ToolPaths, VerificationLevel } from '@app/domain';
import type { CollationChoice, DefinerChoice } from '@app/drivers';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { LockoutEstimate } from './lockout-estimate.js';

/**
 * How the target gets its new content, and how a failure is undone. `swap`: a staging database is loaded and takes the
 * target's place; `transaction`: the target is loaded in one transaction (PostgreSQL); `safety_backup`: the target is loaded,
 * and a failure puts its previous content back from a backup (MySQL). `new`: there was nothing to replace.
 */
export const RESTORE_STRATEGIES = ['swap', 'transaction', 'safety_backup'] as const;
export type RestoreStrategy = (typeof RESTORE_STRATEGIES)[number] | 'new';
/** `auto` is `swap` where that is possible, else the engine's other strategy. */
export type RestoreChoice = (typeof RESTORE_STRATEGIES)[number] | 'auto';

export interface RestoreRequest {
  connection: ConnectionParams;
  /** The connection's id in the catalog, for the safety backup. */
  connectionId?: string | undefined;
  /** The path as the caller gave it. */
  file: string;
  /** Default: the connection's database. Created when it does not exist. */
  targetDatabase?: string | undefined;
  /** Default: `auto`. */
  strategy?: RestoreChoice | undefined;
  /** The tables to restore; default: everything. PostgreSQL: `schema.table`, or `table` for one in `public`. */
  tables?: readonly string[] | undefined;
  skipOwnership: boolean;
  /** Whose account views, routines, triggers and events are created with (MySQL). */
  definer?: DefinerChoice | undefined;
  /** What to do with collations that the server does not have (MySQL). Default: `keep`, which refuses them. */
  collations?: CollationChoice | undefined;
  /** Put all objects into the database's own tablespace (PostgreSQL). */
  skipTablespaces?: boolean | undefined;
  /** Accept a foreign dump without a header or an end mark. */
  acceptIncomplete?: boolean | undefined;
  /** Which database to restore of those that a foreign dump holds. */
  sourceDatabase?: string | undefined;
  /** Create a new database with other settings where the server does not have those of the backup. Default: refuse. */
  localeFallback?: boolean | undefined;
  /** What to compare before the swap. Default: the value of the settings. */
  compare?: CompareDepth | undefined;
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

/** What a restore would do, found out without changing anything. */
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
