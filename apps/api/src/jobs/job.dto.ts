import { ApiProperty } from '@nestjs/swagger';
import type { JobQuery, JobRecord } from '@app/catalog';
import { JOB_STATES, JOB_TYPES } from '@app/domain';
import type { Failure, JobProgress, JobState, JobType } from '@app/domain';
import { URGENCIES, urgencyOf } from '@app/jobs';
import type { Urgency } from '@app/jobs';
import { IdField } from '../backup/backup.dto.js';
import { MessageResponse } from '../connection/connection.dto.js';
import { pageOf, PageQuery, PageResponse } from '../http/requests/page-query.js';
import { TextField } from '../http/requests/request-fields.js';
import { shownResult } from './job-result.js';
import { wordListFault, wordsOf } from './word-list.js';

const UUID = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
const TIME = '2026-01-02T03:04:05.678Z';

export class JobListQuery extends PageQuery {
  @TextField({
    maxLength: 100,
    optional: true,
    faultOf: wordListFault(JOB_STATES),
    example: 'queued,running',
    description: `One or more of ${JOB_STATES.join(', ')}, with commas between them.`,
  })
  state?: string | undefined;

  @TextField({
    maxLength: 100,
    optional: true,
    faultOf: wordListFault(JOB_TYPES),
    example: 'backup',
    description: `One or more of ${JOB_TYPES.join(', ')}, with commas between them.`,
  })
  type?: string | undefined;

  @IdField({ description: 'Only the jobs of this connection.' })
  connection_id?: string | undefined;

  @IdField({ description: 'Only the jobs of this schedule.' })
  schedule_id?: string | undefined;
}

export function jobQueryOf({ state, type, connection_id, schedule_id, ...page }: JobListQuery): JobQuery {
  return {
    ...pageOf(page),
    ...(state === undefined ? {} : { states: wordsOf(JOB_STATES, state) }),
    ...(type === undefined ? {} : { types: wordsOf(JOB_TYPES, type) }),
    ...(connection_id === undefined ? {} : { connectionId: connection_id }),
    ...(schedule_id === undefined ? {} : { scheduleId: schedule_id }),
  };
}

export class JobProgressEntry {
  @ApiProperty({ description: 'What is being done now.', example: 'dump' })
  phase!: string;

  @ApiProperty({ description: 'Bytes of the dump, before compression.', example: 73400320 })
  bytes!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Estimated.', example: 104857600 })
  total_bytes!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 12 })
  tables!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 17 })
  total_tables!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 52428800 })
  bytes_per_second!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Estimated.', example: 1 })
  seconds_left!: number | null;

  static of(progress: JobProgress): JobProgressEntry {
    return {
      phase: progress.phase,
      bytes: progress.bytes,
      total_bytes: progress.totalBytes,
      tables: progress.tables,
      total_tables: progress.totalTables,
      bytes_per_second: progress.bytesPerSecond,
      seconds_left: progress.secondsLeft,
    };
  }
}

export class JobErrorEntry {
  @ApiProperty({ example: 'DUMP_FAILED' })
  code!: string;

  @ApiProperty({ example: 'pg_dump failed with exit status 1.' })
  message!: string;

  @ApiProperty({ type: String, nullable: true, description: 'What to do next.', example: null })
  hint!: string | null;

  static of(failure: Failure): JobErrorEntry {
    return { code: failure.code, message: failure.message, hint: failure.hint ?? null };
  }
}

export class JobEntry {
  @ApiProperty({ example: UUID })
  id!: string;

  @ApiProperty({ enum: JOB_TYPES, example: 'backup' })
  type!: JobType;

  @ApiProperty({
    enum: JOB_STATES,
    example: 'running',
    description: '`interrupted`: the service ended while it ran, or before it could.',
  })
  state!: JobState;

  @ApiProperty({ type: String, nullable: true, example: 'mydb' })
  database!: string | null;

  @ApiProperty({ type: String, nullable: true, example: UUID })
  connection_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'default' })
  schedule_id!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The scheduled time that it serves.', example: null })
  due_at!: string | null;

  @ApiProperty({ enum: URGENCIES, description: 'The more urgent job runs first.', example: 'manual' })
  urgency!: Urgency;

  @ApiProperty({ description: 'How often it was started; 0 before the first start.', example: 1 })
  attempt!: number;

  @ApiProperty({ example: 1 })
  max_attempts!: number;

  @ApiProperty({ format: 'date-time', example: TIME })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  finished_at!: string | null;

  @ApiProperty({ format: 'date-time', description: 'The job does not start before this time.', example: TIME })
  run_after!: string;

  @ApiProperty({ description: 'Whether it was told to stop.', example: false })
  cancel_requested!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'The interrupted job that it repeats.', example: null })
  retry_of!: string | null;

  @ApiProperty({ type: () => JobProgressEntry, nullable: true })
  progress!: JobProgressEntry | null;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'The result of a job that succeeded, as the blocking calls answer it: `{ backup }`, `{ restore }`, …',
    example: null,
  })
  result!: object | null;

  @ApiProperty({ type: () => JobErrorEntry, nullable: true, description: 'Why it did not succeed.' })
  error!: JobErrorEntry | null;

  static of(job: JobRecord): JobEntry {
    const database = job.payload['database'];
    return {
      id: job.id,
      type: job.type,
      state: job.state,
      database: typeof database === 'string' ? database : null,
      connection_id: job.connectionId,
      schedule_id: job.scheduleId,
      due_at: timeOf(job.dueAt),
      urgency: urgencyOf(job.priority),
      attempt: job.attempt,
      max_attempts: job.maxAttempts,
      created_at: new Date(job.createdAt).toISOString(),
      started_at: timeOf(job.startedAt),
      finished_at: timeOf(job.finishedAt),
      run_after: new Date(job.runAfter).toISOString(),
      cancel_requested: job.cancelRequestedAt !== null,
      retry_of: job.retryOf,
      progress: job.progress === null ? null : JobProgressEntry.of(job.progress),
      result: shownResult(job),
      error: job.failure === null ? null : JobErrorEntry.of(job.failure),
    };
  }
}

export class JobDetails extends JobEntry {
  @ApiProperty({ type: [String], description: 'The last lines, oldest first.', example: [`${TIME} dump begins`] })
  log!: readonly string[];

  static override of(job: JobRecord): JobDetails {
    return Object.assign(JobEntry.of(job), { log: job.log });
  }
}

export class JobsResponse extends PageResponse {
  @ApiProperty({ type: () => [JobEntry], description: 'Newest first.' })
  jobs!: JobEntry[];
}

export class JobResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => JobDetails })
  job!: JobDetails;
}

export class JobCancelledResponse extends MessageResponse {
  @ApiProperty({ example: 'Job cancelled.' })
  override message!: string;

  @ApiProperty({ type: () => JobDetails })
  job!: JobDetails;
}

/** The immediate answer of a call that was asked not to wait. */
export class JobAcceptedResponse extends MessageResponse {
  @ApiProperty({ example: `The work has begun or waits for its turn: GET /api/jobs/${UUID} tells how far it is.` })
  override message!: string;

  @ApiProperty({ type: () => JobEntry })
  job!: JobEntry;
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
