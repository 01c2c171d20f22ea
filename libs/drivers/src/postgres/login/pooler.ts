import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { place } from '../../network-errors.js';
import { isServerError } from './postgres-errors.js';

/** What PgBouncer and its like say to the startup options that every session of ours has. PostgreSQL knows no such words. */
export function isPoolersRefusal(error: unknown): boolean {
  return isServerError(error) && /unsupported startup parameter/i.test(error.message);
}

/**
 * A pooler lends one session of the server to many clients: what we set there would stay for the application, a snapshot
 * or a lock would be somebody else's (FAILURES 69). `port`: the server's own.
 */
export function pooled(connection: ConnectionParams, port: string | undefined, cause: unknown): DomainError {
  const where = port === undefined ? '' : `: it listens on port ${port} of its own machine`;
  return new DomainError(
    'POOLED_CONNECTION',
    `What answers at ${place(connection)} is a connection pooler such as PgBouncer, not the PostgreSQL server itself.`,
    { hint: `Connect to the server itself${where}.`, ...(cause === undefined ? {} : { cause }) },
  );
}
