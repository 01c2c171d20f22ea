import { ApiProperty } from '@nestjs/swagger';
import { BACKUP_FORMATS, COMPARE_DEPTHS, COMPRESSIONS, GLOBALS_LEVELS, VERIFICATION_LEVELS } from '@app/domain';
import { MAX_PATH_LENGTH } from '../backup/backup.dto.js';
import { TextField } from '../http/requests/request-fields.js';

export class StorageEntry {
  @ApiProperty({ example: './backups' })
  path!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Bytes that can still be written there.',
    example: 73400320000,
  })
  free_bytes!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Bytes of the file system.', example: 250000000000 })
  total_bytes!: number | null;

  @ApiProperty({
    enum: ['fine', 'low', 'unwritable', 'missing'],
    description: 'The state that the overview judges by. `low`: less than 10 % is free.',
    example: 'fine',
  })
  state!: 'fine' | 'low' | 'unwritable' | 'missing';

  @ApiProperty({ description: 'The number of listed files, including foreign ones.', example: 12 })
  backups!: number;

  @ApiProperty({ description: 'Bytes that the backups take.', example: 1073741824 })
  bytes!: number;
}

export class StorageProblem {
  @ApiProperty({ example: '/mnt/backups' })
  path!: string;

  @ApiProperty({
    example:
      'The storage /mnt/backups is not the one that was used before: its marker is missing, as when nothing is mounted there.',
  })
  message!: string;

  @ApiProperty({ example: 'Mount the storage again.' })
  hint!: string;
}

export class AcceptStorageRequest {
  @TextField({
    maxLength: MAX_PATH_LENGTH,
    example: '/mnt/backups',
    description:
      'One of the folders of BACKUP_DIR and BACKUP_ALLOWED_DIRS, or one below them on which something was mounted, as storage_problems of GET /api/settings names it.',
  })
  path!: string;
}

export class BackupSettings {
  @ApiProperty({ enum: BACKUP_FORMATS, description: 'BACKUP_FORMAT', example: 'plain' })
  format!: string;

  @ApiProperty({ enum: COMPRESSIONS, description: 'BACKUP_COMPRESSION', example: 'none' })
  compression!: string;

  @ApiProperty({ enum: GLOBALS_LEVELS, description: 'BACKUP_GLOBALS', example: 'roles' })
  globals!: string;

  @ApiProperty({ enum: VERIFICATION_LEVELS, description: 'BACKUP_VERIFICATION', example: 'stored' })
  verification!: string;

  @ApiProperty({ enum: VERIFICATION_LEVELS, description: 'SCHEDULE_VERIFICATION', example: 'stored' })
  scheduled_verification!: string;

  @ApiProperty({ enum: COMPARE_DEPTHS, description: 'VERIFY_COMPARE', example: 'content' })
  compare!: string;

  @ApiProperty({ description: 'BACKUP_RETENTION_COUNT', example: 3 })
  retention_count!: number;
}

export class ScheduleSettings {
  @ApiProperty({ description: 'BACKUP_TIMEZONE', example: 'Europe/Berlin' })
  timezone!: string;

  @ApiProperty({ description: 'BACKUP_SCHEDULE', example: '0 0 * * 6' })
  cron!: string;

  @ApiProperty({ description: 'SCHEDULE_CATCH_UP_HOURS', example: 24 })
  catch_up_hours!: number;
}

export class JobSettings {
  @ApiProperty({ description: 'JOB_CONCURRENCY', example: 2 })
  concurrency!: number;
}

export class RestoreSettings {
  @ApiProperty({ description: 'RESTORE_UNDO_HOURS', example: 24 })
  undo_hours!: number;
}

export class CatalogSettings {
  @ApiProperty({ enum: ['sqlite', 'postgres'], description: 'By CATALOG_URL.', example: 'sqlite' })
  kind!: string;
}

export class AccessSettings {
  @ApiProperty({ description: 'HOST', example: '127.0.0.1' })
  host!: string;

  @ApiProperty({ description: 'PORT', example: 5002 })
  port!: number;

  @ApiProperty({ description: 'Whether a password is asked for: ADMIN_PASSWORD.', example: false })
  password!: boolean;
}

export class SettingsResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ description: 'The version of the service.', example: '0.1.0' })
  version!: string;

  @ApiProperty({ type: () => [StorageEntry], description: 'The folders of backups.' })
  storage!: StorageEntry[];

  @ApiProperty({
    type: () => [StorageProblem],
    description:
      'Storages that are missing or not the ones that were used before. The service writes nothing there and forgets nothing.',
  })
  storage_problems!: StorageProblem[];

  @ApiProperty({ type: () => BackupSettings })
  backup!: BackupSettings;

  @ApiProperty({ type: () => ScheduleSettings })
  schedule!: ScheduleSettings;

  @ApiProperty({ type: () => JobSettings })
  jobs!: JobSettings;

  @ApiProperty({ type: () => RestoreSettings })
  restore!: RestoreSettings;

  @ApiProperty({ type: () => CatalogSettings })
  catalog!: CatalogSettings;

  @ApiProperty({ type: () => AccessSettings })
  access!: AccessSettings;
}
