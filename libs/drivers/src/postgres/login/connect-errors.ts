import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import { connectTimeout, networkError, noTls, place } from '../../session/network-errors.js';
import { isServerError, serverWords } from './postgres-errors.js';

export const NO_TLS_MESSAGE = 'The server does not support SSL connections';

/** Whether a second attempt without TLS is what `sslmode=prefer` means: no TLS there, or login refused because of it. */
export function mayRetryWithoutTls(error: unknown): boolean {
  return messageOf(error) === NO_TLS_MESSAGE || (isServerError(error) && error.code === '28000');
}

/** Names a failed login: one code for each thing that a person would have to put right. */
export function connectError(error: unknown, connection: ConnectionParams): DomainError {
  if (error instanceof DomainError) return error;
  if (isServerError(error)) return refusal(error, connection);
  const code = errorCodeOf(error) ?? '';
  const message = messageOf(error);
  const where = place(connection);
  if (message === 'timeout expired') return connectTimeout(connection, error);
  if (message === NO_TLS_MESSAGE) return noTls(connection, error);
  const trouble = networkError(error, connection, 'listen_addresses');
  if (trouble !== undefined) return trouble;
  const make = (failure: ErrorCode, words: string, hint: string): DomainError =>
    new DomainError(failure, words, { hint, cause: error });
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
  if (words.includes('valid client certificate')) {
    const given = connection.tls?.certificate !== undefined;
    return make(
      'TLS_FAILED',
      `The server lets nobody in without a client certificate: ${words}.`,
      given ? 'Give a certificate that was issued by its authority.' : 'Give ssl_certificate and ssl_key.',
    );
  }
  if (words.startsWith('certificate authentication failed')) {
    return make(
      'WRONG_CREDENTIALS',
      `The server refused the login of "${username}": ${words}.`,
      'Use the user name that the client certificate is made out to (its common name), or another certificate.',
    );
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
