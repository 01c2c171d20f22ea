import { DomainError } from '@app/domain';

/**
 * What to report of a failure while `signal` may have been the reason: whatever a torn connection says of itself, the
 * news is that the work was cancelled.
 */
export function unlessCancelled(error: unknown, signal: AbortSignal, message: string): unknown {
  if (!signal.aborted || (error instanceof DomainError && error.code === 'CANCELLED')) return error;
  return new DomainError('CANCELLED', message, { cause: error });
}
