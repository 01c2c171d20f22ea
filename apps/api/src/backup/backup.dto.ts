import { ApiProperty } from '@nestjs/swagger';
import {
  BACKUP_FORMATS,
  COMPARE_DEPTHS,
  COMPRESSIONS,
  DB_TYPES,
  FOREIGN_REASONS,
  VERIFICATION_LEVELS,
} from '@app/domain';
import type { BackupFormat, BackupStatus, CompareDepth, Compression, Manifest, VerificationLevel } from '@app/domain';
import type { BackupSort, SortOrder } from '@app/catalog';
import type { BackupRecord, VerifiableLevel } from '@app/core';
import { backupNameFault } from '@app/storage';
import { MessageResponse } from '../connection/connection.dto.js';
import { PageQuery, PageResponse } from '../http/requests/page-query.js';
import { FlagField, TextField, WordField } from '../http/requests/request-fields.js';
import { ManifestEntry } from './manifest.dto.js';
import { VerificationEntry } from './verification.dto.js';

/** Longer than any path that a system takes: the storage says what is wrong with those. */
export const MAX_PATH_LENGTH = 8192;
const BACKUP_STATUSES: readonly BackupStatus[] = ['complete', 'foreign', 'damaged'];

/** A request field with the id of a catalog entry. */
export function IdField(options: { description: string; refusesEmpty?: boolean }): PropertyDecorator {
  return TextField({ maxLength: 100, optional: true, example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52', ...options });
}

/** The request field that says how a restored backup is compared, in a verification or before the swap. */
export function CompareField(): PropertyDecorator {
  return WordField(COMPARE_DEPTHS, {
    optional: true,
    example: 'content',
    description:
      'How restored data is compared. `content`: by a checksum of each table over all columns, computed in the dump’s ' +
      'own snapshot. `counts`: by the numbers of objects and rows only, which is cheaper. Default: VERIFY_COMPARE.',
  });
}

export class BackupCreateRequest {
  @TextField({
    maxLength: MAX_PATH_LENGTH,
    optional: true,
    example: 'manual_backup',
    faultOf: backupNameFault,
    description: 'Default: the database’s name. The time and the extension are added.',
  })
  backup_name?: string | undefined;

  @TextField({
    maxLength: MAX_PATH_LENGTH,
    optional: true,
    example: './backups',
    description: 'A folder inside BACKUP_DIR or BACKUP_ALLOWED_DIRS.',
  })
  backup_location?: string | undefined;

  @WordField(BACKUP_FORMATS, { optional: true, example: 'plain', description: '`custom` for PostgreSQL only.' })
  format?: BackupFormat | undefined;

  @WordField(COMPRESSIONS, { optional: true, example: 'none' })
  compression?: Compression | undefined;

  @WordField(VERIFICATION_LEVELS, {
    optional: true,
    example: 'stored',
    description:
      'How it is verified. `stored`: read back from storage, with the same hash. `restored`: loaded into a verification ' +
      'server, with the same objects, rows and content. Default: as in the settings.',
  })
  verification?: VerificationLevel | undefined;

  @CompareField()
  compare?: CompareDepth | undefined;

  @IdField({ description: 'Default: the active connection.', refusesEmpty: true })
  connection_id?: string | undefined;
}

export class BackupListQuery {
  @TextField({ maxLength: MAX_PATH_LENGTH, optional: true, example: './backups', description: 'Default: BACKUP_DIR.' })
  backup_location?: string | undefined;
}

export class BackupPageQuery extends PageQuery {
  @TextField({
    maxLength: MAX_PATH_LENGTH,
    optional: true,
    example: './backups',
    description: 'Default: BACKUP_DIR, or every folder when `connection_id` is given.',
  })
  backup_location?: string | undefined;

  @WordField(['all'], {
    optional: true,
    example: 'all',
    description: '`all`: the backups of every known folder, if no `backup_location` is given.',
  })
  folders?: 'all' | undefined;

  @IdField({ description: 'Only the backups of its database, over whatever connection they were made.' })
  connection_id?: string | undefined;

  @TextField({ maxLength: 255, optional: true, example: 'shop', description: 'Part of the file or database name.' })
  search?: string | undefined;

  @WordField(BACKUP_STATUSES, { optional: true, example: 'complete' })
  status?: BackupStatus | undefined;

  @WordField(['created', 'size', 'database', 'filename'] satisfies BackupSort[], {
    optional: true,
    example: 'size',
    description: 'Default: `created`.',
  })
  sort?: BackupSort | undefined;

  @WordField(['asc', 'desc'] satisfies SortOrder[], {
    optional: true,
    example: 'asc',
    description: 'Default: `desc`. Ask for the following pages in the order of the first one.',
  })
  order?: SortOrder | undefined;
}

export class PinRequest {
  @FlagField({ example: true, description: 'A pinned backup is kept, whatever the retention.' })
  pinned!: boolean;
}

export class VerifyRequest {
  @WordField(['stored', 'restored'] satisfies VerifiableLevel[], {
    optional: true,
    example: 'restored',
    description:
      '`stored`, the default: read back, with the same hash. `restored`: also loaded into a verification server, with ' +
      'the same objects, rows and content.',
  })
  level?: VerifiableLevel | undefined;

  @CompareField()
  compare?: CompareDepth | undefined;
}

export class BackupEntry {
  @ApiProperty({ example: 'mydb_20231220_120000.sql' })
  filename!: string;

  @ApiProperty({ example: './backups/mydb_20231220_120000.sql' })
  path!: string;

  @ApiProperty({ description: 'Bytes.', example: 1024000 })
  size!: number;

  @ApiProperty({ description: 'Seconds since 1970.', example: 1703073600 })
  created!: number;

  @ApiProperty({
    format: 'date-time',
    description: '`created` as an instant: when the backup began, or a file made elsewhere was last changed.',
    example: '2023-12-20T12:00:00.000Z',
  })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2023-12-20T12:00:00.000Z' })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2023-12-20T12:00:01.250Z' })
  completed_at!: string | null;

  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'mydb' })
  database!: string | null;

  @ApiProperty({ enum: DB_TYPES, nullable: true, example: 'PostgreSQL' })
  db_type!: string | null;

  @ApiProperty({ enum: ['plain', 'custom', 'tar', 'directory'], nullable: true, example: 'plain' })
  format!: string | null;

  @ApiProperty({ enum: ['none', 'zstd', 'gzip', 'bzip2', 'xz', 'zip'], nullable: true, example: 'none' })
  compression!: string | null;

  @ApiProperty({
    enum: ['complete', 'foreign', 'damaged'],
    example: 'complete',
    description:
      '`foreign`: a dump that this service did not write. `damaged`: the file is not as it was written, its manifest cannot be read, or its verification by a restore failed (`verification.failed`).',
  })
  status!: string;

  @ApiProperty({ enum: ['manual', 'scheduled', 'safety'], nullable: true, example: 'manual' })
  kind!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  sha256!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 1250 })
  duration_ms!: number | null;

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];

  @ApiProperty({ type: () => VerificationEntry, nullable: true })
  verification!: VerificationEntry | null;

  static of(record: BackupRecord): BackupEntry {
    const { verification } = record;
    return {
      filename: record.filename,
      path: record.path,
      size: record.size,
      created: record.created,
      created_at: new Date(record.created * 1000).toISOString(),
      started_at: record.startedAt ?? null,
      completed_at: record.completedAt ?? null,
      id: record.id,
      database: record.database ?? null,
      db_type: record.dbType ?? null,
      format: record.format ?? null,
      compression: record.compression ?? null,
      status: record.status,
      kind: record.kind ?? null,
      sha256: record.sha256 ?? null,
      duration_ms: record.durationMs ?? null,
      warnings: record.warnings,
      verification: verification === undefined ? null : VerificationEntry.of(verification),
    };
  }
}

