import { DomainError } from '@app/domain';
import type { Page } from '../records.js';

type Kind = 'number' | 'string';
type ValuesOf<K extends readonly Kind[]> = { [I in keyof K]: K[I] extends 'number' ? number : string };

/**
 * The sort key of the last row of a page, as the opaque `after` of the next. Pages begin behind a key instead of at an
 * offset, so that each costs the same, and none misses or repeats a row when others come or go.
 */
export class Cursor<const K extends readonly Kind[]> {
  constructor(private readonly kinds: K) {}

  /** Throws INVALID_INPUT, which names `after`, when it is not one of ours. */
  decode(after: string | undefined): ValuesOf<K> | undefined {
    if (after === undefined) return undefined;
    const values = parse(after);
    if (values?.length === this.kinds.length && this.kinds.every((kind, index) => typeof values[index] === kind)) {
      return values as ValuesOf<K>;
    }
    const message = 'must be the `next` of the page before';
    throw new DomainError('INVALID_INPUT', `after ${message}.`, { fields: [{ field: 'after', message }] });
  }

  /** Makes a page of `limit` + 1 rows, one of which only tells that there are more. */
  page<Row, T>(rows: readonly Row[], limit: number, record: (row: Row) => T, key: (row: Row) => ValuesOf<K>): Page<T> {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const next = rows.length <= limit || last === undefined ? undefined : encode(key(last));
    return { rows: shown.map(record), next };
  }
}

/** Pages of rows that are listed by time; the ids order rows of one instant. */
export const byTime = new Cursor(['number', 'string']);

const ROWS_AT_ONCE = 500;

/** Reads all pages of a list. */
export async function everyRow<T>(page: (query: { limit: number; after?: string }) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const { rows: some, next } = await page({ limit: ROWS_AT_ONCE, ...(after === undefined ? {} : { after }) });
    rows.push(...some);
    after = next;
  } while (after !== undefined);
  return rows;
}

function encode(values: unknown): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

function parse(text: string): unknown[] | undefined {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
}
