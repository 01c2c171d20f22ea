import { ApiProperty } from '@nestjs/swagger';
import { MessageResponse } from '../connection/connection.dto.js';

export class SchedulerStartResponse extends MessageResponse {
  @ApiProperty({ example: 'Backup scheduler started successfully' })
  override message!: string;
}

export class SchedulerStopResponse extends MessageResponse {
  @ApiProperty({ example: 'Backup scheduler stopped successfully' })
  override message!: string;
}

export class LastRunEntry {
  @ApiProperty({ example: '2023-12-16 00:00:00' })
  at!: string;

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

  @ApiProperty({ type: () => LastRunEntry, nullable: true, description: 'Forced ones too.' })
  last_run!: LastRunEntry | null;
}
