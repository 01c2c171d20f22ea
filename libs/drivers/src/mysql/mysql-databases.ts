import { DomainError } from '@app/domain';
import type { ConnectionParams, DatabaseSettings } from '@app/domain';
import { AS_LONG_AS_IT_TAKES, LISTING_MS } from '../session/answer-guard.js';
import type { ServerDatabase } from '../db-driver.js';
import type { NameLimits } from '../given-names.js';
import { creationOf, endCreation } from './end-creation.js';
import { isLeftByRestore } from '../restore-names.js';
import { dropAccountOf } from './confinement/loading-account.js';
import { beyondUtf8mb3, currentAccount, quotedName } from './login/mysql-account.js';
import { serverRefusal, statementError } from './login/mysql-errors.js';
import { withSession } from './login/mysql-session.js';
import { asSpelled } from './server-names.js';

/** Users of MariaDB may be longer than those of MySQL (32), which refuses them itself. */
export const MYSQL_NAMES: NameLimits = {
  product: 'MySQL',
  lengthOf: (name) => Array.from(name).length,
  unit: 'characters long',
  most: { database: 64, table: 64, user: 128 },
  faultOf: (kind, name) =>
    kind !== 'user' && name.endsWith(' ')
      ? `ends with a space, which MySQL refuses in the name of a ${kind}`
      : undefined,
};

/** Whose schemas are the server's own. */
const SYSTEM_SCHEMAS = ['information_schema', 'mysql', 'performance_schema', 'sys'];

/**
 * A user with SHOW DATABASES sees the names of databases in which nothing is theirs to see: those are not accessible.
 * A user without it does not learn that there are others.
 */
export async function listDatabases(
  connection: ConnectionParams,
  signal: AbortSignal | undefined,
): Promise<ServerDatabase[]> {
  return withSession(connection, { database: null, signal }, async (session) => {
    session.answerWithin(LISTING_MS);
    try {
      const { privileges } = await currentAccount(session, await session.serverInfo());
      // The prefix marks folders of the data directory whose names are no names of databases.
      const rows = await session.rows<{ name: string; bytes: string | number | null }>(
        `SELECT s.SCHEMA_NAME AS name,
                (SELECT SUM(t.DATA_LENGTH + t.INDEX_LENGTH) FROM information_schema.TABLES t
                  WHERE t.TABLE_SCHEMA = s.SCHEMA_NAME) AS bytes
           FROM information_schema.SCHEMATA s
          WHERE LOWER(s.SCHEMA_NAME) NOT IN (?) AND s.SCHEMA_NAME NOT LIKE '#mysql50#%'`,
        [SYSTEM_SCHEMAS],
      );
      return rows
        .filter(({ name }) => !isLeftByRestore(name))
        .map(({ name, bytes }) => {
          const accessible = privileges.anyIn(name);
          return { name, sizeBytes: accessible ? Number(bytes ?? 0) : undefined, accessible };
        })
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      throw statementError(error, 'Listing the databases');
    }
  });
}

export async function databaseExists(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (beyondUtf8mb3(name)) return false;
  return withSession(connection, { database: null, signal }, async (session) => {
    session.answerWithin(LISTING_MS);
    try {
      const found = await session.rows<{ name: string }>(
        'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
        [name],
      );
      const spelled = await asSpelled(session, name);
      return found.some((row) => row.name === spelled);
    } catch (error) {
      throw statementError(error, `Looking for the database "${name}"`);
    }
  });
}

/** Character set or collation that this server does not know, or that do not go together. */
const UNKNOWN_SETTING = [1115, 1253, 1273];

/** UNSUPPORTED where the server lacks character set or collation; with `orNearest` its own are taken, which the result says. */
export async function createDatabase(
  connection: ConnectionParams,
  name: string,
  settings: DatabaseSettings,
  { orNearest, signal }: { orNearest: boolean; signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  if (name === '' || name.includes('\0') || beyondUtf8mb3(name)) {
    const message = 'The name is empty or holds a character that names of MySQL databases cannot hold.';
    throw new DomainError('INVALID_INPUT', message);
  }
  const { character_set: characterSet = '', collation = '' } = settings;
  const withSettings = /^\w+$/.test(characterSet) && /^\w+$/.test(collation);
  return withSession(connection, { database: null, signal }, async (session) => {
    const create = (suffix: string): Promise<void> => session.run(`${creationOf(name)}${suffix}`);
    try {
      const wanted = withSettings ? ` CHARACTER SET ${characterSet} COLLATE ${collation}` : '';
      try {
        await create(wanted);
        return [];
      } catch (error) {
        const refusal = serverRefusal(error);
        if (wanted === '' || !UNKNOWN_SETTING.includes(refusal?.errno ?? 0)) throw error;
        const words = refusal?.words ?? 'unknown to the server';
        if (!orNearest) throw unfit(name, wanted, words);
        await create('');
        return [
          `Database "${name}" was made with the server's character set and collation, not with${wanted}: ${words}.`,
        ];
      }
    } catch (error) {
      throw statementError(error, `Creating the database "${name}"`);
    }
  });
}

/** See `DbDriver.endCreation`. */
export async function endCreationOf(connection: ConnectionParams, name: string): Promise<void> {
  await withSession(connection, { database: null }, async (session) => {
    try {
      await endCreation(session, name);
    } catch (error) {
      throw statementError(error, `Finding out whether the database "${name}" is still being created`);
    }
  });
}

function unfit(name: string, options: string, words: string): DomainError {
  return new DomainError('UNSUPPORTED', `Database "${name}" cannot be made here with${options}: ${words}.`, {
    hint: "Restore to a server that has them, create the database yourself, or accept the server's own with locale_fallback.",
  });
}

export async function dropDatabase(connection: ConnectionParams, name: string): Promise<void> {
  await withSession(connection, { database: null }, async (session) => {
    try {
      const spelled = await asSpelled(session, name);
      await session.run(`DROP DATABASE ${quotedName(name)}`, [], AS_LONG_AS_IT_TAKES);
      await dropAccountOf(session, spelled);
    } catch (error) {
      throw statementError(error, `Dropping the database "${name}"`);
    }
  });
}
