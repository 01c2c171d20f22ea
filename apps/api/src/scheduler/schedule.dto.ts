import { ApiProperty } from '@nestjs/swagger';
import type { ScheduleOptions } from '@app/catalog';
import { BACKUP_FORMATS, COMPRESSIONS, JOB_STATES, VERIFICATION_LEVELS } from '@app/domain';
import type { BackupFormat, CompareDepth, Compression, JobState, VerificationLevel } from '@app/domain';
import { cronFault, timezoneFault } from '@app/jobs';
import { backupNameFault } from '@app/storage';
import { CompareField, IdField, MAX_PATH_LENGTH } from '../backup/backup.dto.js';
import { MessageResponse } from '../connection/connection.dto.js';
import { PageQuery, PageResponse } from '../http/requests/page-query.js';
import { FlagField, ObjectField, TextField, WholeNumberField, WordField } from '../http/requests/request-fields.js';
import { RetentionPolicyBody, RetentionPolicyField } from '../http/requests/retention-policy.dto.js';
import { JobEntry } from '../jobs/job.dto.js';
import { describeSchedule, nextRunsOf } from './schedule-plan.js';
import type { PlannedRun } from './schedule-plan.js';
import { WarningsProperty } from './warnings.dto.js';
import { messageOfRun, timeOfRun } from './schedule-runs.js';
import type { ScheduleView } from './schedules.service.js';

export const SCHEDULE_ACTIONS = ['backup', 'restore'] as const;
const UUID = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
const RETENTION = 'What is kept of the backups of this schedule; null: as its connection says.';
const MAX_JITTER_SECONDS = 3600;

/** It stands in one line of a list. */
function nameFault(name: string): string | undefined {
  return /\p{Cc}/u.test(name) ? 'contains a control character' : undefined;
}

function CronField(options: { optional?: boolean } = {}): PropertyDecorator {
  const description = 'Five fields: minute, hour, day of the month, month, weekday.';
  return TextField({ maxLength: 200, faultOf: cronFault, example: '30 2 * * *', description, ...options });
}

function ZoneField(): PropertyDecorator {
  const description = 'IANA name. Default: that of the service.';
  return TextField({ maxLength: 100, optional: true, faultOf: timezoneFault, example: 'Europe/Berlin', description });
}

export class ScheduleOptionsBody {
  @WordField(BACKUP_FORMATS, { optional: true, example: 'plain', description: 'Default: BACKUP_FORMAT.' })
  format?: BackupFormat | null | undefined;

  @WordField(COMPRESSIONS, { optional: true, example: 'zstd', description: 'Default: BACKUP_COMPRESSION.' })
  compression?: Compression | null | undefined;

  @WordField(VERIFICATION_LEVELS, {
    optional: true,
    example: 'stored',
    description:
      'How each backup is verified. `stored`: read back. `restored`: loaded into a verification server and compared there. ' +
      'Default: SCHEDULE_VERIFICATION.',
  })
  verification?: VerificationLevel | null | undefined;

  @CompareField()
  compare?: CompareDepth | null | undefined;

  @TextField({
    maxLength: MAX_PATH_LENGTH,
    optional: true,
    example: './backups/nightly',
    description: 'A folder inside BACKUP_DIR or BACKUP_ALLOWED_DIRS. Default: BACKUP_DIR.',
  })
  location?: string | null | undefined;

  @TextField({
    maxLength: MAX_PATH_LENGTH,
    optional: true,
    example: 'nightly',
    faultOf: backupNameFault,
    description: 'The beginning of the file names, before time and extension. Default: the database’s name.',
  })
  name?: string | null | undefined;

  @FlagField({
    optional: true,
    example: false,
    description: 'For restores: leaves out owners and grants (PostgreSQL). Default: false, as in a restore by hand.',
  })
  no_owner?: boolean | null | undefined;

