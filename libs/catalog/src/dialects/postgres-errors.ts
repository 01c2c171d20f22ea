import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import { UniqueViolation } from './unique-violation.js';

/** SQLSTATEs. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const NULL_CHARACTER = '22021';
const DISK_FULL = '53100';
const NO_SUCH_DATABASE = '3D000';
const CANNOT_CONNECT_NOW = '57P03';
const ADMIN_SHUTDOWN = ['57P01', '57P02'];
const TOO_MANY_CONNECTIONS = '53300';
/** Lock timeout, deadlock, serialization failure, statement timeout: another try may succeed. */
const OVERLOADED = ['55P03', '40P01', '40001', '57014'];

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
]);
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);
/** Errors to which pg gives no code. */
const LOST_WORDS = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
const TIMEOUT_WORDS =
  /^(timeout expired|timeout exceeded|Query read timeout|Connection terminated due to connection timeout)/;

/** Translates an error of pg. `name` names the catalog, without its password. */
export function postgresErrorOf(error: unknown, name: string): Error {
  const cause = error;
  const code = errorCodeOf(error) ?? '';
  if (code === UNIQUE_VIOLATION) return new UniqueViolation(cause);
  if (code === FOREIGN_KEY_VIOLATION) {
    return new DomainError('CONNECTION_NOT_FOUND', 'The connection does not exist any more.', { cause });
  }
  if (code === NULL_CHARACTER) {
    return new DomainError('INVALID_INPUT', 'A text holds a character that cannot be kept.', { cause });
  }
  if (code === DISK_FULL) {
    return new DomainError('NO_SPACE', `The disk that holds the catalog ${name} is full.`, {
      hint: 'Free space on its server, then try again.',
      cause,
    });
  }
  const [what, hint] = unavailable(error, code) ?? [];
  if (what !== undefined && hint !== undefined) {
    return new DomainError('CATALOG_UNAVAILABLE', `The catalog ${name} ${what}.`, { hint, cause });
  }
  return new DomainError('CATALOG_FAILED', `The catalog ${name} failed: ${messageOf(error)}.`, { cause });
}

/** Whether waiting may help: the server does not answer yet, or says that it is starting. */
export function isNotUpYet(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error;
  const code = errorCodeOf(cause) ?? '';
  return (
    UNREACHABLE.has(code) ||
    LOST.has(code) ||
    code === CANNOT_CONNECT_NOW ||
    says(LOST_WORDS, cause) ||
    says(TIMEOUT_WORDS, cause)
  );
}

/** Whether the connection of this error cannot be used any more. */
export function isConnectionFault(error: unknown): boolean {
  const code = errorCodeOf(error) ?? '';
  const lost = LOST.has(code) || ADMIN_SHUTDOWN.includes(code) || code.startsWith('08');
  return lost || says(LOST_WORDS, error) || says(TIMEOUT_WORDS, error);
}

function unavailable(error: unknown, code: string): [what: string, hint: string] | undefined {
  if (UNREACHABLE.has(code)) {
    return [`cannot be reached (${code})`, 'Start its server, or correct host and port in CATALOG_URL.'];
  }
  if (code.startsWith('28')) return ['does not let us in', 'Correct user and password in CATALOG_URL.'];
  if (code === NO_SUCH_DATABASE) return ['does not exist', 'Create the database, or correct its name in CATALOG_URL.'];
  if (code === CANNOT_CONNECT_NOW) return ['is starting or shutting down', 'Try again in a moment.'];
  if (code === TOO_MANY_CONNECTIONS) return ['has no connection left', 'Raise max_connections of its server.'];
  if (OVERLOADED.includes(code)) return [`did not get its turn (${code})`, 'Try again in a moment.'];
  if (says(TIMEOUT_WORDS, error)) return ['did not answer in time', 'Try again; look at its server if it stays.'];
  if (isConnectionFault(error)) return ['lost the connection', 'Try again; look at its server if it stays.'];
  return undefined;
}

function says(words: RegExp, error: unknown): boolean {
  return words.test(messageOf(error).replace(/^Error: /, ''));
}
