import { DomainError, messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Client, Pool, types } from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import { isConnectionFault } from './postgres-errors.js';

const CONNECTIONS = 10;
const CONNECT_WITHIN_MS = 5_000;
const STATEMENT_WITHIN_MS = 30_000;
const LOCK_WITHIN_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/** The limit of a wait, since the server's own limit does not help when the network loses the answer. */
const ANSWER_WITHIN_MS = STATEMENT_WITHIN_MS + 5_000;
const INT8 = 20;

type TypeParser = (value: string) => unknown;

/** Throws INVALID_INPUT for an invalid URL. */
export function poolConfig(url: string): PoolConfig {
  return {
    connectionString: asLibpqReadsIt(url),
    application_name: 'database-backup-service',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    statement_timeout: STATEMENT_WITHIN_MS,
    lock_timeout: LOCK_WITHIN_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: ANSWER_WITHIN_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** Returns `database on host:port`, as pg understands the URL and its own environment variables. */
export function nameOf(config: PoolConfig): string {
  const { database, host, port } = new Client(config);
  return `${database ?? ''} on ${host}:${port}`;
}

/** Makes a pool that only logs when an idle connection breaks; the next caller gets another one. */
export function openPool(config: PoolConfig, logger: Logger): PostgresPool {
  const pool = new Pool(config);
  pool.on('error', (error) => {
    logger.warn({ error: messageOf(error) }, 'a connection to the catalog was lost');
  });
  // An error of a client between two statements goes only to the client, and its next statement fails. Without a listener the
  // error would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    options: {},
    connect: async () => watched(await pool.connect()),
    end: () => pool.end(),
  };
}

/** Wraps a client, so that it does not return to the pool after its connection failed. Kysely uses only these methods. */
function watched(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      broken ||= isConnectionFault(error);
      throw error;
    }
  };
  return { query, release: () => client.release(broken) } as PostgresPoolClient;
}

/** Makes pg read `sslmode=require` as libpq does, and not as `verify-full`. */
function asLibpqReadsIt(url: string): string {
  if (!URL.canParse(url)) {
    throw new DomainError('INVALID_INPUT', 'CATALOG_URL is not a URL.', {
      hint: 'It is postgres://user:password@host:port/database, with special characters written as %xx.',
    });
  }
  const target = new URL(url);
  if (target.searchParams.has('sslmode')) target.searchParams.set('uselibpqcompat', 'true');
  return target.href;
}

/** Reads bigint as number, as the catalog keeps only counts and times in it, which fit. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): TypeParser {
  return oid === INT8 ? Number : (types.getTypeParser(oid, format ?? 'text') as TypeParser);
}
