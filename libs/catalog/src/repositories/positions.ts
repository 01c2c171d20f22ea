import type { Expression, SqlBool } from 'kysely';
import { sql } from 'kysely';

type Position = readonly (string | number)[] | undefined;

/** The condition for rows after the position, in a list that ascends in all `columns`. */
export function isAfter(columns: readonly string[], position: Position): Expression<SqlBool> {
  return sql<SqlBool>`(${references(columns)}) > (${values(position)})`;
}

/** The condition for rows after the position, in a list that descends in all `columns`. */
export function isBefore(columns: readonly string[], position: Position): Expression<SqlBool> {
  return sql<SqlBool>`(${references(columns)}) < (${values(position)})`;
}

function references(columns: readonly string[]): Expression<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)));
}

function values(position: Position = []): Expression<unknown> {
  return sql.join(position.map((value) => sql.val(value)));
}
