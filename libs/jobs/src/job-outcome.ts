import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Failure, JsonObject } from '@app/domain';

/** What a job that has ended is to a caller who waited for it: its result, or its failure as it was, thrown. */
export function resultOf(job: JobRecord): JsonObject {
  if (job.state === 'succeeded') return job.result ?? {};
  throw errorOf(job.failure ?? { code: 'INTERNAL', message: `The job is ${job.state}, and does not say why.` });
}

/** The counterpart of `failureOf`. */
export function errorOf({ code, message, hint, fields }: Failure): DomainError {
  return new DomainError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(fields === undefined ? {} : { fields }),
  });
}
