/**
 * Which backups are kept. A backup stays when any rule keeps it; absent rules keep nothing. Periods are those of the
 * calendar in `timezone` (default: the service's), and each keeps its newest backup. A policy with no rule keeps all.
 */
export interface RetentionPolicy {
  /** The newest so many. */
  keepLast?: number;
  /** Everything younger than so many days. */
  days?: number;
  /** Grandfather, father, son: the newest of each of the last so many hours, days, … that have a backup. */
  hourly?: number;
  daily?: number;
  /** ISO weeks, from Monday. */
  weekly?: number;
  monthly?: number;
  yearly?: number;
  /** Bytes. What the other rules keep goes, oldest first, until the rest fits. */
  maxBytes?: number;
}