  static of({
    format,
    compression,
    verification,
    compare,
    location,
    name,
    skipOwnership,
  }: ScheduleOptions): ScheduleOptionsBody {
    return {
      format: format ?? null,
      compression: compression ?? null,
      verification: verification ?? null,
      compare: compare ?? null,
      location: location ?? null,
      name: name ?? null,
      no_owner: skipOwnership ?? null,
    };
  }
}

/** The options that a request means, without those that it does not set. */
export function scheduleOptionsOf({ no_owner: skipOwnership, ...body }: ScheduleOptionsBody): ScheduleOptions {
  return {
    ...Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string')),
    ...(typeof skipOwnership === 'boolean' ? { skipOwnership } : {}),
  };
}

class ScheduleFields {
  @TextField({
    maxLength: 100,
    optional: true,
    faultOf: nameFault,
    example: 'Shop, nightly',
    description: 'Default: a description of what it does.',
  })
  name?: string | undefined;

  @WordField(SCHEDULE_ACTIONS, {
    optional: true,
    example: 'backup',
    description:
      '`backup`, the default: backs up the connection’s database. `restore`: restores the newest verified ' +
      'backup of `source_connection_id` into the connection’s database.',
  })
  action?: 'backup' | 'restore' | undefined;

  @IdField({ description: 'Whose backups are restored; for the action `restore` only.' })
  source_connection_id?: string | undefined;

  @ZoneField()
  timezone?: string | undefined;

  @FlagField({
    optional: true,
    example: true,
    description: 'false: paused. Runs that fall into a pause are not made up.',
  })
  enabled?: boolean | undefined;

  @ObjectField(() => ScheduleOptionsBody, {
    optional: true,
    description: 'The options of its backups. They are replaced as a whole: an absent option is as in the settings.',
  })
  options?: ScheduleOptionsBody | undefined;

  @RetentionPolicyField({ description: RETENTION })
  retention?: RetentionPolicyBody | null | undefined;

  @WholeNumberField({
    min: 0,
    max: MAX_JITTER_SECONDS,
    optional: true,
    example: 0,
    description: 'Runs that are due at the same time are spread over so many seconds.',
  })
  jitter_seconds?: number | undefined;
}

export class ScheduleCreateRequest extends ScheduleFields {
  @TextField({ maxLength: 100, example: UUID, description: 'The connection to back up, or to restore into.' })
  connection_id!: string;

  @CronField()
  cron!: string;
}

/** Absent fields stay as they are. */
export class ScheduleChangeRequest extends ScheduleFields {
  @IdField({ description: 'The connection to back up, or to restore into.' })
  connection_id?: string | undefined;

  @CronField({ optional: true })
  cron?: string | undefined;
}

export class SchedulePreviewRequest {
  @CronField()
  cron!: string;

  @ZoneField()
  timezone?: string | undefined;
}

export class ScheduleListQuery extends PageQuery {
  @IdField({ description: 'Only the schedules of this connection.' })
  connection_id?: string | undefined;
}

export class PlannedRunEntry {
  @ApiProperty({ format: 'date-time', example: '2023-12-22T23:00:00.000Z' })
  at!: string;

  @ApiProperty({ description: 'On the clocks of the schedule’s zone.', example: '2023-12-23 00:00:00' })
  local!: string;

  static of({ at, local }: PlannedRun): PlannedRunEntry {
    return { at: at.toISOString(), local };
  }
}

export class ScheduleRunEntry {
  @ApiProperty({ format: 'date-time', example: '2023-12-15T23:00:00.004Z' })
  at!: string;

  @ApiProperty({ enum: JOB_STATES, example: 'succeeded' })
  state!: JobState;

  @ApiProperty({ example: 'Backup created successfully at ./backups/mydb_20231216_000000.sql' })
  message!: string;

  @ApiProperty({ example: UUID })
  job_id!: string;
}

export class ScheduleEntry {
  @ApiProperty({ example: UUID })
  id!: string;

