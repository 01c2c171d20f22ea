import type { Expression, OrderByDirection, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { DomainError } from '@app/domain';
import { Cursor } from './paging.js';
import type { BackupRow, BackupSort, SortOrder } from '../records.js';

/** By what a list is ordered, then by file name, then by folder. */
export interface BackupSortSql {
  by: Expression<unknown>;
  direction: OrderByDirection;
  /** INVALID_INPUT for the `next` of a list in another order. Undefined without one. */
  behind(after: string | undefined): Expression<SqlBool> | undefined;
  /** What `behind` is given for the next page. */
  readonly cursor: OrderCursor;
  keyOf(row: BackupKeys): [string, string, string, string];
}

type BackupKeys = Pick<BackupRow, 'createdAt' | 'size' | 'filename' | 'location' | 'database'>;

/** The second may be a number, which its own kind makes sure of. */
type OrderCursor = Cursor<readonly ['string', 'string', 'string', 'string']>;

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

/** The sort column may go either way; the names that tell equals apart always ascend. */
export function backupOrder(sort: BackupSort, order: SortOrder): BackupSortSql {
  const { kind, by, valueOf } = SORTINGS[sort];
  const name = `${sort} ${order}`;
  const cursor = new Cursor(['string', kind, 'string', 'string'] as const) as unknown as OrderCursor;
  return {
    by,
    direction: order,
    cursor,
    keyOf: (row) => [name, valueOf(row) as string, row.filename, row.location],
    behind(after) {
      const position = cursor.decode(after);
      if (position === undefined) return undefined;
      const [made, value, filename, location] = position;
      if (made !== name) throw ofAnotherOrder();
      const than = sql.raw(order === 'desc' ? '<' : '>');
      // The first condition is what an index is entered with.
      return sql<SqlBool>`${by} ${than}= ${value} and (${by} ${than} ${value} or (${sql.ref('filename')}, ${sql.ref('location')}) > (${filename}, ${location}))`;
    },
  };
}

function ofAnotherOrder(): DomainError {
  const message = 'belongs to a list in another order: ask for the first page again';
  return new DomainError('INVALID_INPUT', `after ${message}.`, { fields: [{ field: 'after', message }] });
}
