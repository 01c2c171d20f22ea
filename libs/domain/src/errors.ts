/**
 * The kind of an error, in words of the domain. Only the HTTP layer translates a kind into a status
 * (see `apps/api/src/http/error.filter.ts`), so that nothing below it knows about HTTP.
 */
export type ErrorKind =
  | 'invalid_input' // what the caller sent is malformed
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict' // right in itself, but not in the present state (not connected, busy, exists already)
  | 'unprocessable' // well-formed, but cannot be done as asked (wrong password, not a backup)
  | 'too_large'
  | 'too_many'
  | 'upstream' // the database server or one of its tools failed
  | 'unavailable' // a tool is missing, or the service is shutting down
  | 'no_space'
  | 'internal';

/** Every code that an answer can carry, with its kind. A code is for programs: its text never changes meaning. */
const KIND_OF_CODE = {
  INVALID_INPUT: 'invalid_input',
  INVALID_PATH: 'invalid_input',
  UNAUTHENTICATED: 'unauthenticated',
  FORBIDDEN_HOST: 'forbidden',
  FORBIDDEN_ORIGIN: 'forbidden',
  NOT_FOUND: 'not_found',
  BACKUP_NOT_FOUND: 'not_found',
  LOCATION_NOT_FOUND: 'not_found',
  USER_NOT_FOUND: 'not_found',
  CONNECTION_NOT_FOUND: 'not_found',
  SCHEDULE_NOT_FOUND: 'not_found',
  STORAGE_NOT_FOUND: 'not_found',
  JOB_NOT_FOUND: 'not_found',
  RESTORE_NOT_FOUND: 'not_found',
  NOT_CONNECTED: 'conflict',
  BUSY: 'conflict',
  CONNECTION_EXISTS: 'conflict',
  CONNECTION_IN_USE: 'conflict',
  STORAGE_EXISTS: 'conflict',
  STORAGE_IN_USE: 'conflict',
  BACKUP_IN_USE: 'conflict',
  CONNECTION_CHANGED: 'conflict',
  JOB_FINISHED: 'conflict',
  UNDO_UNAVAILABLE: 'conflict',
  USER_EXISTS: 'conflict',
  USER_OWNS_OBJECTS: 'conflict',
  USER_IN_USE: 'conflict',
  WRONG_CREDENTIALS: 'unprocessable',
  DATABASE_NOT_FOUND: 'unprocessable',
  TLS_FAILED: 'unprocessable',
  WRONG_ENGINE: 'unprocessable',
  POOLED_CONNECTION: 'unprocessable',
  MISSING_PRIVILEGE: 'unprocessable',
  UNSUPPORTED: 'unprocessable',
  UNKNOWN_PRIVILEGE: 'unprocessable',
  NOT_A_BACKUP: 'unprocessable',
  BACKUP_DAMAGED: 'unprocessable',
  BACKUP_INCOMPLETE: 'unprocessable',
  BACKUP_UNSAFE: 'unprocessable',
  BROKEN_OBJECT: 'unprocessable',
  SCHEMA_CHANGED: 'upstream',
  VERIFICATION_FAILED: 'unprocessable',
  TOOL_UNUSABLE: 'unprocessable',
  BODY_TOO_LARGE: 'too_large',
  TOO_MANY_REQUESTS: 'too_many',
  HOST_UNREACHABLE: 'upstream',
  CONNECTION_TIMEOUT: 'upstream',
  CONNECTION_LOST: 'upstream',
  SERVER_REFUSED: 'upstream',
  DATABASE_ERROR: 'upstream',
  DUMP_FAILED: 'upstream',
  DUMP_INCOMPLETE: 'upstream',
  RESTORE_FAILED: 'upstream',
  TOOL_MISSING: 'unavailable',
  VERIFICATION_UNAVAILABLE: 'unavailable',
  TOOL_TOO_OLD: 'unavailable',
  SHUTTING_DOWN: 'unavailable',
  CANCELLED: 'unavailable',
  INTERRUPTED: 'unavailable',
  CATALOG_UNAVAILABLE: 'unavailable',
  STORAGE_MISSING: 'unavailable',
  NO_SPACE: 'no_space',
  STORAGE_FAILED: 'internal',
  CATALOG_TOO_NEW: 'internal',
  CATALOG_FAILED: 'internal',
  INTERNAL: 'internal',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof KIND_OF_CODE;

/** One invalid field of a request: its name as sent, and what is wrong with the value. */
export interface FieldFault {
  field: string;
  message: string;
}

export interface ErrorDetails {
  /** One sentence that says what to do next. */
  hint?: string;
  fields?: readonly FieldFault[];
  /** Only for the log; never shown to a caller. */
  cause?: unknown;
}

/**
 * An expected failure. `message` is a sentence for the user that says what happened and to what, without a stack, a secret or
 * a path outside the backup roots.
 */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly fields: readonly FieldFault[] | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DomainError';
    this.kind = KIND_OF_CODE[code];
    this.hint = details.hint;
    this.fields = details.fields;
  }
}

/** Returns the text of any thrown value, for logs and for messages that quote a tool. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Returns the first of several failures: the original one, when a later clean-up (`await using`) failed as well (FAILURES 79).
 */
export function firstFailure(error: unknown): unknown {
  let first = error;
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first) first = first.suppressed;
  return first;
}

/** Returns the `code` of an error of Node, pg or mysql2 (`ENOSPC`, `28P01`, `ER_ACCESS_DENIED_ERROR`). */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return undefined;
}
