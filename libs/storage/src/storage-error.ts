import { DomainError, errorCodeOf } from '@app/domain';

/** Makes the error for a refusal of the file system, with the right code. */
export function storageError(error: unknown, what: string): DomainError {
  if (error instanceof DomainError) return error;
  const code = errorCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError('NO_SPACE', `Could not ${what}: no space is left in the backup folder.`, {
      hint: 'Free some space, lower the retention, or use compression.',
      cause: error,
    });
  }
  return new DomainError('STORAGE_FAILED', `Could not ${what} (${code ?? 'unknown fault'}).`, {
    hint: 'Check that the service may read and write in the backup folder.',
    cause: error,
  });
}
