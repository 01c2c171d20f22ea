import pg from 'pg';
import type { ContentChecksums } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';

/**
 * What a table's checksum is: the sum, over its rows, of the 64-bit hash of the row's text. A sum does not depend on the
 * order of the rows, and equal rows do not cancel each other. The text is that under `SESSION_SETTINGS`. See ADR 29.
 */
export const CONTENT_ALGORITHM = 'postgresql-row-text-1';

export interface HashedColumn {
  name: string;
  /** `"char"`, whose text is another one since version 16. */
  byte: boolean;
}

/** SQL for the columns of `c` that hold data, by name: their order may be another one in a restored child of another table. */
export const HASHED_COLUMNS = `
  coalesce((SELECT json_agg(json_build_object('name', a.attname, 'byte', a.atttypid = '"char"'::regtype) ORDER BY a.attname COLLATE "C")
     FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(to_jsonb(a) ->> 'attgenerated', '') <> 'v'), '[]')`;

/** SQL for the number of rows and the sum of their hashes. */
export function countAndSum(columns: readonly HashedColumn[]): string {
  const values = columns.map(({ name, byte }) => `${pg.escapeIdentifier(name)}${byte ? '::int4' : ''}`);
  return `count(*)::text AS rows, ${sumOf(`ROW(${values.join(', ')})::text`)} AS sum`;
}

function sumOf(text: string): string {
  // The collation matters: under one that is not deterministic, different texts have one hash.
  return `coalesce(sum(hashtextextended(${text} COLLATE "C", 0)), 0)::text`;
}

/**
 * The encoding and what the server makes of one value of each kind whose text could differ between servers: where this
 * differs, checksums of the same rows may. Undefined where the server has no such hash (before version 11).
 */
export async function contentBasis(session: PostgresSession): Promise<string | undefined> {
  const values = `1.10::numeric, 0.1::float8, '-0'::float8, (1.0 / 3)::float4, '12.50'::money, timestamptz '2026-01-02 03:04:05+06',
    interval '1 mon -2 days 03:00', '\\x00ff'::bytea, '{"a": [1, null]}'::jsonb, ARRAY['a"b', NULL, 'NULL'], int4range(1, 5), B'101'`;
  const { version } = await session.queryOne<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  if (version < 110_000) return undefined;
  const { basis } = await session.queryOne<{ basis: string }>(
    `SELECT pg_encoding_to_char(encoding) || ' ' || hashtextextended(ROW(${values})::text COLLATE "C", 0) AS basis
       FROM pg_database WHERE datname = current_database()`,
  );
  return basis;
}

/** Returns the checksum of all large objects by number and content. Undefined where there are none. */
export async function largeObjectsSum(session: PostgresSession): Promise<string | undefined> {
  const { count, sum } = await session.queryOne<{ count: string; sum: string }>(
    `SELECT count(*)::text AS count, ${sumOf(`(oid::text || ' ' || encode(lo_get(oid), 'hex'))`)} AS sum FROM pg_largeobject_metadata`,
    [],
    AS_LONG_AS_IT_TAKES,
  );
  return count === '0' ? undefined : sum;
}

/**
 * Runs something that may fail for the content that it reads, in the transaction that is open: that failure's words.
 * Whatever says nothing of the content is thrown.
 */
export async function tolerating<T>(
  session: PostgresSession,
  read: () => Promise<T>,
): Promise<{ value: T } | { why: string }> {
  await session.query('SAVEPOINT content');
  try {
    const value = await read();
    await session.query('RELEASE SAVEPOINT content');
    return { value };
  } catch (error) {
    if (!isServerError(error) || isConnectionLoss(error) || OF_THE_SERVER.test(error.code)) throw error;
    await session.query('ROLLBACK TO SAVEPOINT content');
    return { why: serverWords(error) };
  }
}

/** Cancelled, shut down, out of resources or of step with its primary, locked. */
const OF_THE_SERVER = /^(08|25|40|53|57|58|55P03)/;

/** Collects what tables have, by the unit in which a dump holds their rows. */
export class ChecksumTally {
  private readonly sums = new Map<string, bigint>();
  private readonly uncovered = new Map<string, string>();

  add(unit: string, sum: string): void {
    this.sums.set(unit, (this.sums.get(unit) ?? 0n) + BigInt(sum));
  }

  leaveOut(unit: string, why: string): void {
    this.uncovered.set(unit, why);
  }

  checksums(basis: string, largeObjects: { value: string | undefined } | { why: string }): ContentChecksums {
    for (const unit of this.uncovered.keys()) this.sums.delete(unit);
    const uncovered = Object.fromEntries(this.uncovered);
    const objects = 'value' in largeObjects ? largeObjects.value : undefined;
    if ('why' in largeObjects) uncovered['large objects'] = largeObjects.why;
    return {
      algorithm: CONTENT_ALGORITHM,
      basis,
      tables: Object.fromEntries([...this.sums].map(([unit, sum]) => [unit, sum.toString()])),
      ...(objects === undefined ? {} : { large_objects: objects }),
      ...(Object.keys(uncovered).length === 0 ? {} : { uncovered }),
    };
  }
}
