import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { OF_THE_SOURCE, settingsWithout } from '../login/session-settings.js';
import { setCommand } from '../swap/property-commands.js';

/**
 * Settings of the application or of an extension, which have a dot in their names. For a database mostly an administrator alone
 * may set them. Of procedural languages only these of PL/pgSQL: those of others may name code, which the server then runs.
 */
const OF_OTHERS =
  /^(?!pl)[a-z_]\w*\.\w[^=]*$|^plpgsql\.(variable_conflict|extra_errors|extra_warnings|check_asserts)$/i;

/** The settings on which functions may depend, as sessions of this user begin with them in the database. */
export async function sourceSettings(
  connection: ConnectionParams,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  await using session = await PostgresSession.open(connection, signal, settingsWithout(OF_THE_SOURCE));
  const asking = session.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name = ANY ($1) ORDER BY name`,
    [OF_THE_SOURCE],
  );
  const rows = await asking.catch((error: unknown) => {
    throw databaseError(error, `The settings of "${connection.database}" could not be read`);
  });
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

/**
 * Makes each session of the database begin with the settings that the source's have, as functions are called while it is loaded
 * (FAILURES 59). A setting that the server does not know, or that this user may not set, is left as it is. `administrator`: a user
 * who may set more of them.
 */
export async function setSourceSettings(
  loader: ConnectionParams,
  administrator: ConnectionParams,
  { sessionSettings = {} }: DumpSource,
  signal: AbortSignal,
): Promise<void> {
  const alter = (of: (name: string) => boolean): string[] =>
    Object.entries(sessionSettings)
      .filter(([name]) => of(name))
      .map(
        ([name, value]) => `ALTER DATABASE ${pg.escapeIdentifier(loader.database)} ${setCommand(`${name}=${value}`)}`,
      );
  await attempt(loader, alter(isOfSource), signal);
  await attempt(
    administrator,
    alter((name) => OF_OTHERS.test(name)),
    signal,
  );
}

async function attempt(connection: ConnectionParams, commands: readonly string[], signal: AbortSignal): Promise<void> {
  if (commands.length === 0) return;
  await using session = await PostgresSession.open(connection, signal);
  try {
    for (const command of commands) await unlessRefused(session.query(command));
  } catch (error) {
    throw databaseError(error, `The settings of the source could not be set for "${connection.database}"`);
  }
}

/** The same for one session alone, in a database that is somebody's. */
export async function useSourceSettings(session: PostgresSession, { sessionSettings = {} }: DumpSource): Promise<void> {
  for (const [name, value] of Object.entries(sessionSettings)) {
    if (!OF_OTHERS.test(name) && !isOfSource(name)) continue;
    await unlessRefused(session.query('SELECT set_config($1, $2, false)', [name, value]));
  }
}

function isOfSource(name: string): boolean {
  return OF_THE_SOURCE.includes(name);
}

async function unlessRefused(command: Promise<unknown>): Promise<void> {
  await command.catch((error: unknown) => {
    if (!isServerError(error) || /^(08|25|53|57)/.test(error.code)) throw error;
  });
}
