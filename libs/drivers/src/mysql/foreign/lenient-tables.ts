import { isLackOfPrivilege, serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';

/**
 * Tables that were made with `innodb_strict_mode=OFF` (a row that may grow too long, options that do not go together) are refused by
 * the server that they come from when it is on (1118, 1031, 1478). They are made here as they were made there.
 */
export const LENIENT_TABLES = 'SET SESSION innodb_strict_mode = 0';

/** A server that does not know the variable. */
const UNKNOWN_VARIABLE = 1193;

/** Sets it for this session. False where the account may not, as MySQL makes it a matter of privilege, or the server has no such. */
export async function makeLenient(session: MysqlSession): Promise<boolean> {
  try {
    await session.run(LENIENT_TABLES);
    return true;
  } catch (error) {
    const errno = serverRefusal(error)?.errno;
    if (errno === undefined || !(errno === UNKNOWN_VARIABLE || isLackOfPrivilege(errno))) throw error;
    return false;
  }
}
