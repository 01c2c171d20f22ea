import type { ConnectionParams } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { cancelled } from '../../session/network-errors.js';
import { serverWords } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { letAutovacuumGiveWay } from './parallel/bulk-settings.js';
import { openAnother } from '../login/another-session.js';

/** One statement for so many: each costs a question and an answer. The largest come first, one at a time. */
const GROUP = 20;
const ALONE = 8 * 1024 * 1024;
/** No more than a sample is read of larger tables. */
const SAMPLED_BYTES = 128 * 1024 * 1024;

/**
 * Statistics are not in a dump (FAILURES 22). As `ANALYZE` makes them, but over several sessions, and only ones of their own:
 * the dump may have made others anybody's. Returns a warning when it cannot be done: the rows are there all the same.
 */
export async function analyzeInParallel(
  connection: ConnectionParams,
  sessions: number,
  signal: AbortSignal,
  searchPath?: string,
): Promise<string[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    await using first = await PostgresSession.open(connection, both);
    const tables = await tablesOf(first);
    const work = async (session: PostgresSession): Promise<void> => {
      await letAutovacuumGiveWay(session);
      // Functions of indexes are called for their statistics, too.
      if (searchPath !== undefined) await session.query(`SELECT set_config('search_path', $1, false)`, [searchPath]);
      for (let names = next(tables); names.length > 0; names = next(tables)) {
        await session.query(`ANALYZE ${names.join(', ')}`, [], AS_LONG_AS_IT_TAKES);
      }
    };
    const more = async (): Promise<void> => {
      await using session = await openAnother(connection, both);
      if (session !== undefined) await work(session);
    };
    const others = Array.from({ length: Math.min(sessions, tables.length) - 1 }, more);
    try {
      await Promise.all([work(first), ...others]);
    } finally {
      stop.abort();
      await Promise.allSettled(others);
    }
    return [];
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    return [`The restored tables have no statistics yet, as ANALYZE failed: ${serverWords(error)}. Run ANALYZE.`];
  }
}

interface Table {
  name: string;
  effort: number;
}

/** The longest work first. Partitions come with the table that they are of. */
async function tablesOf(session: PostgresSession): Promise<Table[]> {
  const rows = await session.query<{ name: string; effort: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
            c.relnatts * CASE c.relkind WHEN 'p' THEN ${SAMPLED_BYTES} ELSE least(pg_catalog.pg_relation_size(c.oid), ${SAMPLED_BYTES}) END AS effort
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
      ORDER BY 2 DESC, 1`,
  );
  return rows.map(({ name, effort }) => ({ name, effort: Number(effort) }));
}

function next(tables: Table[]): string[] {
  const count = (tables[0]?.effort ?? 0) > ALONE ? 1 : GROUP;
  return tables.splice(0, count).map(({ name }) => name);
}
