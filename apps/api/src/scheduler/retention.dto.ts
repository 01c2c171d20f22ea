import { ApiProperty } from '@nestjs/swagger';
import type { RetentionOutcome, RetentionPreview } from '@app/core';
import { MessageResponse } from '../connection/connection.dto.js';
import { RetentionPolicyBody } from '../http/requests/retention-policy.dto.js';

type Judged = RetentionPreview['keep'][number];

export class RetainedBackupEntry {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ example: 'mydb_20231220_120000.sql' })
  filename!: string;

  @ApiProperty({ example: './backups/mydb_20231220_120000.sql' })
  path!: string;

  @ApiProperty({ description: 'Seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({ format: 'date-time', example: '2023-12-20T12:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ description: 'Bytes.', example: 1024000 })
  size!: number;

  @ApiProperty({ type: [String], description: 'In plain words.', example: ['one of the newest 3'] })
  reasons!: readonly string[];

  static of({ record, reasons }: Judged): RetainedBackupEntry {
    const { id, filename, path, created, size } = record;
    return { id, filename, path, created, created_at: new Date(created * 1000).toISOString(), size, reasons };
  }
}

export class RetentionPreviewResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => RetentionPolicyBody })
  policy!: RetentionPolicyBody;

  @ApiProperty({ description: 'The time zone that determines what a day, a week, … is.', example: 'Europe/Berlin' })
  timezone!: string;

  @ApiProperty({ type: () => [RetainedBackupEntry], description: 'Newest first.' })
  keep!: RetainedBackupEntry[];

  @ApiProperty({ type: () => [RetainedBackupEntry], description: 'Newest first.' })
  remove!: RetainedBackupEntry[];

  @ApiProperty({ example: 0 })
  bytes_freed!: number;

  static of(preview: RetentionPreview): RetentionPreviewResponse {
    return {
      success: true,
      policy: RetentionPolicyBody.of(preview.policy),
      timezone: preview.timezone,
      keep: preview.keep.map((judged) => RetainedBackupEntry.of(judged)),
      remove: preview.remove.map((judged) => RetainedBackupEntry.of(judged)),
      bytes_freed: preview.removeBytes,
    };
  }
}

export class RemovedBackupEntry {
  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ example: './backups/mydb_20231213_120000.sql' })
  path!: string;

  @ApiProperty({ type: [String], example: ['not one of the newest 3'] })
  reasons!: readonly string[];
}

export class RetentionAppliedResponse extends MessageResponse {
  @ApiProperty({ example: '1 backup was removed.' })
  override message!: string;

  @ApiProperty({ example: 3 })
  kept!: number;

  @ApiProperty({ type: () => [RemovedBackupEntry], description: 'Oldest first.' })
  removed!: RemovedBackupEntry[];

  @ApiProperty({ example: 1024000 })
  bytes_freed!: number;

  static of({ kept, removed, bytes }: RetentionOutcome): RetentionAppliedResponse {
    const count = removed.length === 1 ? '1 backup was' : `${removed.length} backups were`;
    return {
      success: true,
      message: removed.length === 0 ? 'Nothing was to be removed.' : `${count} removed.`,
      kept,
      removed,
      bytes_freed: bytes,
    };
  }
}
