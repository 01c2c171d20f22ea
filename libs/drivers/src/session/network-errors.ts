import { DomainError, errorCodeOf } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import { isTlsTrouble, tlsHint, tlsWords } from '../tls/tls-errors.js';

const UNREACHABLE = /^(ENOTFOUND|EAI_\w+|ECONNREFUSED|E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EINVAL|EACCES|ENOENT)$/;
/** `host:port` for people. */
export function place(connection: Pick<ConnectionParams, 'host' | 'port'>): string {
  const host = connection.host.includes(':') ? `[${connection.host}]` : connection.host;
  return `${host}:${connection.port}`;
}

/**
 * What lies between us and any server: names, routes, firewalls, TLS. Undefined when the trouble is another.
 * `listenSetting` is the server's setting for the addresses that it listens on.
 */
export function networkError(
  error: unknown,
  connection: ConnectionParams,
  listenSetting: string,
): DomainError | undefined {
  const make = (code: ErrorCode, message: string, hint: string): DomainError =>
    new DomainError(code, message, { hint, cause: error });
  const code = errorCodeOf(error) ?? '';
  const where = place(connection);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make(
      'HOST_UNREACHABLE',
      `The host name "${connection.host}" could not be resolved.`,
      'Check the host name.',
    );
  }
  if (UNREACHABLE.test(code)) {
    return make(
      'HOST_UNREACHABLE',
      code === 'ECONNREFUSED' ? `Nothing accepts connections at ${where}.` : `${where} cannot be reached (${code}).`,
      `Check host and port, that the server runs, listens on this address (${listenSetting}), and that no firewall is between.`,
    );
  }
  if (code === 'ETIMEDOUT') return connectTimeout(connection, error);
  if (isTlsTrouble(error)) {
    return make('TLS_FAILED', `TLS with ${where} failed: ${tlsWords(error)}.`, tlsHint(error, connection));
  }
  return undefined;
}

export function connectTimeout(connection: ConnectionParams, cause?: unknown): DomainError {
  return new DomainError('CONNECTION_TIMEOUT', `${place(connection)} did not answer in time.`, {
    hint: 'Check host, port and firewalls.',
    cause,
  });
}

/** The server has no TLS, and the caller demands it. */
export function noTls(connection: ConnectionParams, cause: unknown): DomainError {
  return new DomainError('TLS_FAILED', `The server at ${place(connection)} does not offer TLS.`, {
    hint: 'Set up TLS on the server, or use ssl_mode "prefer".',
    cause,
  });
}

export function cancelled(what: string): DomainError {
  return new DomainError('CANCELLED', `${what} was cancelled.`);
}
