import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ErrorCode } from '@app/domain';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import {
  BackupCreateRequest,
  BackupEntry,
  BackupListQuery,
  BackupListResponse,
  BackupResponse,
  RestoreDetails,
  RestoreRequestBody,
  RestoreResponse,
} from './backup.dto.js';
import { BackupService } from './backup.service.js';

export const BACKUP_ERRORS: Partial<Record<ErrorCode, string>> = {
  NOT_CONNECTED: 'No database is connected.',
  MISSING_PRIVILEGE: 'User "user" may not read table "orders".',
  BROKEN_OBJECT: 'View "v" cannot be dumped: its table is gone.',
  HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
  DUMP_FAILED: 'pg_dump failed with exit status 1.',
  DUMP_INCOMPLETE: 'The dump has no end.',
  TOOL_MISSING: 'pg_dump is not installed.',
  TOOL_TOO_OLD: 'pg_dump 15 is too old for server 17.',
  SHUTTING_DOWN: 'The service is shutting down and begins nothing new.',
  NO_SPACE: 'No space is left in the backup folder.',
};

@ApiTags('Backup')
@Controller('api')
export class BackupController {
  constructor(private readonly backups: BackupService) {}

  @Post('backup')
  @ApiAnswer({
    summary: 'Create a backup of the connected database',
    description: 'Answers when the backup is complete and on disk; older ones than the retention keeps are gone then.',
    type: BackupResponse,
    errors: { ...BACKUP_ERRORS, INVALID_PATH: 'backup_location leads outside the backup folders.' },
  })
  async create(@Body() request: BackupCreateRequest): Promise<BackupResponse> {
    const record = await this.backups.create({
      name: request.backup_name,
      location: request.backup_location,
      format: request.format,
      compression: request.compression,
    });
    const message = `Backup created successfully at ${record.path}`;
    return { success: true, message, backup: BackupEntry.of(record) };
  }

  @Get('backups')
  @ApiAnswer({
    summary: 'List the backups of a folder, newest first',
    type: BackupListResponse,
    errors: {
      INVALID_PATH: 'backup_location leads outside the backup folders.',
      LOCATION_NOT_FOUND: 'There is no folder ./backups/old.',
    },
  })
  async list(@Query() query: BackupListQuery): Promise<BackupListResponse> {
    const records = await this.backups.list(query.backup_location);
    return { success: true, backups: records.map((record) => BackupEntry.of(record)) };
  }

  @Post('restore')
  @ApiAnswer({
    summary: 'Restore a backup file',
    description: 'Checks the whole file first, then replaces the database. A failure leaves it as it was.',
    type: RestoreResponse,
    errors: {
      NOT_CONNECTED: 'No database is connected.',
      INVALID_PATH: 'backup_file_path leads outside the backup folders.',
      BACKUP_NOT_FOUND: 'There is no backup file ./backups/mydb.sql.',
      NOT_A_BACKUP: 'The file is no dump that this service knows.',
      WRONG_ENGINE: 'The file is a dump of MySQL; the connected server is PostgreSQL.',
      BACKUP_DAMAGED: 'The file is not the one that was written: its hash differs.',
      BACKUP_INCOMPLETE: 'The dump has no end: it was cut off.',
      BACKUP_UNSAFE: 'The dump contains commands for the client program.',
      RESTORE_FAILED: 'The server refused a statement.',
      TOOL_MISSING: 'psql is not installed.',
      NO_SPACE: 'No space is left for the safety backup.',
    },
  })
  async restore(@Body() request: RestoreRequestBody): Promise<RestoreResponse> {
    const outcome = await this.backups.restore({
      file: request.backup_file_path,
      targetDatabase: request.target_database,
      skipOwnership: request.no_owner ?? false,
    });
    const message = `Restore successful from ${outcome.path}`;
    return { success: true, message, restore: RestoreDetails.of(outcome) };
  }
}
