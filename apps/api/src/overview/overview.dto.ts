import { ApiProperty } from '@nestjs/swagger';
import { DB_TYPES, VERIFICATION_LEVELS } from '@app/domain';
import { CatalogedBackup } from '../backup/backup.dto.js';
import type { DatabaseState } from './overview.service.js';

export class OverviewConnection {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ description: 'The label, or what it is called without one.', example: 'shop on db1' })
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
}

export class ProvenEntry {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  backup_id!: string;

  @ApiProperty({ description: 'When the backup was made, seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'The measured recovery time.', example: 4200 })
  restore_ms!: number | null;
}

export class SizeEntry {
  @ApiProperty({ description: 'Seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({ description: 'Bytes.', example: 1024000 })
  size!: number;
}

export class NextRunEntry {
  @ApiProperty({ example: 'default' })
  schedule_id!: string;

  @ApiProperty({ description: 'Of the schedule.', example: 'nightly' })
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

  @ApiProperty({ enum: ['backup', 'verify'], example: 'backup' })
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

  @ApiProperty({ description: 'A whole backup is there whose last verification did not fail.', example: true })
  restorable!: boolean;

  @ApiProperty({
    enum: [...VERIFICATION_LEVELS, 'none'],
    example: 'stored',
    description: 'How far the newest whole backup is proven; `none`: there is none.',
  })
  proof!: string;

  @ApiProperty({
    type: () => CatalogedBackup,
    nullable: true,
    description: 'The newest whole one. Safety backups of restores do not count.',
  })
  last_backup!: CatalogedBackup | null;

  @ApiProperty({ type: () => ProvenEntry, nullable: true, description: 'The newest that was proven by a restore.' })
  last_proven!: ProvenEntry | null;

  @ApiProperty({ description: 'How many whole ones there are.', example: 3 })
  backups!: number;

  @ApiProperty({ description: 'That they take.', example: 3072000 })
  bytes!: number;

  @ApiProperty({ type: () => [SizeEntry], description: 'Of the last 30, oldest first.' })
  sizes!: SizeEntry[];

  @ApiProperty({ type: () => NextRunEntry, nullable: true, description: 'Of all its schedules.' })
  next_run!: NextRunEntry | null;

  @ApiProperty({
    type: () => LastFailureEntry,
    nullable: true,
    description: 'The last backup or verification, where it failed.',
  })
  last_failure!: LastFailureEntry | null;

  static of(state: DatabaseState): OverviewDatabase {
    const { connection, lastBackup, lastProven, nextRun, lastFailure } = state;
    return {
      connection: {
        id: connection.id,
        name: connection.label ?? `${connection.database} on ${connection.host}`,
        db_type: connection.dbType,
        host: connection.host,
        port: connection.port,
        database: connection.database,
        active: state.active,
      },
      restorable: state.restorable,
      proof: lastBackup?.verification?.level ?? 'none',
      last_backup: lastBackup === undefined ? null : CatalogedBackup.of(lastBackup),
      last_proven:
        lastProven === undefined
          ? null
          : {
              backup_id: lastProven.id,
              created: Math.floor(lastProven.createdAt / 1000),
              restore_ms: lastProven.restoreMs ?? null,
            },
      backups: state.backups,
      bytes: state.bytes,
      sizes: state.sizes.map(({ createdAt, size }) => ({ created: Math.floor(createdAt / 1000), size })),
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
              message: lastFailure.failure?.message ?? 'It was interrupted.',
              hint: lastFailure.failure?.hint ?? null,
            },
    };
  }
}

export class OverviewResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => [OverviewDatabase], description: 'Those most in need of a person first.' })
  databases!: OverviewDatabase[];
}
