import { AS_LONG_AS_IT_TAKES } from '../../../session/answer-guard.js';
import { serverRefusal } from '../../login/mysql-errors.js';
import { quotedName } from '../../login/mysql-account.js';
import type { MysqlSession } from '../../login/mysql-session.js';

/**
 * Makes the histograms that the tables of one database have for those of another, as dumps hold none (MySQL 8 and newer). They are
 * made of the rows that are there. Says in whole sentences which could not be made; no refusal of the server fails it. Once
 * `signal` has fired, the rest is left out.
 */
export async function carryHistograms(
  session: MysqlSession,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { flavour } = await session.serverInfo();
  if (flavour !== 'MySQL') return [];
  const lost: string[] = [];
  for (const { table, column, buckets } of await histogramsOf(session, from)) {
    if (signal?.aborted === true) break;
    const there = await session.rows(
      'SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?',
      [to, table, column],
    );
    if (there.length === 0) continue;
    if (!(await makeHistogram(session, `${quotedName(to)}.${quotedName(table)}`, column, Number(buckets)))) {
      lost.push(`${table}.${column}`);
    }
  }
  if (lost.length === 0) return [];
  return [
    `Histograms were not made anew, so that queries may be planned otherwise: ${lost.join(', ')}. Run ANALYZE TABLE … UPDATE HISTOGRAM.`,
  ];
}

/** False where the server refuses it, be it in its answer or by an error. */
async function makeHistogram(session: MysqlSession, target: string, column: string, buckets: number): Promise<boolean> {
  try {
    const rows = await session.rows<{ Msg_type: string }>(
      `ANALYZE TABLE ${target} UPDATE HISTOGRAM ON ${quotedName(column)} WITH ${buckets} BUCKETS`,
      [],
      AS_LONG_AS_IT_TAKES,
    );
    return !rows.some(({ Msg_type: type }) => /error/i.test(type));
  } catch (error) {
    if (serverRefusal(error) === undefined) throw error;
    return false;
  }
}

async function histogramsOf(
  session: MysqlSession,
  database: string,
): Promise<{ table: string; column: string; buckets: number | string }[]> {
  try {
    return await session.rows(
      `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`,
              JSON_UNQUOTE(JSON_EXTRACT(HISTOGRAM, '$."number-of-buckets-specified"')) AS buckets
         FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = ? ORDER BY 1, 2`,
      [database],
    );
  } catch (error) {
    // MySQL 5.7 has none.
    if (serverRefusal(error) === undefined) throw error;
    return [];
  }
}
