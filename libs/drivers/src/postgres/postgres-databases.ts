import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams, DatabaseSettings } from '@app/domain';
import { AS_LONG_AS_IT_TAKES, LISTING_MS } from '../session/answer-guard.js';
import type { ServerDatabase } from '../db-driver.js';
import { dropAccount } from './confinement/confined-account.js';
import { creationOf, endCreation } from './end-creation.js';
import { isLeftByRestore } from '../restore-names.js';
import { requireName } from './identifier.js';
import { databaseError, isServerError } from './login/postgres-errors.js';
import { PREPARED_HINT, preparedIn } from './login/prepared-transactions.js';
import type { PostgresSession } from './login/postgres-session.js';
import { openFirst } from './maintenance-session.js';
import { dropSubscriptions, subscriptionsIn } from './swap/detach-subscriptions.js';

/** SQLSTATEs that say that these settings do not exist on, or do not fit, this server. */
const UNFIT_SETTINGS = new Set(['42809', '22023', '42P17', '0A000', '42704', '42601', '42P22']);
/** The comment for people who list the databases. */
const CLOSED_COMMENT = 'Is being restored by database-backup-service, and opened when that is done.';
const SYSTEM_DATABASES = ['postgres', 'template0', 'template1'];

/** A database in which nobody or not this user may connect is listed all the same. */
export async function listDatabases(
  connection: ConnectionParams,
  signal: AbortSignal | undefined,
): Promise<ServerDatabase[]> {
  return maintenance(connection, undefined, signal, 'The databases could not be listed', async (session) => {
    session.answerWithin(LISTING_MS);
    // -2 marks what a DROP DATABASE left behind when it was interrupted.
    const rows = await session.query<{ name: string; bytes: string | null; accessible: boolean }>(
      `SELECT d.datname AS name, a.accessible, CASE WHEN a.accessible THEN pg_catalog.pg_database_size(d.oid)::text END AS bytes
         FROM pg_catalog.pg_database d, LATERAL (SELECT d.datallowconn AND d.datconnlimit <> -2
           AND pg_catalog.has_database_privilege(d.oid, 'CONNECT') AS accessible) a
        WHERE NOT d.datistemplate ORDER BY d.datname COLLATE "C"`,
    );
    return rows
      .filter(({ name }) => !isLeftByRestore(name))
      .map(({ name, bytes, accessible }) => ({
        name,
        sizeBytes: bytes === null ? undefined : Number(bytes),
        accessible,
      }));
  });
}

export async function databaseExists(
  connection: ConnectionParams,
  name: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return maintenance(
    connection,
    undefined,
    signal,
    `It could not be asked whether database "${name}" exists`,
    async (session) => {
      session.answerWithin(LISTING_MS);
      requireName(name, 'database name', 'target_database', session.longestName);
      const rows = await session.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [name]);
      return rows.length > 0;
    },
  );
}

