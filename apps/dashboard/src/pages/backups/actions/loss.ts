import { isVerified, isWhole } from '../backup-words.js';
import type { Backup } from '../backup-words.js';

/** The loss of a database when a backup is deleted. */
export interface Loss {
  /** Whether it is the newest backup of its database that was verified by a restore. */
  newestVerified: boolean;
  /** The newest verified one of the backups that stay. */
  nextVerified: Backup | undefined;
  /** The number of complete backups of its database that stay. */
  remaining: number;
}

/** `others`: backups of any database, in any order, with or without this one. */
export function lossOf(backup: Backup, others: readonly Backup[]): Loss {
  const remaining = others.filter((other) => other.path !== backup.path && isSameDatabase(other, backup) && isWhole(other));
  const nextVerified = remaining.filter(isVerified).toSorted((a, b) => b.created - a.created)[0];
  const newestVerified = isVerified(backup) && (nextVerified === undefined || nextVerified.created <= backup.created);
  return { newestVerified, nextVerified, remaining: remaining.length };
}

function isSameDatabase(a: Backup, b: Backup): boolean {
  return a.database === b.database && a.db_type === b.db_type && a.connection_id === b.connection_id;
}
