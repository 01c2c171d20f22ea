import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import type { ConnectionParams, ErrorCode, ErrorDetails } from '@app/domain';
import { networkError, noTls, place } from '../../session/network-errors.js';
import { isTlsTrouble, tlsWords } from '../../tls/tls-errors.js';

/** The answer of the server: its error number, and its words without the client library's additions. */
export interface ServerRefusal {
  errno: number;
  words: string;
}

export function serverRefusal(error: unknown): ServerRefusal | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number' || error.errno <= 0) {
    return undefined;
  }
  const words = 'sqlMessage' in error && typeof error.sqlMessage === 'string' ? error.sqlMessage : error.message;
  return { errno: error.errno, words: words.replace(/\.$/, '') };
}

/** Whether `sslmode=prefer` goes on without TLS after this. */
export function mayRetryWithoutTls(error: unknown): boolean {
  return isTlsTrouble(error) || errorCodeOf(error) === NO_TLS_CODE;
}

const NO_TLS_CODE = 'HANDSHAKE_NO_SSL_SUPPORT';

/** Names a failed login: one code for each thing that a person would have to put right. */
export function connectError(error: unknown, connection: ConnectionParams): DomainError {
  if (error instanceof DomainError) return error;
  const refusal = serverRefusal(error);
  if (refusal !== undefined) return loginRefusal(refusal, error, connection);
  if (errorCodeOf(error) === NO_TLS_CODE) return noTls(connection, error);
  return (
    networkError(error, connection, 'bind-address') ??
    new DomainError('SERVER_REFUSED', `Logging in at ${place(connection)} failed: ${messageOf(error)}.`, {
      hint: 'Check that a MySQL or MariaDB server listens there, and its log.',
      cause: error,
    })
  );
}

function loginRefusal(refusal: ServerRefusal, cause: unknown, connection: ConnectionParams): DomainError {
  const { username, database } = connection;
  const { errno, words } = refusal;
  const make = (code: ErrorCode, message: string, hint: string): DomainError =>
    new DomainError(code, message, { hint, cause });
  switch (errno) {
    case 1045: // ER_ACCESS_DENIED_ERROR
    case 1698: // the same without a password
    case 1820: // the password must be changed first
    case 1862: // the password has expired
    case 3118: // the account is locked (MySQL)
    case 4151: // the account is locked (MariaDB)
      return make(
        'WRONG_CREDENTIALS',
        `The server refused the login of "${username}": ${words}.`,
        'Check user name and password, that the account may log in from this host, and whether it demands TLS or a client certificate.',
      );
    case 1049:
      return make(
        'DATABASE_NOT_FOUND',
        `There is no database "${database}" on ${place(connection)}.`,
        'Check the name; case counts on most servers.',
      );
    case 1044:
      return make(
        'MISSING_PRIVILEGE',
        `"${username}" may not use the database "${database}", or there is none of this name.`,
        `Check the name, or grant the user privileges on it.`,
      );
    case 3159: // require_secure_transport
      return make('TLS_FAILED', `The server accepts no unencrypted login: ${words}.`, 'Use ssl_mode "require".');
    case 1040: // too many connections
    case 1203: // too many connections of this user
    case 1226:
      return make(
        'SERVER_REFUSED',
        `The server has no free connection: ${words}.`,
        'Close other sessions, or raise max_connections or the limit of the user.',
      );
    case 1129: // ER_HOST_IS_BLOCKED
      return make('SERVER_REFUSED', `The server has blocked this host: ${words}.`, 'Run FLUSH HOSTS on the server.');
    case 1130: // ER_HOST_NOT_PRIVILEGED
      return make(
        'SERVER_REFUSED',
        `The server has no account that may log in from this host: ${words}.`,
        `Create the user for this host, or for '%'.`,
      );
    default:
      return make(
        'SERVER_REFUSED',
        `The server refused the login: ${words} (${errno}).`,
        'Look into the log of the server.',
      );
  }
}

/** Errors of the connection itself, while it was in use. */
const LOST = /^(PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE|ETIMEDOUT)$/;

/** Names a statement that failed. `doing` completes "… failed", e.g. `Listing the users`. */
export function statementError(error: unknown, doing: string, details: ErrorDetails = {}): DomainError {
  if (error instanceof DomainError) return error;
  const refusal = serverRefusal(error);
  if (refusal === undefined || refusal.errno === 2006 || refusal.errno === 2013) {
    const isLost = LOST.test(errorCodeOf(error) ?? '') || isTlsTrouble(error) || refusal !== undefined;
    const code: ErrorCode = isLost ? 'CONNECTION_LOST' : 'DATABASE_ERROR';
    return new DomainError(code, `${doing} failed: ${tlsWords(error)}.`, { cause: error, ...details });
  }
  return new DomainError(
    isLackOfPrivilege(refusal.errno) ? 'MISSING_PRIVILEGE' : 'DATABASE_ERROR',
    `${doing} failed: ${refusal.words} (${refusal.errno}).`,
    { cause: error, ...details },
  );
}

export function isLackOfPrivilege(errno: number): boolean {
  return [1044, 1045, 1142, 1143, 1227, 1370, 1410].includes(errno);
}
