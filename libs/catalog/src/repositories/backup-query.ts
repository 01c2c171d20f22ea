import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import type { ArtifactFolder } from '@app/domain';
import type { BackupQuery } from '../records.js';
import type { Tables } from '../rows/tables.js';

/** The conditions of a query, without order and page. */
export type BackupSelection = Omit<BackupQuery, 'limit' | 'after' | 'sort' | 'order'>;

/** Returns the text in which a search looks. */
export function searchTextOf({ filename, database }: { filename: string; database: string | null }): string {
  return `${filename}\n${database ?? ''}`.toLowerCase();
}

/** Whether a row is right in this folder. */
export function isInFolder(
  where: ExpressionBuilder<Tables, 'backups'>,
  { storageId, folder }: ArtifactFolder,
): Expression<SqlBool> {
  return where.and([where('storageId', '=', storageId), where('folder', '=', folder)]);
}

/** Whether a row matches the query, on any page. */
export function matches(
  where: ExpressionBuilder<Tables, 'backups'>,
  { folder, connectionId, status, search }: BackupSelection,
): Expression<SqlBool> {
  const conditions: Expression<SqlBool>[] = [];
  if (folder !== undefined) conditions.push(isInFolder(where, folder));
  if (typeof connectionId === 'string') conditions.push(where('connectionId', '=', connectionId));
  else if (connectionId !== undefined) conditions.push(where('connectionId', 'in', connectionId));
  if (status !== undefined) conditions.push(where('status', '=', status));
  if (search !== undefined && search !== '') {
    const pattern = `%${search.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql<SqlBool>`${sql.ref('searchText')} like ${pattern} escape ${sql.lit('\\')}`);
  }
  return where.and(conditions);
}
