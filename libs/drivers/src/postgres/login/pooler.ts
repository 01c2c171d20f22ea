import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { place } from '../../session/network-errors.js';
import { isServerError } from './postgres-errors.js';

/** Recognises what PgBouncer and its like say to the startup options that every session of ours has. PostgreSQL knows no such words. */
export function isPoolersRefusal(error: unknown): boolean {
  return isServerError(error) && /unsupported startup parameter/i.test(error.message);
}

/** Finds out where the server behind a pooler is. */
export interface ServerBehind {
  port: string;
  /** To which the pooler connects; null for a socket in the file system. */
  address: string | null;
}

/** Reads pg_settings and the session, for {@link ServerBehind}. */
export const SERVER_BEHIND = `pg_catalog.current_setting('port') AS port, pg_catalog.host(pg_catalog.inet_server_addr()) AS address`;

/**
 * A pooler lends one session of the server to many clients: what we set there would stay for the application, a snapshot
 * or a lock would be somebody else's (FAILURES 69). A client cannot see in which mode it works without setting something, and
 * in session mode pg_dump and pg_restore would still not get their settings, which are startup options (ADR 28).
 */
export function pooled(connection: ConnectionParams, behind: ServerBehind | undefined, cause: unknown): DomainError {
  const way = `Connect to the server itself${behind === undefined ? '; a hosted one has a direct (unpooled) address for that' : whereIs(behind)}.`;
  const hint = `${way} No pool mode will do, not even session pooling: the settings with which values are dumped and loaded safely are startup options, which the pooler does not pass on.`;
  return new DomainError(
    'POOLED_CONNECTION',
    `What answers at ${place(connection)} is a connection pooler such as PgBouncer, not the PostgreSQL server itself.`,
    { hint, ...(cause === undefined ? {} : { cause }) },
  );
}

function whereIs({ port, address }: ServerBehind): string {
  const near = address === null || address.startsWith('127.') || address === '::1';
  return near
    ? `: it listens on port ${port} of the pooler's own machine`
    : `: the pooler reaches it at ${address}, port ${port}`;
}
