import type { CompareDepth, ConnectionParams, ObjectCounts, ToolPaths, VerificationLevel } from '@app/domain';
import type { CollationChoice, DefinerChoice } from '@app/drivers';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { LockoutEstimate } from './lockout-estimate.js';

/**
 * How the target gets its new content, and what a failure is undone by. `swap`: loaded beside it and put in its place;
 * `transaction`: in place, in one transaction (PostgreSQL); `safety_backup`: in place, and what it held is put back
 * (MySQL). `new`: there was nothing to replace.
 */
export const RESTORE_STRATEGIES = ['swap', 'transaction', 'safety_backup'] as const;
export type RestoreStrategy = (typeof RESTORE_STRATEGIES)[number] | 'new';
/** `auto`: `swap` where it can be done, else the engine's other way. */
export type RestoreChoice = (typeof RESTORE_STRATEGIES)[number] | 'auto';

export interface RestoreRequest {
  connection: ConnectionParams;
  /** Of the catalog, for the safety backup. */
  connectionId?: string | undefined;
  /** As the caller gave it. */
  file: string;
  /** Default: the connection's database. Created when it does not exist. */
  targetDatabase?: string | undefined;
  /** Default: `auto`. */
  strategy?: RestoreChoice | undefined;
  /** Only these; default: everything. PostgreSQL: `schema.table`, or `table` for one in `public`. */
  tables?: readonly string[] | undefined;
  skipOwnership: boolean;
  /** In whose name views, routines, triggers and events are made (MySQL). */
  definer?: DefinerChoice | undefined;
  /** What becomes of collations that the server lacks (MySQL). Default: `keep`, which refuses them. */
  collations?: CollationChoice | undefined;
  /** Put everything into the database's own tablespace (PostgreSQL). */
  skipTablespaces?: boolean | undefined;
  /** A foreign dump need not have a header or an end mark. */
  acceptIncomplete?: boolean | undefined;
  /** The one to restore of several databases that a foreign dump holds. */
  sourceDatabase?: string | undefined;
  /** Make a new database with other settings where the server lacks those of the backup. Default: refuse. */
  localeFallback?: boolean | undefined;
  /** What is compared before the swap. Default: as the settings say. */
  compare?: CompareDepth | undefined;
  tools: ToolPaths;
}

export interface RestoreOutcome {
  /** Of the record in the catalog. */
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
  /** What the database held before, as a backup: where it was not kept as a copy on the server. */
  safetyBackup?: BackupRecord;
  /** What the database held before, as a copy on the server. */
  copy?: { name: string; bytes: number | null };
  tables?: readonly string[];
  warnings: readonly string[];
}

/** What a restore would do, found out without changing anything. */
export interface RestorePlan {
  path: string;
  database: string;
  strategy: RestoreStrategy;
  /** Why it would not be `swap`, sentence by sentence. */
  blockers: readonly string[];
  /**
   * Of a restore in place that is not one transaction: whether the dump is loaded and compared in a staging database before anything of the
   * target is taken away. Null for all others.
   */
  staged: boolean | null;
  /** The target does not exist and would be made. */
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
    /** Null where it does not exist. */
    objects: ObjectCounts | null;
    sessions: number | null;
    freeBytes: number | null;
  };
  /** Null where it does not depend on how much there is, or lasts as long as the load. */
  lockout: LockoutEstimate | null;
  warnings: readonly string[];
}
