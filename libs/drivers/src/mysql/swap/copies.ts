import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { FoundCopy } from '../../db-driver.js';
import { dropAccountOf } from '../confinement/loading-account.js';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { creationOf, endCreation } from '../end-creation.js';
import { beyondUtf8mb3, quotedName } from '../login/mysql-account.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { asSpelled, isDatabase, thrice } from '../server-names.js';
import { parseCopyName } from './copy-names.js';
import { STORED_OBJECTS_TABLE } from '../stored-objects/stored-objects-table-name.js';
import { storedObjects } from '../stored-objects/stored-objects-table.js';

/** Seconds to wait for sessions to leave a staging or previous database before they are ended. */
const LEAVE_WITHIN_S = 5;
const LOCK_WAIT_TIMEOUT = 1205;

export async function createStaging(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  requireCopyName(name);
  await withSession(connection, { database: null, signal }, async (session) => {
    try {
      await createSchema(session, connection.database, name);
    } catch (error) {
      throw statementError(error, `Making the staging database "${name}"`);
    }
  });
}

/** With character set and collation of `database`. */
export async function createSchema(session: MysqlSession, database: string, name: string): Promise<void> {
  const { character_set: characterSet, collation } = await databaseSettings(session, database);
  await session.run(`${creationOf(name)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
}

export async function schemaExists(session: MysqlSession, name: string): Promise<boolean> {
  const rows = await session.rows('SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [name]);
  return rows.length > 0;
}

export async function dropCopy(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  requireCopyName(name);
  await withSession(connection, { database: null, signal }, async (session) => {
    try {
      // Its maker may have lost the answer, while the server still makes it.
      await endCreation(session, name);
      await dropSchema(session, name);
      await dropAccountOf(session, await asSpelled(session, name));
    } catch (error) {
      throw statementError(error, `Dropping the database "${name}"`);
    }
  });
}

export async function dropSchema(session: MysqlSession, name: string): Promise<void> {
  const drop = (): Promise<void> => session.run(`DROP DATABASE IF EXISTS ${quotedName(name)}`, [], AS_LONG_AS_IT_TAKES);
  await session.run('SET SESSION lock_wait_timeout = ?, foreign_key_checks = 0', [LEAVE_WITHIN_S]);
  try {
    await drop();
  } catch (error) {
    if (serverRefusal(error)?.errno !== LOCK_WAIT_TIMEOUT) throw error;
    await endSessionsIn(session, name);
    await drop();
  }
}

/** Those that may not be ended stay, and the drop says so. */
async function endSessionsIn(session: MysqlSession, database: string): Promise<void> {
  const sessions = await session.rows<{ id: number }>(
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${isDatabase('DB')} AND ID <> CONNECTION_ID()`,
    thrice(database),
  );
  for (const { id } of sessions) {
    await session.run(`KILL ${Number(id)}`).catch((error: unknown) => {
      if (serverRefusal(error) === undefined) throw error;
    });
  }
}

export async function copyBytes(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (parseCopyName(name) === undefined) return undefined;
  return withSession(connection, { database: null, signal }, async (session) => {
    try {
      if (!(await schemaExists(session, name))) return undefined;
      const { bytes } = await session.row<{ bytes: string | number | null }>(
        `SELECT SUM(DATA_LENGTH + INDEX_LENGTH) AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`,
        [name],
      );
      return Number(bytes ?? 0);
    } catch (error) {
      throw statementError(error, `Measuring the database "${name}"`);
    }
  });
}

/** Routines, triggers, events and views leave the target as texts; see {@link storedObjects}. */
export async function holdsAnything(connection: ConnectionParams, name: string): Promise<boolean> {
  return withSession(connection, { database: null }, async (session) => {
    try {
      const tables = await session.rows(
        'SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME <> ?',
        [name, STORED_OBJECTS_TABLE],
      );
      return tables.length > 0 || ((await storedObjects(session, name))?.objects.length ?? 0) > 0;
    } catch (error) {
      throw statementError(error, `Looking into the database "${name}"`);
    }
  });
}

export async function copies(connection: ConnectionParams, signal: AbortSignal | undefined): Promise<FoundCopy[]> {
  return withSession(connection, { database: null, signal }, async (session) => {
    try {
      const rows = await session.rows<{ name: string }>(
        String.raw`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA
          WHERE SCHEMA_NAME LIKE '%\_\_restore\_%' OR SCHEMA_NAME LIKE '%\_\_before\_%' ORDER BY SCHEMA_NAME`,
      );
      return rows.flatMap(({ name }) => {
        const parsed = parseCopyName(name);
        return parsed === undefined ? [] : [{ name, role: parsed.role, id: parsed.id, whole: true }];
      });
    } catch (error) {
      throw statementError(error, 'Listing the staging and previous databases');
    }
  });
}

/** Nothing else is ever made or dropped here: a mistake of ours must not reach a database of somebody's. */
export function requireCopyName(name: string): void {
  if (parseCopyName(name) !== undefined && name.length <= 64 && !beyondUtf8mb3(name) && !name.includes('\0')) return;
  throw new DomainError('INVALID_INPUT', `"${name}" is not the name of a staging or previous database.`);
}
