import type { Expression, OrderByDirection, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { DomainError } from '@app/domain';
import { Cursor } from './paging.js';
import type { BackupRow, BackupSort, SortOrder } from '../records.js';

/** The order of a list: by one field, then by file name, then by address. */
export interface BackupSortSql {
  by: Expression<unknown>;
  direction: OrderByDirection;
  /** Reads the `next` of a page; undefined without one. Throws INVALID_INPUT for the `next` of a list in another order. */
  behind(after: string | undefined): Expression<SqlBool> | undefined;
  /** Returns the position for `behind` on the next page. */
  readonly cursor: OrderCursor;
  keyOf(row: BackupKeys): [string, string, string, string, string];
}

type BackupKeys = Pick<BackupRow, 'createdAt' | 'size' | 'filename' | 'storageId' | 'key' | 'database'>;

/** The second value may be a number; its kind decides. */
type OrderCursor = Cursor<readonly ['string', 'string', 'string', 'string', 'string']>;

interface Sorting {
  kind: 'number' | 'string';
  by: Expression<unknown>;
  valueOf(row: BackupKeys): string | number;
}

const SORTINGS: Readonly<Record<BackupSort, Sorting>> = {
  created: { kind: 'number', by: sql.ref('createdAt'), valueOf: ({ createdAt }) => createdAt },
  size: { kind: 'number', by: sql.ref('size'), valueOf: ({ size }) => size },
  filename: { kind: 'string', by: sql.ref('filename'), valueOf: ({ filename }) => filename },
  database: {
    kind: 'string',
    by: sql`coalesce(${sql.ref('database')}, '')`,
    valueOf: ({ database }) => database ?? '',
  },
};

/** The sort column ascends or descends; the names that order equal rows always ascend. */
export function backupOrder(sort: BackupSort, order: SortOrder): BackupSortSql {
  const { kind, by, valueOf } = SORTINGS[sort];
  const name = `${sort} ${order}`;
  const cursor = new Cursor(['string', kind, 'string', 'string', 'string'] as const) as unknown as OrderCursor;
  return {
    by,
    direction: order,
    cursor,
    keyOf: (row) => [name, valueOf(row) as string, row.filename, row.storageId, row.key],
    behind(after) {
      const position = cursor.decode(after);
      if (position === undefined) return undefined;
      const [made, value, filename, storageId, key] = position;
      if (made !== name) throw ofAnotherOrder();
      const than = sql.raw(order === 'desc' ? '<' : '>');
      // The first condition lets the database use an index.
      return sql<SqlBool>`${by} ${than}= ${value} and (${by} ${than} ${value} or (${sql.ref('filename')}, ${sql.ref('storageId')}, ${sql.ref('key')}) > (${filename}, ${storageId}, ${key}))`;
    },
  };
}

function ofAnotherOrder(): DomainError {
  const message = 'belongs to a list in another order: ask for the first page again';
  return new DomainError('INVALID_INPUT', `after ${message}.`, { fields: [{ field: 'after', message }] });
}
