/** Ids are as the core gives them; anything looser could be the name that somebody gave a database. */
const LEFT_BY_RESTORE = /.__(restore|before)_[0-9a-f]{8}$/;

/** Whether a database is the staging or previous database of a restore: it is not backed up, and is dropped by itself. */
export function isLeftByRestore(database: string): boolean {
  return LEFT_BY_RESTORE.test(database);
}
