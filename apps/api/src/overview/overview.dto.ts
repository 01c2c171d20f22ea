import { ApiProperty } from '@nestjs/swagger';
import type { ConnectionRecord } from '@app/catalog';
import { DB_TYPES, VERIFICATION_LEVELS } from '@app/domain';
import { titleOf } from '@app/core';
import { CatalogedBackup } from '../backup/backup.dto.js';
import { WarningsProperty } from '../scheduler/warnings.dto.js';
import { messageOf } from './last-failures.js';
import type { DatabaseState, OverviewState } from './overview.service.js';

export class OverviewConnection {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ description: 'The label, or the database and host if there is none.', example: 'shop on db1' })
  name!: string;

  @ApiProperty({ enum: DB_TYPES, example: 'PostgreSQL' })
  db_type!: string;

  @ApiProperty({ example: 'localhost' })
  host!: string;

  @ApiProperty({ example: 5432 })
  port!: number;

  @ApiProperty({ example: 'shop' })
  database!: string;

  @ApiProperty({ description: 'Whether the calls without a connection_id act on it.', example: true })
  active!: boolean;

  @ApiProperty({ example: 'user' })
  username!: string;

  static of(connection: ConnectionRecord, active: boolean): OverviewConnection {
    const { id, dbType, host, port, database, username } = connection;
    return { id, name: titleOf(connection), db_type: dbType, host, port, database, active, username };
  }
}

const COLOURS = ['green', 'amber', 'red'] as const;
const REASONS = [
  ...['storage_missing', 'no_backup', 'all_damaged', 'storage_unwritable', 'newest_damaged', 'not_scheduled'],
  ...['overdue', 'job_failed', 'storage_low'],
];

export class ReasonEntry {
  @ApiProperty({ enum: REASONS, example: 'overdue' })
  code!: string;

  @ApiProperty({ example: 'The newest backup is too old, the next one is overdue.' })
  message!: string;
}

export class OverallVerdictEntry {
  @ApiProperty({ enum: COLOURS, example: 'red' })
  colour!: 'green' | 'amber' | 'red';

  @ApiProperty({ example: '1 of 3 databases is not protected: shop on localhost: no backup yet.' })
  sentence!: string;

  @ApiProperty({
    type: [String],
    description: 'Every reason that the sentence does not give, as one text per database.',
    example: ['shop on localhost: The scheduler is stopped, so no backup is made by itself.'],
  })
  details!: readonly string[];
}

export class VerdictEntry {
  @ApiProperty({
    enum: COLOURS,
    example: 'amber',
    description:
      'red: it could not be restored now, or no backup can be made. amber: somebody should look. green: nothing is amiss.',
  })
  colour!: 'green' | 'amber' | 'red';

  @ApiProperty({ example: 'The newest backup is too old, the next one is overdue.' })
  sentence!: string;

  @ApiProperty({ type: () => [ReasonEntry], description: 'All reasons why it is not green, the worst first.' })
  reasons!: ReasonEntry[];
}

export class VerifiedBackupEntry {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  backup_id!: string;

  @ApiProperty({ description: 'When the backup was made, seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({ format: 'date-time', example: '2023-12-20T12:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'The measured recovery time.', example: 4200 })
  restore_ms!: number | null;
}

export class SizeEntry {
  @ApiProperty({ description: 'Seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({ format: 'date-time', example: '2023-12-20T12:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ description: 'Bytes.', example: 1024000 })
  size!: number;
}

export class NextRunEntry {
  @ApiProperty({ example: 'default' })
  schedule_id!: string;

  @ApiProperty({ description: 'The name of the schedule.', example: 'nightly' })
  name!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-03T01:30:00.000Z' })
  at!: string;

  @ApiProperty({ description: 'On the clocks of the schedule’s zone.', example: '2026-01-03 02:30:00' })
  local!: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timezone!: string;
}

export class LastFailureEntry {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  job_id!: string;

  @ApiProperty({ enum: ['backup', 'verify', 'restore', 'undo', 'retention'], example: 'backup' })
  type!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  at!: string;

  @ApiProperty({ example: 'Nothing answers at localhost:5432.' })
  message!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Check that the server runs.' })
  hint!: string | null;
}

export class OverviewDatabase {
  @ApiProperty({ type: () => OverviewConnection })
  connection!: OverviewConnection;

  @ApiProperty({
    type: () => [OverviewConnection],
    description: 'All connections that reach this database, by any host name or user.',
  })
  connections!: OverviewConnection[];

  @ApiProperty({ type: () => VerdictEntry })
  verdict!: VerdictEntry;