/** A backup with what only the catalog knows of it. */
export class CatalogedBackup extends BackupEntry {
  @ApiProperty({ example: false })
  pinned!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  connection_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'default' })
  schedule_id!: string | null;

  @ApiProperty({
    enum: FOREIGN_REASONS,
    nullable: true,
    description: 'Why it is foreign although it has a manifest. Such a backup can be adopted.',
    example: null,
  })
  foreign_because!: string | null;

  static override of(record: BackupRecord): CatalogedBackup {
    return Object.assign(new CatalogedBackup(), BackupEntry.of(record), {
      pinned: record.pinned ?? false,
      connection_id: record.connectionId ?? null,
      schedule_id: record.scheduleId ?? null,
      foreign_because: record.foreignBecause ?? null,
    });
  }
}

export class BackupResponse extends MessageResponse {
  @ApiProperty({ example: 'Backup created successfully at ./backups/mydb_20231220_120000.sql' })
  override message!: string;

  @ApiProperty({ type: () => BackupEntry })
  backup!: BackupEntry;
}

export class ForcedBackupResponse extends BackupResponse {
  @ApiProperty({ example: 'Forced backup completed' })
  override message!: string;
}

export class BackupListResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => [BackupEntry], description: 'Newest first.' })
  backups!: BackupEntry[];
}

export class BackupPageResponse extends PageResponse {
  @ApiProperty({ type: () => [CatalogedBackup], description: 'In the requested order; by default the newest first.' })
  backups!: CatalogedBackup[];

  @ApiProperty({ example: 12, description: 'The number of backups on all pages.' })
  total!: number;
}

export class BackupDeletedResponse extends MessageResponse {
  @ApiProperty({ example: 'mydb_20231220_120000.sql was deleted.' })
  override message!: string;

  @ApiProperty({ type: () => CatalogedBackup, description: 'As it was.' })
  backup!: CatalogedBackup;

  @ApiProperty({ type: [String], description: 'What its database does not have any more.', example: [] })
  warnings!: readonly string[];
}

export class BackupDetailsResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => CatalogedBackup })
  backup!: CatalogedBackup;

  @ApiProperty({
    type: () => ManifestEntry,
    nullable: true,
    description: 'The whole manifest, as it is stored; null where none can be read.',
  })
  manifest!: ManifestEntry | null;

  static of(record: BackupRecord, manifest: Manifest | undefined): BackupDetailsResponse {
    return { success: true, backup: CatalogedBackup.of(record), manifest: manifest ?? null };
  }
}