/** With all of `settings`; else UNSUPPORTED, or with `orNearest` the encoding with the server's or the C locale, and says so. */
export async function createDatabase(
  connection: ConnectionParams,
  name: string,
  settings: DatabaseSettings,
  { orNearest, closed, signal }: { orNearest: boolean; closed: boolean; signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  requireName(name, 'database name');
  const what = `Database "${name}" could not be created`;
  return maintenance(connection, undefined, signal, what, async (session) => {
    const quoted = pg.escapeIdentifier(name);
    // Closed by the very command that makes it: nobody can write into what a restore replaces (FAILURES 56).
    const create = async (options: string): Promise<unknown> => {
      await session.query(
        `${creationOf(name)}${options}${closed ? ' ALLOW_CONNECTIONS false' : ''}`,
        [],
        AS_LONG_AS_IT_TAKES,
      );
      if (closed) await session.query(`COMMENT ON DATABASE ${quoted} IS ${pg.escapeLiteral(CLOSED_COMMENT)}`);
      return undefined;
    };
    const wanted = fullOptions(settings);
    const refusal = await unlessUnfit(create(wanted));
    if (refusal === undefined) return [];
    if (!orNearest) throw unfit(name, wanted, refusal);
    const attempts = [encodingOptions(settings, false), encodingOptions(settings, true), ''];
    for (const options of new Set(attempts)) {
      if (options === wanted || (await unlessUnfit(create(options))) !== undefined) continue;
      const made = options === '' ? " the server's defaults" : options;
      return [`Database "${name}" was made with${made}, not with${wanted}: ${refusal}.`];
    }
    throw unfit(name, wanted, refusal);
  });
}

/** See `DbDriver.endCreation`. */
export async function endCreationOf(connection: ConnectionParams, name: string): Promise<void> {
  requireName(name, 'database name');
  const what = `It could not be found out whether database "${name}" is still being created`;
  await maintenance(connection, name, undefined, what, (session) => endCreation(session, name));
}

/** The server's words where these settings do not exist on it or do not fit it. */
async function unlessUnfit(creation: Promise<unknown>): Promise<string | undefined> {
  try {
    await creation;
    return undefined;
  } catch (error) {
    if (isServerError(error) && UNFIT_SETTINGS.has(error.code)) return error.message;
    throw error;
  }
}

function unfit(name: string, options: string, words: string): DomainError {
  return new DomainError('UNSUPPORTED', `Database "${name}" cannot be made here with${options}: ${words}.`, {
    hint: 'Install that locale on the server and restart it, create the database yourself, or accept another one with locale_fallback.',
  });
}

/** See `DbDriver.dropClosed`. One without our comment may be ours, whose maker died before it could say so. */
export async function dropClosed(connection: ConnectionParams, name: string): Promise<boolean> {
  requireName(name, 'database name');
  const what = `Database "${name}" could not be dropped`;
  return maintenance(connection, name, undefined, what, async (session) => {
    const closed = await session.query(
      `SELECT FROM pg_catalog.pg_database d WHERE d.datname = $1 AND NOT d.datallowconn AND NOT d.datistemplate
          AND coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), $2) = $2`,
      [name, CLOSED_COMMENT],
    );
    if (closed.length > 0) await session.query(`DROP DATABASE ${pg.escapeIdentifier(name)}`, [], AS_LONG_AS_IT_TAKES);
    return closed.length > 0;
  });
}

export async function dropDatabase(connection: ConnectionParams, name: string): Promise<void> {
  requireName(name, 'database name');
  if (SYSTEM_DATABASES.includes(name)) {
    throw new DomainError('UNSUPPORTED', `"${name}" belongs to the server and is not dropped.`);
  }
  await maintenance(connection, name, undefined, `Database "${name}" could not be dropped`, async (session) => {
    try {
      const prepared = await preparedIn(session, name);
      if (prepared.length > 0) {
        throw new DomainError('BUSY', `Database "${name}" has prepared transactions: ${prepared.join('; ')}.`, {
          hint: PREPARED_HINT,
        });
      }
      const subscriptions = await subscriptionsIn(session, name);
      if (subscriptions.length > 0)
        await dropSubscriptions({ ...connection, database: name }, subscriptions, undefined);
      // Code of a dump may have marked it, where it ran as the owner. The server drops no template.
      const template = 'SELECT FROM pg_catalog.pg_database WHERE datname = $1 AND datistemplate';
      if ((await session.query(template, [name])).length > 0)
        await session.query(`ALTER DATABASE ${pg.escapeIdentifier(name)} IS_TEMPLATE false`);
      await session.query(`DROP DATABASE ${pg.escapeIdentifier(name)}`, [], AS_LONG_AS_IT_TAKES);
      await dropAccount(session, name);
    } catch (error) {
      if (!isServerError(error)) throw error;
      if (error.code === '3D000') throw new DomainError('DATABASE_NOT_FOUND', `There is no database "${name}".`);
      if (error.code !== '55006') throw error;
      throw new DomainError('BUSY', `Database "${name}" is in use: ${error.detail ?? error.message}.`, {
        hint: 'Close the other sessions first.',
        cause: error,
      });
    }
  });
}

/** Works in the connection's own database, or where that does not exist (or is `avoid`), in one that every server has. */
async function maintenance<T>(
  connection: ConnectionParams,
  avoid: string | undefined,
  signal: AbortSignal | undefined,
  what: string,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T> {
  const candidates = [...new Set([connection.database, 'postgres', 'template1'])].filter(
    (name) => name !== avoid && name !== '',
  );
  await using session = await openFirst(connection, candidates, signal);
  try {
    return await work(session);
  } catch (error) {
    throw databaseError(error, what);
  }
}

/** Returns the options of CREATE DATABASE for exactly these settings. */
export function fullOptions(settings: DatabaseSettings): string {
  const provider = settings['locale_provider'];
  const custom = provider === 'icu' || provider === 'builtin';
  return options({
    ENCODING: settings['encoding'],
    LC_COLLATE: settings['lc_collate'],
    LC_CTYPE: settings['lc_ctype'],
    LOCALE_PROVIDER: custom ? provider : undefined,
    [provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE']: custom ? settings['locale'] : undefined,
    ICU_RULES: provider === 'icu' ? settings['icu_rules'] : undefined,
  });
}

function encodingOptions(settings: DatabaseSettings, plainLocale: boolean): string {
  return options({ ENCODING: settings['encoding'], LOCALE: plainLocale ? 'C' : undefined });
}

function options(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ` ${name} ${pg.escapeLiteral(value)}`)
    .join('');
}