  @ApiProperty({ description: 'Whether a schedule that is neither paused nor stopped backs it up.', example: true })
  scheduled!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'When the next backup is overdue: 1.5 periods of the schedule after the newest backup, or OVERDUE_AFTER_DAYS after it ' +
      'if there is no schedule. null: there is no usable backup.',
    example: '2026-01-13T12:00:00.000Z',
  })
  expected_by!: string | null;

  @ApiProperty({ example: false })
  overdue!: boolean;

  @ApiProperty({
    enum: ['fine', 'low', 'unwritable', 'missing'],
    description: 'The worst state among the folders of its backups. `low`: less than 10 % is free.',
    example: 'fine',
  })
  storage!: string;

  @ApiProperty({
    description: 'Whether there is a complete backup that can be read and that no job found damaged.',
    example: true,
  })
  restorable!: boolean;

  @ApiProperty({
    enum: [...VERIFICATION_LEVELS, 'none'],
    example: 'stored',
    description: 'The verification level of the newest complete backup; `none`: there is no such backup.',
  })
  proof!: string;

  @ApiProperty({
    type: () => CatalogedBackup,
    nullable: true,
    description: 'The newest complete backup. Safety backups of restores do not count.',
  })
  last_backup!: CatalogedBackup | null;

  @ApiProperty({
    type: () => VerifiedBackupEntry,
    nullable: true,
    description: 'The newest backup that was verified by a restore.',
  })
  last_proven!: VerifiedBackupEntry | null;

  @ApiProperty({ description: 'The number of complete backups.', example: 3 })
  backups!: number;

  @ApiProperty({ description: 'Bytes that the backups take.', example: 3072000 })
  bytes!: number;

  @ApiProperty({ type: () => [SizeEntry], description: 'The sizes of the last 30 backups, oldest first.' })
  sizes!: SizeEntry[];

  @ApiProperty({ type: () => NextRunEntry, nullable: true, description: 'The next run of all its schedules.' })
  next_run!: NextRunEntry | null;

  @ApiProperty({
    type: () => LastFailureEntry,
    nullable: true,
    description: 'The last job that failed, unless a job of its kind or a backup has succeeded since.',
  })
  last_failure!: LastFailureEntry | null;

  static of(state: DatabaseState): OverviewDatabase {
    const { connection, lastBackup, lastVerified, nextRun, lastFailure } = state;
    return {
      connection: OverviewConnection.of(connection, state.active),
      connections: state.connections.map((one) => OverviewConnection.of(one, state.active && one.id === connection.id)),
      verdict: {
        colour: state.verdict.colour,
        sentence: state.verdict.sentence,
        reasons: state.verdict.reasons.map(({ code, message }) => ({ code, message })),
      },
      scheduled: state.schedule === 'scheduled',
      expected_by: state.expectedBy === undefined ? null : new Date(state.expectedBy).toISOString(),
      overdue: state.overdue,
      storage: state.storage,
      restorable: state.restorable,
      proof: lastBackup?.verification?.level ?? 'none',
      last_backup: lastBackup === undefined ? null : CatalogedBackup.of(lastBackup),
      last_proven:
        lastVerified === undefined
          ? null
          : {
              backup_id: lastVerified.id,
              created: Math.floor(lastVerified.createdAt / 1000),
              created_at: new Date(lastVerified.createdAt).toISOString(),
              restore_ms: lastVerified.restoreMs ?? null,
            },
      backups: state.backups,
      bytes: state.bytes,
      sizes: state.sizes.map(({ createdAt, size }) => ({
        created: Math.floor(createdAt / 1000),
        created_at: new Date(createdAt).toISOString(),
        size,
      })),
      next_run:
        nextRun === undefined
          ? null
          : {
              schedule_id: nextRun.schedule.id,
              name: nextRun.schedule.name,
              at: nextRun.run.at.toISOString(),
              local: nextRun.run.local,
              timezone: nextRun.schedule.timezone,
            },
      last_failure:
        lastFailure === undefined
          ? null
          : {
              job_id: lastFailure.id,
              type: lastFailure.type,
              at: new Date(lastFailure.finishedAt ?? lastFailure.createdAt).toISOString(),
              message: messageOf(lastFailure),
              hint: lastFailure.failure?.hint ?? null,
            },
    };
  }
}

export class OverviewResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => [OverviewDatabase], description: 'The databases that need attention most come first.' })
  databases!: OverviewDatabase[];

  @ApiProperty({ type: () => OverallVerdictEntry, description: 'The verdict for all databases together.' })
  verdict!: OverallVerdictEntry;

  @WarningsProperty()
  warnings?: string[];

  static of({ verdict: { colour, sentence, details }, databases, warnings }: OverviewState): OverviewResponse {
    return {
      success: true,
      databases: databases.map((state) => OverviewDatabase.of(state)),
      verdict: { colour, sentence, details },
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  }
}
