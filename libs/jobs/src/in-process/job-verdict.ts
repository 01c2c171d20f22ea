import type { JobRecord } from '@app/catalog';
import { DomainError, failureOf } from '@app/domain';
import type { ErrorCode, Failure, JsonObject } from '@app/domain';

/** Failures that pass by themselves: the network, a server that is starting or full, a lock, a migration. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'HOST_UNREACHABLE',
  'CONNECTION_TIMEOUT',
  'CONNECTION_LOST',
  'SERVER_REFUSED',
  'BUSY',
  'SCHEMA_CHANGED',
  'CATALOG_UNAVAILABLE',
]);

export const RETRY_DELAYS_MS: readonly number[] = [30_000, 120_000, 600_000];
/** How much a delay varies, so that jobs that failed together are not retried together. */
const JITTER = 0.1;

/** Why a job was told to stop. `service`: by a shutdown, or because others count this instance as dead. */
export type StopReason = 'cancel' | 'service';

/** The end of an attempt, as the handler reports it. */
export type HandlerEnd = { result: JsonObject } | { error: unknown };

export interface Circumstances {
  stop: StopReason | undefined;
  mayRetry: boolean;
  retryDelaysMs: readonly number[];
  /** Epoch milliseconds. */
  now: number;
  /** 0 to 1. */
  random: number;
  redact: (text: string) => string;
}

/** Returns the change of the record of a job whose handler has ended. */
export function verdictOf(job: JobRecord, end: HandlerEnd, circumstances: Circumstances): Partial<JobRecord> {
  const { now: finishedAt, stop } = circumstances;
  // It succeeded although it was told to stop, so its result exists.
  if ('result' in end) return { state: 'succeeded', result: end.result, failure: null, finishedAt };
  const failure = redacted(plainFailure(end.error), circumstances.redact);
  if (stop === 'cancel') return { state: 'cancelled', failure: cancelled(end.error, failure), finishedAt };
  if (stop === 'service') return { state: 'interrupted', failure: interrupted(end.error, failure), finishedAt };
  const delay = RETRYABLE.has(failure.code) && circumstances.mayRetry ? retryDelay(job, circumstances) : undefined;
  if (delay === undefined) return { state: 'failed', failure, finishedAt };
  return { state: 'queued', failure, progress: null, startedAt: null, runAfter: finishedAt + delay };
}

function retryDelay(job: JobRecord, { retryDelaysMs, random }: Circumstances): number | undefined {
  if (job.attempt >= job.maxAttempts) return undefined;
  const delay = retryDelaysMs[Math.min(job.attempt, retryDelaysMs.length) - 1] ?? 0;
  return Math.round(delay * (1 + JITTER * (2 * random - 1)));
}

function plainFailure(error: unknown): Failure {
  if (error instanceof DomainError) return failureOf(error);
  return { code: 'INTERNAL', message: 'The service failed unexpectedly.', hint: 'The log of the service tells more.' };
}

function redacted(failure: Failure, redact: (text: string) => string): Failure {
  return {
    ...failure,
    message: redact(failure.message),
    ...(failure.hint === undefined ? {} : { hint: redact(failure.hint) }),
  };
}

/** Reports the cancel, unless the handler itself reports that it was cancelled, or a worse failure. */
function cancelled(error: unknown, failure: Failure): Failure {
  return says(error, failure) ? failure : { code: 'CANCELLED', message: 'The job was cancelled.' };
}

function interrupted(error: unknown, failure: Failure): Failure {
  const message = 'The service ended while the job ran.';
  if (!says(error, failure)) return { code: 'INTERRUPTED', message };
  if (failure.code !== 'CANCELLED') return failure;
  return { ...failure, code: 'INTERRUPTED', message: `${message} ${failure.message}` };
}

/** Whether the failure must be reported: a broken connection is only an effect of the stop, but a restore that could not put things back is not. */
function says(error: unknown, failure: Failure): boolean {
  return error instanceof DomainError && !RETRYABLE.has(failure.code);
}
