import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import { isServerError, place, serverWords } from './postgres-errors.js';

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EINVAL',
  'ENOENT',
  'EACCES',
]);

/** Node's names for what can be wrong with a certificate or a handshake. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

export const NO_TLS_MESSAGE = 'The server does not support SSL connections';

/** Whether a second attempt without TLS is what `sslmode=prefer` means: no TLS there, or login refused because of it. */
export function mayRetryWithoutTls(error: unknown): boolean {
  return messageOf(error) === NO_TLS_MESSAGE || (isServerError(error) && error.code === '28000');
}

/** Names a failed login: one code for each thing that a person would have to put right. */
export function connectError(error: unknown, connection: ConnectionParams): DomainError {
  if (error instanceof DomainError) return error;
  if (isServerError(error)) return refusal(error, connection);
  const make = (code: ErrorCode, message: string, hint: string): DomainError =>
    new DomainError(code, message, { hint, cause: error });
  const code = errorCodeOf(error) ?? '';
  const message = messageOf(error);
  const where = place(connection);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make(
      'HOST_UNREACHABLE',
      `The host name "${connection.host}" could not be resolved.`,
      'Check the host name.',
    );
  }
  if (UNREACHABLE.has(code)) {
    return make(
      'HOST_UNREACHABLE',
      code === 'ECONNREFUSED' ? `Nothing accepts connections at ${where}.` : `${where} cannot be reached (${code}).`,
      'Check host and port, that the server runs, listens on this address (listen_addresses), and that no firewall is between.',
    );
  }
  if (message === 'timeout expired' || code === 'ETIMEDOUT') {
    return make('CONNECTION_TIMEOUT', `${where} did not answer in time.`, 'Check host, port and firewalls.');
  }
  if (message === NO_TLS_MESSAGE) {
    return make(
      'TLS_FAILED',
      `The server at ${where} does not offer TLS.`,
      'Set up TLS on the server, or use ssl_mode "prefer".',
    );
  }
  if (TLS_CODE.test(code)) {
    return make(
      'TLS_FAILED',
      `TLS with ${where} failed: ${serverWords(error)}.`,
      connection.sslMode === 'verify-full'
        ? 'Use the name that the certificate is made out to, and make its authority known through NODE_EXTRA_CA_CERTS.'
        : 'Check the TLS setup of the server.',
    );
  }
  if (message.startsWith('Connection terminated') || code === 'ECONNRESET') {
    return make(
      'SERVER_REFUSED',
      `${where} hung up at once.`,
      'Check that a PostgreSQL server listens there, and its log.',
    );
  }
  if (message.includes('password must be a')) {
    return make(
      'WRONG_CREDENTIALS',
      `The server at ${where} wants a password for "${connection.username}".`,
      'Give the password.',
    );
  }
  return make(
    'SERVER_REFUSED',
    `Logging in at ${where} failed: ${serverWords(error)}.`,
    'Look into the log of the server.',
  );
}

function refusal(error: Error & { code: string }, connection: ConnectionParams): DomainError {
  const { username, database } = connection;
  const make = (code: ErrorCode, message: string, hint: string): DomainError =>
    new DomainError(code, message, { hint, cause: error });
  const words = serverWords(error);
  if (error.code === '28000' && words.includes('pg_hba.conf')) {
    const unencrypted = /no encryption|SSL off/.test(words);
    if (unencrypted && connection.sslMode === 'disable') {
      return make('TLS_FAILED', `The server accepts no unencrypted login: ${words}.`, 'Use ssl_mode "require".');
    }
    return make('SERVER_REFUSED', `The server lets nobody in this way: ${words}.`, 'Add an entry to its pg_hba.conf.');
  }
  if (error.code === '28P01' || error.code === '28000') {
    return make(
      'WRONG_CREDENTIALS',
      `The server refused the login of "${username}": ${words}.`,
      'Check user name and password.',
    );
  }
  if (error.code === '3D000') {
    return make(
      'DATABASE_NOT_FOUND',
      `There is no database "${database}" on ${place(connection)}.`,
      'Check the name; case counts.',
    );
  }
  if (error.code === '53300') {
    return make(
      'SERVER_REFUSED',
      `The server has no free connection: ${words}.`,
      'Raise max_connections or close other sessions.',
    );
  }
  if (error.code === '57P03') {
    return make('SERVER_REFUSED', `The server is not ready: ${words}.`, 'Try again in a moment.');
  }
  return make(
    'SERVER_REFUSED',
    `The server refused the login: ${words} (${error.code}).`,
    'Look into the log of the server.',
  );
}
