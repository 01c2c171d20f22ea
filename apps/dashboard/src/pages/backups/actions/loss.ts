import { isProven, isWhole } from '../backup-words.js';
import type { Backup } from '../backup-words.js';

/** What is lost with a backup. */
export interface Loss {
  /** It is the newest of its database that is proven by restore. */
  newestProven: boolean;
  /** The newest proven one of those that stay. */
  nextProven: Backup | undefined;
  /** Whole ones of its database that stay. */
  remaining: number;
}

/** `others`: backups of any database, in any order, with or without this one. */
export function lossOf(backup: Backup, others: readonly Backup[]): Loss {
  const remaining = others.filter((other) => other.path !== backup.path && isSameDatabase(other, backup) && isWhole(other));
  const nextProven = remaining.filter(isProven).toSorted((a, b) => b.created - a.created)[0];
  const newestProven = isProven(backup) && (nextProven === undefined || nextProven.created <= backup.created);
  return { newestProven, nextProven, remaining: remaining.length };
}

function isSameDatabase(a: Backup, b: Backup): boolean {
  return a.database === b.database && a.db_type === b.db_type && a.connection_id === b.connection_id;
}
