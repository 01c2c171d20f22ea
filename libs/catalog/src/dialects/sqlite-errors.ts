import { DomainError, messageOf } from '@app/domain';
import { UniqueViolation } from './unique-violation.js';

/** Result codes of SQLite. The primary code is the lowest byte of the extended one. https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
const CONSTRAINT_FOREIGNKEY = 787;
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;

export function sqliteErrorOf(error: unknown, file: string): Error {
  const cause = error;
  const code = resultCodeOf(error);
  if (code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARYKEY) return new UniqueViolation(cause);
  if (code === CONSTRAINT_FOREIGNKEY) {
    return new DomainError('CONNECTION_NOT_FOUND', 'The connection does not exist any more.', { cause });
  }
  switch (code & 0xff) {
    case FULL:
      return new DomainError('NO_SPACE', `The disk that holds the catalog ${file} is full.`, {
        hint: 'Free space on it, then try again.',
        cause,
      });
    case BUSY:
    case LOCKED:
      return new DomainError('CATALOG_UNAVAILABLE', `The catalog ${file} is locked by another process.`, {
        hint: 'Try again; if it stays, look for a second instance of the service, or a tool that has the file open.',
        cause,
      });
    case NOTADB:
    case CORRUPT:
      return new DomainError('CATALOG_FAILED', `The catalog ${file} is damaged: ${messageOf(error)}.`, {
        hint: 'Move it away, with the files beside it that end in -wal and -shm, and start again: it is rebuilt from storage.',
        cause,
      });
    case CANTOPEN:
    case READONLY:
      return new DomainError('CATALOG_FAILED', `The catalog ${file} cannot be written: ${messageOf(error)}.`, {
        hint: 'Give the service its own folder (DATA_DIR), writable for the account it runs as.',
        cause,
      });
    default:
      return new DomainError('CATALOG_FAILED', `The catalog ${file} failed: ${messageOf(error)}.`, { cause });
  }
}

/** Whether another connection holds the lock for writing. */
export function isBusy(error: unknown): boolean {
  return (resultCodeOf(error) & 0xff) === BUSY;
}

function resultCodeOf(error: unknown): number {
  const known = typeof error === 'object' && error !== null && 'errcode' in error;
  return known && typeof error.errcode === 'number' ? error.errcode : 0;
}
