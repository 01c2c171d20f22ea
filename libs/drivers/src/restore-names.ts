/** Ids as the engine gives them; anything looser could be the name that somebody gave a database. */
const COPY = /.__(restore|before)_[0-9a-f]{8}$/;

/** Whether a database is what a restore left beside another one: nothing to back up, and gone by itself. */
export function isLeftByRestore(database: string): boolean {
  return COPY.test(database);
}
