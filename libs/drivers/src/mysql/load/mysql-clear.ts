import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { quotedName } from '../login/mysql-account.js';
import { isEmpty, readInventory } from '../dump/mysql-inventory.js';
import type { RoutineType } from '../dump/mysql-inventory.js';
import { SESSION_SETUP } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';

/** How long to wait for other sessions to let go of a table, seconds. */
const LOCK_WAIT_S = 120;
/** MariaDB needs longer for each the more of them a statement names (ADR 41). */
const TABLES_AT_ONCE = 200;

/**
 * Drops everything that the session's database holds, so that nothing absent from the dump survives (FAILURES 38). The
 * database itself stays, with its grants and settings.
 */
export async function clearDatabase(session: MysqlSession, database: string): Promise<void> {
  const inventory = await readInventory(session, database);
  if (isEmpty(inventory)) return;
  await session.run('SET SESSION foreign_key_checks = 0, lock_wait_timeout = ?', [LOCK_WAIT_S]);
  const drop = (kind: string, name: string): Promise<void> =>
    session.run(`DROP ${kind} IF EXISTS ${quotedName(database)}.${quotedName(name)}`, [], AS_LONG_AS_IT_TAKES);
  // Events first: one that runs now could make things anew. Triggers go with their tables.
  for (const name of inventory.events) await drop('EVENT', name);
  for (const name of inventory.views) await drop('VIEW', name);
  const dropRoutines = async (type: RoutineType): Promise<void> => {
    for (const routine of inventory.routines.filter((entry) => entry.type === type)) await drop(type, routine.name);
  };
  await dropRoutines('PROCEDURE');
  await dropRoutines('FUNCTION');
  for (const name of inventory.libraries) await drop('LIBRARY', name);
  if (inventory.routines.some(({ type }) => type === 'PACKAGE')) {
    // MariaDB knows the word in this mode only. A package's body goes with it.
    await session.run(`SET SESSION sql_mode = 'ORACLE'`);
    await dropRoutines('PACKAGE');
    await session.run(SESSION_SETUP);
  }
  // This takes few statements, as nobody can use the target meanwhile.
  for (let first = 0; first < inventory.tables.length; first += TABLES_AT_ONCE) {
    const some = inventory.tables.slice(first, first + TABLES_AT_ONCE);
    const names = some.map(({ name }) => `${quotedName(database)}.${quotedName(name)}`).join(', ');
    await session.run(`DROP TABLE IF EXISTS ${names}`, [], AS_LONG_AS_IT_TAKES);
  }
  // Last: defaults of columns refer to them.
  for (const name of inventory.sequences) await drop('SEQUENCE', name);
}
