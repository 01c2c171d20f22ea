/**
 * The rules for keeping backups. A backup stays when any rule keeps it; absent rules keep nothing. Periods are those of the
 * calendar in `timezone` (default: the service's), and each keeps its newest backup. A policy without a rule keeps all.
 */
export interface RetentionPolicy {
  /** The number of newest backups that are kept. */
  keepLast?: number;
  /** Every backup that is younger than this number of days is kept. */
  days?: number;
  /** Grandfather, father, son: the newest backup of each of the last hours, days, … that have one. */
  hourly?: number;
  daily?: number;
  /** ISO weeks, from Monday. */
  weekly?: number;
  monthly?: number;
  yearly?: number;
  /** The size limit in bytes. Backups that the other rules keep are removed, the oldest first, until the others fit. */
  maxBytes?: number;
}
