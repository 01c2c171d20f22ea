import { ApiProperty } from '@nestjs/swagger';
import type { RestoreRecord } from '@app/catalog';
import { RESTORE_STRATEGIES } from '@app/domain';
import { MessageResponse } from '../connection/connection.dto.js';
import { PageResponse } from '../http/requests/page-query.js';
import { JobErrorEntry } from '../jobs/job.dto.js';
import { RestoreDetails } from './restore.dto.js';
import { UndoEntry } from './undo.dto.js';

const UUID = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
const TIME = '2026-01-02T03:04:05.678Z';

/** A restore, or the undo of one, as the catalog records it. */
export class RestoreEntry {
  @ApiProperty({ example: UUID })
  id!: string;

  @ApiProperty({ enum: ['restore', 'undo'], example: 'restore' })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The restore that was undone.', example: null })
  undoes!: string | null;

  @ApiProperty({ type: String, nullable: true, example: UUID })
  job_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: UUID })
  connection_id!: string | null;

  @ApiProperty({ description: 'The database that was restored.', example: 'mydb' })
  database!: string;

  @ApiProperty({ example: './backups/mydb_20231220_120000.sql' })
  backup_path!: string;

  @ApiProperty({ type: String, nullable: true, enum: [...RESTORE_STRATEGIES, 'new'], example: 'swap' })
  strategy!: string | null;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'The tables that are restored; null: everything.',
    example: null,
  })
  tables!: readonly string[] | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'How long the database could not be used; null where everything was done in place, or where it was not measured.',
    example: 38,
  })
  lockout_ms!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The safety backup of the previous data, if the database was restored in place.',
    example: null,
  })
  safety_backup_path!: string | null;

  @ApiProperty({ type: () => UndoEntry })
  undo!: UndoEntry;

  @ApiProperty({ enum: ['running', 'succeeded', 'failed', 'interrupted'], example: 'succeeded' })
  state!: string;

  @ApiProperty({ type: () => JobErrorEntry, nullable: true })
  error!: JobErrorEntry | null;

  @ApiProperty({ format: 'date-time', example: TIME })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: TIME })
  finished_at!: string | null;

  static of(restore: RestoreRecord, undoing?: RestoreRecord): RestoreEntry {
    return {
      id: restore.id,
      kind: restore.kind,
      undoes: restore.undoes,
      job_id: restore.jobId,
      connection_id: restore.connectionId,
      database: restore.database,
      backup_path: restore.backupPath,
      strategy: restore.strategy,
      tables: restore.tables,
      lockout_ms: restore.lockoutMs,
      safety_backup_path: restore.safetyBackupPath,
      undo: UndoEntry.of(restore, undoing),
      state: restore.state,
      error: restore.failure === null ? null : JobErrorEntry.of(restore.failure),
      started_at: new Date(restore.startedAt).toISOString(),
      finished_at: restore.finishedAt === null ? null : new Date(restore.finishedAt).toISOString(),
    };
  }
}

export class RestoresResponse extends PageResponse {
  @ApiProperty({ type: () => [RestoreEntry], description: 'Newest first.' })
  restores!: RestoreEntry[];

  @ApiProperty({
    description: 'The bytes that all kept previous databases take on the servers, on all pages together.',
    example: 73400320,
  })
  undo_bytes!: number;
}

export class RestoreRecordResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => RestoreEntry })
  restore!: RestoreEntry;
}

export class RestoreUndoneResponse extends MessageResponse {
  @ApiProperty({ example: 'Restore undone: "mydb" is as it was before.' })
  override message!: string;

  @ApiProperty({ type: () => RestoreDetails, description: 'The undo, which can be undone in turn.' })
  restore!: RestoreDetails;
}

export class UndoDroppedResponse extends MessageResponse {
  @ApiProperty({ example: 'The previous state of "mydb" was dropped.' })
  override message!: string;

  @ApiProperty({ type: () => RestoreEntry })
  restore!: RestoreEntry;
}
