import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { Cursor } from './paging.js';
import type { BackupQuery } from './records.js';
import type { Tables } from './tables.js';

/** Newest first, then by file name, then by folder. */
export const byAgeAndName = new Cursor(['number', 'string', 'string']);

/** What the text of a search is looked for in. */
export function searchTextOf({ filename, database }: { filename: string; database: string | null }): string {
  return `${filename}\n${database ?? ''}`.toLowerCase();
}

/** True for a row that the query asks for, on whatever page. */
export function matches(
  where: ExpressionBuilder<Tables, 'backups'>,
  { location, connectionId, status, search }: Omit<BackupQuery, 'limit' | 'after'>,
): Expression<SqlBool> {
  const conditions: Expression<SqlBool>[] = [];
  if (location !== undefined) conditions.push(where('location', '=', location));
  if (connectionId !== undefined) conditions.push(where('connectionId', '=', connectionId));
  if (status !== undefined) conditions.push(where('status', '=', status));
  if (search !== undefined && search !== '') {
    const pattern = `%${search.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql<SqlBool>`${sql.ref('searchText')} like ${pattern} escape ${sql.lit('\\')}`);
  }
  return where.and(conditions);
}

/**
 * What comes behind the position. The time descends and the names ascend, which no comparison of rows can say; the first
 * condition is what the index is entered with.
 */
export function isBehind(
  where: ExpressionBuilder<Tables, 'backups'>,
  [createdAt, filename, location]: readonly [number, string, string],
): Expression<SqlBool> {
  return where.and([
    where('createdAt', '<=', createdAt),
    where.or([
      where('createdAt', '<', createdAt),
      sql<SqlBool>`(${sql.ref('filename')}, ${sql.ref('location')}) > (${filename}, ${location})`,
    ]),
  ]);
}