  @ApiProperty({ example: 'Shop, nightly' })
  name!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: UUID,
    description: 'null: the default schedule before the first connection.',
  })
  connection_id!: string | null;

  @ApiProperty({
    type: [String],
    example: [UUID],
    description:
      'The connections that it backs up or restores into. The default schedule covers the active connection, and also ' +
      'every database that has no schedule of its own.',
  })
  connection_ids!: string[];

  @ApiProperty({ enum: SCHEDULE_ACTIONS, example: 'backup' })
  action!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  source_connection_id!: string | null;

  @ApiProperty({ example: '0 0 * * 6' })
  cron!: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timezone!: string;

  @ApiProperty({ example: 'At 00:00, only on Saturday (Europe/Berlin)' })
  description!: string;

  @ApiProperty({ example: true })
  enabled!: boolean;

  @ApiProperty({ type: () => ScheduleOptionsBody })
  options!: ScheduleOptionsBody;

  @ApiProperty({ type: () => RetentionPolicyBody, nullable: true, description: RETENTION })
  retention!: RetentionPolicyBody | null;

  @ApiProperty({ example: 0 })
  jitter_seconds!: number;

  @ApiProperty({ type: () => [PlannedRunEntry], description: 'Five, or none while it is paused.' })
  next_runs!: PlannedRunEntry[];

  @ApiProperty({ type: () => ScheduleRunEntry, nullable: true })
  last_run!: ScheduleRunEntry | null;

  @ApiProperty({ description: 'Whether it is the schedule of the settings, which can be paused but not deleted.' })
  is_default!: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  updated_at!: string;

  static of({ record, lastRun, isDefault, covered }: ScheduleView): ScheduleEntry {
    return {
      id: record.id,
      name: record.name,
      connection_id: record.connectionId,
      connection_ids: [...covered],
      action: record.action,
      source_connection_id: record.sourceConnectionId,
      cron: record.cron,
      timezone: record.timezone,
      description: describeSchedule(record),
      enabled: record.enabled,
      options: ScheduleOptionsBody.of(record.options),
      retention: record.retention === null ? null : RetentionPolicyBody.of(record.retention),
      jitter_seconds: record.jitterSeconds,
      next_runs: nextRunsOf(record).map((run) => PlannedRunEntry.of(run)),
      last_run:
        lastRun === undefined
          ? null
          : {
              at: new Date(timeOfRun(lastRun)).toISOString(),
              state: lastRun.state,
              message: messageOfRun(lastRun),
              job_id: lastRun.id,
            },
      is_default: isDefault,
      created_at: new Date(record.createdAt).toISOString(),
      updated_at: new Date(record.updatedAt).toISOString(),
    };
  }
}

export class SchedulesResponse extends PageResponse {
  @WarningsProperty()
  warnings?: string[];

  @ApiProperty({ type: () => [ScheduleEntry], description: 'In the order in which they were made.' })
  schedules!: ScheduleEntry[];
}

export class ScheduleResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => ScheduleEntry })
  schedule!: ScheduleEntry;
}

export class ScheduleSavedResponse extends MessageResponse {
  @ApiProperty({ example: 'Schedule created.' })
  override message!: string;

  @ApiProperty({ type: () => ScheduleEntry })
  schedule!: ScheduleEntry;

  @WarningsProperty()
  warnings?: string[];
}

export class ScheduleDeletedResponse extends MessageResponse {
  @ApiProperty({ example: 'Schedule deleted. Its backups stay.' })
  override message!: string;

  @WarningsProperty()
  warnings?: string[];
}

export class ScheduleRunResponse extends MessageResponse {
  @ApiProperty({ example: 'Schedule started.' })
  override message!: string;

  @ApiProperty({ type: () => JobEntry })
  job!: JobEntry;
}

export class SchedulePreviewResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ example: 'At 00:00, only on Saturday (Europe/Berlin)' })
  description!: string;

  @ApiProperty({ type: () => [PlannedRunEntry] })
  next_runs!: PlannedRunEntry[];
}
