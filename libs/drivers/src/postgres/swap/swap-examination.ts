import { readFile, statfs } from 'node:fs/promises';
import { DomainError } from '@app/domain';
import type { LoadPlan, SwapExamination } from '../../db-driver.js';
import { databaseError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { lossesBySwap } from '../selection/kept-copies.js';
import { openOther } from '../maintenance-session.js';
import { namesOf, sessionsIn } from './database-sessions.js';
import { blockersOf, warningsOf } from './swap-blockers.js';

/** See `DatabaseSwap.examine`. */
export async function examine({ connection }: LoadPlan, signal: AbortSignal | undefined): Promise<SwapExamination> {
  const { database } = connection;
  try {
    await using session = await openOther(connection, [database], signal);
    const sessions = await sessionsIn(session, [database]);
    const { bound, losses } = await lookInside(connection, signal);
    const lasting = sessions.filter(({ endable }) => !endable);
    return {
      blockers: [
        ...(await blockersOf(session, database)),
        ...bound.map(
          (name) =>
            `${name} works in one database alone, by its name: it cannot be loaded into a staging database of "${database}".`,
        ),
        ...(lasting.length === 0
          ? []
          : [`This user may not end these sessions in "${database}": ${namesOf(lasting)}.`]),
      ],
      warnings: [...(await warningsOf(session, database)), ...losses],
      sessions: sessions.filter(({ client }) => client).length,
      freeBytes: await freeBytes(session, database).catch(() => undefined),
    };
  } catch (error) {
    // No other database to work from.
    if (error instanceof DomainError && error.code === 'UNSUPPORTED') {
      return { blockers: [error.message], warnings: [], sessions: undefined, freeBytes: undefined };
    }
    throw databaseError(error, `It could not be examined whether "${database}" can be swapped`);
  }
}

/** `bound`: extensions of the database whose scripts refuse one of another name (pg_cron: `cron.database_name`). */
async function lookInside(
  connection: LoadPlan['connection'],
  signal: AbortSignal | undefined,
): Promise<{ bound: string[]; losses: string[] }> {
  await using inside = await PostgresSession.open(connection, signal);
  const rows = await inside.query<{ name: string }>(
    `SELECT extname::text AS name FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'`,
  );
  return { bound: rows.map(({ name }) => name), losses: await lossesBySwap(inside) };
}

/** Only where the server's process can be seen, so that its path is one of this machine's, too. */
async function freeBytes(session: PostgresSession, database: string): Promise<number | undefined> {
  const { pid, directory } = await session.queryOne<{ pid: number; directory: string }>(
    `SELECT pg_backend_pid() AS pid, coalesce(nullif(pg_tablespace_location(dattablespace), ''), current_setting('data_directory')) AS directory
       FROM pg_database WHERE datname = $1`,
    [database],
  );
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8');
  if (!title.startsWith('postgres: ') || !title.includes(session.connection.username)) return undefined;
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
