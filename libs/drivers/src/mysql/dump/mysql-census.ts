import { DomainError } from '@app/domain';
import type { CompareDepth, ConnectionParams, ContentChecksums, RowCounts } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { Census } from '../../db-driver.js';
import { foldsNames } from '../login/folded-names.js';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { countedTables, objectCounts, readInventory } from './mysql-inventory.js';
import type { TableEntry } from './mysql-inventory.js';
import { holdsNoRows } from './mysql-dump-warnings.js';
import { lockHolders } from './locks/mysql-lock-holders.js';
import { waitForLocks } from './locks/mysql-patience.js';
import { CONTENT_ALGORITHM, contentBasis, figuresOf, hashedTables, pinTexts } from './row-checksums.js';

const TABLES_PER_COUNT = 100;

/**
 * Counts in one snapshot, as far as tables have transactions, and sums what the rows hold where `depth` wants it. Rows as a dump holds them: of system-versioned tables those
 * of the past, too, and none of tables whose data is kept elsewhere. BUSY where a lock was not to be had in
 * `lockTimeoutMs`.
 */
export async function census(
  connection: ConnectionParams,
  lockTimeoutMs: number,
  depth: CompareDepth,
  signal: AbortSignal | undefined,
): Promise<Census> {
  const { database } = connection;
  return withSession(connection, { signal }, async (session) => {
    try {
      await waitForLocks(session, lockTimeoutMs);
      await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await pinTexts(session);
      const basis = depth === 'content' ? await contentBasis(session) : undefined;
      await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const inventory = await readInventory(session, database);
      const objects = await objectCounts(session, database, inventory);
      const tables = countedTables(inventory);
      const folds = (await foldsNames(session)) ? { folds: true as const } : {};
      if (basis === undefined) return { objects, ...folds, rows: await countRows(session, tables) };
      return { objects, ...folds, ...(await sumRows(session, database, tables, basis)) };
    } catch (error) {
      if (serverRefusal(error)?.errno === 1205) {
        throw new DomainError('BUSY', `A table of "${database}" is locked.`, {
          hint: `Let these sessions finish, or end them: ${await lockHolders(session, database)}.`,
          cause: error,
        });
      }
      throw statementError(error, `Counting the rows of "${database}"`);
    }
  });
}

async function countRows(session: MysqlSession, tables: readonly TableEntry[]): Promise<RowCounts> {
  const rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]));
  const own = tables.filter((table) => !holdsNoRows(table));
  for (let from = 0; from < own.length; from += TABLES_PER_COUNT) {
    const batch = own.slice(from, from + TABLES_PER_COUNT);
    const counts = batch.map(({ name, type }, index) => {
      const history = type === 'SYSTEM VERSIONED' ? ' FOR SYSTEM_TIME ALL' : '';
      return `SELECT ${index} AS place, COUNT(*) AS total FROM ${quotedName(name)}${history}`;
    });
    for (const { place, total } of await session.rows<{ place: number; total: number | string }>(
      counts.join(' UNION ALL '),
      [],
      AS_LONG_AS_IT_TAKES,
    )) {
      const table = batch[place];
      if (table !== undefined) rows[table.name] = Number(total);
    }
  }
  return rows;
}

/** A table whose content cannot be read is counted, and left out of the sums with the reason. */
async function sumRows(
  session: MysqlSession,
  database: string,
  tables: readonly TableEntry[],
  basis: string,
): Promise<{ rows: RowCounts; checksums: ContentChecksums }> {
  const hashed = await hashedTables(session, database);
  const rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]));
  const sums: Record<string, string> = {};
  const uncovered: Record<string, string> = {};
  for (const entry of tables.filter((table) => !holdsNoRows(table))) {
    const { name } = entry;
    const of = hashed.get(name);
    if (of === undefined) continue;
    try {
      const figures = await figuresOf(session, entry, of, true);
      rows[name] = figures.rows;
      if ('sum' in figures) sums[name] = figures.sum;
      else uncovered[name] = figures.why;
    } catch (error) {
      const refusal = serverRefusal(error);
      if (refusal === undefined || OF_THE_SERVER.has(refusal.errno)) throw error;
      Object.assign(rows, await countRows(session, [entry]));
      uncovered[name] = refusal.words;
    }
  }
  return {
    rows,
    checksums: {
      algorithm: CONTENT_ALGORITHM,
      basis,
      tables: sums,
      ...(Object.keys(uncovered).length === 0 ? {} : { uncovered }),
    },
  };
}

/** Locked, killed, shut down, out of memory: says nothing of what the rows hold. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([1037, 1041, 1053, 1205, 1317, 1927, 2006, 2013]);
