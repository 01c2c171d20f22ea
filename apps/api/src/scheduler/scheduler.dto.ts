import { ApiProperty } from '@nestjs/swagger';
import { MessageResponse } from '../connection/connection.dto.js';
import { WarningsProperty } from './warnings.dto.js';

export class SchedulerStartResponse extends MessageResponse {
  @ApiProperty({ example: 'Backup scheduler started successfully' })
  override message!: string;
}

export class SchedulerStopResponse extends MessageResponse {
  @ApiProperty({ example: 'Backup scheduler stopped successfully' })
  override message!: string;
}

export class LastRunEntry {
  @ApiProperty({ example: '2023-12-16 00:00:00', description: 'On the clocks of the schedule’s zone.' })
  at!: string;

  @ApiProperty({ format: 'date-time', description: '`at` as an instant.', example: '2023-12-15T23:00:00.000Z' })
  started_at!: string;

  @ApiProperty({ example: true })
  success!: boolean;

  @ApiProperty({ example: 'Backup created successfully at ./backups/mydb_20231216_000000.sql' })
  message!: string;
}

export class SchedulerStatusResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ example: true })
  running!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '2023-12-23 00:00:00', description: 'In `timezone`.' })
  next_backup!: string | null;

  @ApiProperty({ example: '0 0 * * 6' })
  schedule!: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timezone!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: '`next_backup` as an instant.',
    example: '2023-12-22T23:00:00.000Z',
  })
  next_backup_at!: string | null;

  @ApiProperty({
    type: () => LastRunEntry,
    nullable: true,
    description: 'Includes forced runs. If several databases are backed up together: a failed one, if any failed.',
  })
  last_run!: LastRunEntry | null;

  @WarningsProperty()
  warnings?: string[];
}
