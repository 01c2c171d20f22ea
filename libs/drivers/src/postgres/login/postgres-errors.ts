import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import type { ErrorCode } from '@app/domain';
import { CutOff } from '../../session/answer-guard.js';
import { isTlsTrouble } from '../../tls/tls-errors.js';

/** The fields of pg's `DatabaseError` that we use: an error that the server itself reported. */
export interface ServerError extends Error {
  /** SQLSTATE, five characters. */
  code: string;
  detail?: string | undefined;
  hint?: string | undefined;
  where?: string | undefined;
}

/** True for what the server said, false for what happened to the connection. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'severity' in error &&
    typeof error.severity === 'string' &&
    /^[0-9A-Z]{5}$/.test(errorCodeOf(error) ?? '')
  );
}

/** The server's sentence for people: one line, cut, because messages quote the data they complain about. */
export function serverWords(error: unknown, limit = 300): string {
  const line = messageOf(error).replaceAll(/\s+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN', 'ERR_STREAM_DESTROYED']);

/** Whether the connection itself is gone, so that nothing more can be asked on it. */
export function isConnectionLoss(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (isServerError(error)) return error.code.startsWith('08') || /^57P0[1-5]$/.test(error.code);
  // A record that was changed on its way ends the session.
  if (error instanceof CutOff || isTlsTrouble(error)) return true;
  return (code !== undefined && LOST_CODES.has(code)) || /^Connection terminated|not queryable/.test(messageOf(error));
}

const CODE_OF_SQLSTATE: Readonly<Record<string, ErrorCode>> = {
  '42501': 'MISSING_PRIVILEGE',
  '55P03': 'BUSY',
  '40P01': 'BUSY',
  '53100': 'NO_SPACE',
  '57014': 'CANCELLED',
};

/** The words of the server, always in English, when another session drops something while the server describes it. */
const VANISHED = /^(cache lookup failed for |could not open relation with OID |could not find tuple for )/;

/**
 * A failure of a query that we asked ourselves, as `DomainError`. `what` names the attempt: "The users could not be
 * listed".
 */
export function databaseError(error: unknown, what: string): DomainError {
  if (error instanceof DomainError) return error;
  if (isConnectionLoss(error)) {
    return new DomainError('CONNECTION_LOST', `${what}: the connection to the server was lost.`, {
      hint: 'Check that the server runs, and try again.',
      cause: error,
    });
  }
  if (isServerError(error) && error.code === 'XX000' && VANISHED.test(error.message)) {
    return new DomainError('SCHEMA_CHANGED', `${what}: ${serverWords(error)}.`, {
      hint: 'Something was dropped or changed while the server was asked for it. Try again; if it stays so, its system catalogs are damaged.',
      cause: error,
    });
  }
  const code = (isServerError(error) ? CODE_OF_SQLSTATE[error.code] : undefined) ?? 'DATABASE_ERROR';
  const hint = isServerError(error) ? error.hint : undefined;
  return new DomainError(code, `${what}: ${serverWords(error)}.`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}
