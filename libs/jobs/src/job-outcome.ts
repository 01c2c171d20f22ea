import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Failure, JsonObject } from '@app/domain';

/** Returns the result of a job that has ended, or throws its failure, for a caller who waited for it. */
export function resultOf(job: JobRecord): JsonObject {
  if (job.state === 'succeeded') return job.result ?? {};
  throw errorOf(job.failure ?? { code: 'INTERNAL', message: `The job is ${job.state}, and does not say why.` });
}

/** Makes the error of a stored failure; the counterpart of `failureOf`. */
export function errorOf({ code, message, hint, fields }: Failure): DomainError {
  return new DomainError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(fields === undefined ? {} : { fields }),
  });
}

/**
 * Returns the error to report for a failure that `signal` may have caused. A connection that a cancel breaks has errors of its
 * own, but the useful message is that the work was cancelled.
 */
export function unlessCancelled(error: unknown, signal: AbortSignal, message: string): unknown {
  if (!signal.aborted || (error instanceof DomainError && error.code === 'CANCELLED')) return error;
  return new DomainError('CANCELLED', message, { cause: error });
}
