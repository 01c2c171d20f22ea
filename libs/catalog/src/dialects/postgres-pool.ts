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
/** When the network swallows the answer, the server's own limit does not end the wait. */
const ANSWER_WITHIN_MS = STATEMENT_WITHIN_MS + 5_000;
const INT8 = 20;

type TypeParser = (value: string) => unknown;

/** INVALID_INPUT when the URL is none. */
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

/** `database on host:port`, as pg understands the URL and its own environment variables. */
export function nameOf(config: PoolConfig): string {
  const { database, host, port } = new Client(config);
  return `${database ?? ''} on ${host}:${port}`;
}

/** Connections that break while nobody waits for an answer are only logged; whoever uses one next gets another. */
export function openPool(config: PoolConfig, logger: Logger): PostgresPool {
  const pool = new Pool(config);
  pool.on('error', (error) => {
    logger.warn({ error: messageOf(error) }, 'a connection to the catalog was lost');
  });
  // An error of a client that is in use, but between two statements, is told to the client alone; the next statement
  // fails then. Without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    options: {},
    connect: async () => watched(await pool.connect()),
    end: () => pool.end(),
  };
}

/** The client, which does not go back into the pool once its connection has failed. Kysely uses no more of it than this. */
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

/** pg reads `sslmode=require` as `verify-full`, unless told to read it as everybody else does. */
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

/** All that we keep in bigint are counts and times: they fit a number. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): TypeParser {
  return oid === INT8 ? Number : (types.getTypeParser(oid, format ?? 'text') as TypeParser);
}
