import type { DomainError, ErrorCode, FieldFault } from './errors.js';

export const JOB_TYPES = [
  'backup',
  'restore',
  'undo',
  'settle',
  'verify',
  'adopt',
  'retention',
  'expiry',
  'sweep',
  'catalog_copy',
] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** `interrupted`: the service ended, or was killed, while the job ran or before it could. The last four are final. */
export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The progress of a job. Unknown figures are null. */
export interface JobProgress {
  /** The present phase in one or two words: `preflight`, `dump`, `publish`, `check`, `load`, … */
  phase: string;
  /** The bytes of the uncompressed dump. */
  bytes: number;
  /** Estimated from the last backup of the same database, or from the server's figures. */
  totalBytes: number | null;
  tables: number | null;
  totalTables: number | null;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** Values that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = Readonly<Record<string, Json | undefined>>;

/** The stored form of a {@link DomainError}, with the fields that a caller may see. */
export interface Failure {
  code: ErrorCode;
  message: string;
  hint?: string;
  fields?: readonly FieldFault[];
}

export function failureOf(error: DomainError): Failure {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.fields === undefined ? {} : { fields: error.fields }),
  };
}
