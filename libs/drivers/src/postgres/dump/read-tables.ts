import type { QueryResultRow } from 'pg';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { isNotFound } from '../load/search-path-retry.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { searchPaths } from './search-path-needs.js';

/** All schemas of users, where no search path that is set anywhere leads to what is missing. */
const EVERY_SCHEMA = `
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(nspname), ', ' ORDER BY nspname) AS path FROM pg_catalog.pg_namespace
   WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`;

/**
 * Reads whole tables in the transaction that is open on `session`. To plan that, the server resolves SQL functions that
 * indexes and extended statistics call, although reading needs none of them. Where one names something without its schema, the
 * query is planned with a search path that leads there, and executed with that of the session, on which texts depend (FAILURES 62).
 */
export async function readTables<T extends QueryResultRow>(session: PostgresSession, sql: string): Promise<T[]> {
  const direct = await unlessNotFound(session, () => session.query<T>(sql, [], AS_LONG_AS_IT_TAKES));
  if ('rows' in direct) return direct.rows;
  const { own } = await session.queryOne<{ own: string }>(`SELECT pg_catalog.current_setting('search_path') AS own`);
  const { path: everySchema } = await session.queryOne<{ path: string | null }>(EVERY_SCHEMA);
  for (const path of [...(await searchPaths(session)), everySchema ?? '']) {
    const planned = await unlessNotFound(session, async () => {
      await usePath(session, path);
      await session.query(`DECLARE planned NO SCROLL CURSOR FOR ${sql}`);
      await usePath(session, own);
      const rows = await session.query<T>('FETCH ALL FROM planned', [], AS_LONG_AS_IT_TAKES);
      await session.query('CLOSE planned');
      return rows;
    });
    if ('rows' in planned) return planned.rows;
  }
  throw direct.error;
}

async function usePath(session: PostgresSession, path: string): Promise<void> {
  await session.query(`SELECT pg_catalog.set_config('search_path', $1, true)`, [path]);
}

async function unlessNotFound<T extends QueryResultRow>(
  session: PostgresSession,
  read: () => Promise<T[]>,
): Promise<{ rows: T[] } | { error: unknown }> {
  await session.query('SAVEPOINT reading');
  try {
    const rows = await read();
    await session.query('RELEASE SAVEPOINT reading');
    return { rows };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await session.query('ROLLBACK TO SAVEPOINT reading');
    return { error };
  }
}
