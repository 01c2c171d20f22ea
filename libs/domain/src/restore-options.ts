import type { CompareDepth } from './backup.js';

/**
 * How the target gets its new content, and how a failure is undone. `swap`: a staging database is loaded and takes the
 * target's place; `transaction`: the target is loaded in one transaction (PostgreSQL); `safety_backup`: the target is loaded,
 * and a failure puts its previous content back from a backup (MySQL). `new`: there was nothing to replace.
 */
export const RESTORE_STRATEGIES = ['swap', 'transaction', 'safety_backup'] as const;
export type RestoreStrategy = (typeof RESTORE_STRATEGIES)[number] | 'new';
/** `auto`: `swap` where it can be done, else the other strategy of the engine. */
export type RestoreChoice = (typeof RESTORE_STRATEGIES)[number] | 'auto';

/**
 * `keep`: of the accounts that the dump names. `current_user`: of the account that restores. `skip`: as `keep`, without the objects
 * whose account is not on the server.
 */
export const DEFINER_CHOICES = ['keep', 'current_user', 'skip'] as const;
export type DefinerChoice = (typeof DEFINER_CHOICES)[number];

/** `map`: the nearest collation of the server takes the place of one that it does not have. `keep`: such a dump is refused (MySQL). */
export const COLLATION_CHOICES = ['keep', 'map'] as const;
export type CollationChoice = (typeof COLLATION_CHOICES)[number];

/** The options of a restore: a request, its dry run and its job hold the same. */
export interface RestoreOptions {
  /** Default: the connection's database. Created when it does not exist. */
  targetDatabase?: string | undefined;
  /** Default: `auto`. */
  strategy?: RestoreChoice | undefined;
  /** The tables to restore; default: everything. PostgreSQL: `schema.table`, or `table` for one in `public`. */
  tables?: readonly string[] | undefined;
  /** Leave out owners and grants. */
  skipOwnership: boolean;
  /** Whose account views, routines, triggers and events are created with (MySQL). Default: `keep`. */
  definer?: DefinerChoice | undefined;
  /** The treatment of collations that the server does not have (MySQL). Default: `keep`. */
  collations?: CollationChoice | undefined;
  /** Put all objects into the database's own tablespace (PostgreSQL). */
  skipTablespaces?: boolean | undefined;
  /** Accept a foreign dump without a header or an end mark. */
  acceptIncomplete?: boolean | undefined;
  /** Which database to restore of those that a foreign dump holds. */
  sourceDatabase?: string | undefined;
  /** Create a new database with other settings where the server does not have those of the backup. Default: refuse. */
  localeFallback?: boolean | undefined;
  /** The depth of the comparison before the swap. Default: the value of the settings. */
  compare?: CompareDepth | undefined;
}
