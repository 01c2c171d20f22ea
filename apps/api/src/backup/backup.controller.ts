import { Body, Controller, Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ErrorCode } from '@app/domain';
import { ADOPT_JOB, BACKUP_JOB } from '@app/core';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { accepted, RespondAsync } from '../jobs/respond-async.js';
import { JobWaiter } from '../runtime/job-waiter.js';
import {
  BackupCreateRequest,
  BackupDeletedResponse,
  BackupDetailsResponse,
  BackupEntry,
  BackupListQuery,
  BackupListResponse,
  BackupResponse,
  CatalogedBackup,
  PinRequest,
  VerifyRequest,
} from './backup.dto.js';
import { BackupCatalogService } from './backup-catalog.service.js';
import { BackupDeletionService } from './backup-deletion.service.js';
import { BackupService } from './backup.service.js';

/** The errors of every route that names one backup. */
export const FIND_ERRORS: Partial<Record<ErrorCode, string>> = {
  BACKUP_NOT_FOUND: 'There is no backup 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
  STORAGE_MISSING: 'The storage /backups is not there.',
};

export const BACKUP_ERRORS: Partial<Record<ErrorCode, string>> = {
  NOT_CONNECTED: 'No database is connected.',
  CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
  MISSING_PRIVILEGE: 'User "user" may not read table "orders".',
  BROKEN_OBJECT: 'View "v" cannot be dumped: its table is gone.',
  HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
  DUMP_FAILED: 'pg_dump failed with exit status 1.',
  DUMP_INCOMPLETE: 'The dump has no end.',
  TOOL_MISSING: 'pg_dump is not installed.',
  TOOL_TOO_OLD: 'pg_dump 15 is too old for server 17.',
  SHUTTING_DOWN: 'The service is shutting down and begins nothing new.',
  SCHEMA_CHANGED: 'The tables were changed while the dump was made.',
  STORAGE_MISSING: 'The storage /backups is not there.',
  NO_SPACE: 'No space is left in the backup folder.',
};

/** The errors of a verification of level `restored`. */
export const VERIFICATION_ERRORS: Partial<Record<ErrorCode, string>> = {
  VERIFICATION_FAILED: 'mydb_20231220_120000.sql: table public.orders has 11 rows instead of 12.',
  VERIFICATION_UNAVAILABLE:
    'mydb_20231220_120000.sql: cannot verify here, because no PostgreSQL server is installed on this machine.',
};

@ApiTags('Backup')
@Controller('api')
export class BackupController {
  constructor(
    private readonly backups: BackupService,
    private readonly catalog: BackupCatalogService,
    private readonly deletion: BackupDeletionService,
    private readonly jobs: JobWaiter,
  ) {}

  @Post('backup')
  @ApiAnswer({
    summary: 'Create a backup of the connected database',
    description: 'Answers when the backup is complete and on disk, and the retention has been applied.',
    type: BackupResponse,
    accepted: true,
    errors: {
      ...BACKUP_ERRORS,
      ...VERIFICATION_ERRORS,
      INVALID_PATH: 'backup_location leads outside the backup folders.',
    },
  })
  async create(
    @Body() request: BackupCreateRequest,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BackupResponse | object> {
    const job = await this.backups.backup(
      {
        connectionId: request.connection_id,
        name: request.backup_name,
        location: request.backup_location,
        format: request.format,
        compression: request.compression,
        verification: request.verification,
        compare: request.compare,
      },
      async ? 'async' : 'waits',
    );
    if (async) return accepted(response, job);
    const record = BACKUP_JOB.resultOf(await this.jobs.resultOf(job));
    const message = `Backup created successfully at ${record.path}`;
    return { success: true, message, backup: BackupEntry.of(record) };
  }

  @Get('backups')
  @ApiAnswer({
    summary: 'List the backups of a folder, newest first',
    description: 'All of them at once. `/api/catalog/backups` lists by page, with filters.',
    type: BackupListResponse,
    errors: {
      INVALID_PATH: 'backup_location leads outside the backup folders.',
      LOCATION_NOT_FOUND: 'There is no folder ./backups/old.',
      STORAGE_MISSING: 'The storage /backups is not there.',
    },
  })
  async list(@Query() query: BackupListQuery): Promise<BackupListResponse> {
    const records = await this.catalog.list(query.backup_location);
    return { success: true, backups: records.map((record) => BackupEntry.of(record)) };
  }

  @Get('backups/:id')
  @ApiAnswer({
    summary: 'One backup, with its whole manifest',
    type: BackupDetailsResponse,
    errors: FIND_ERRORS,
  })
  async details(@Param() { id }: IdParams): Promise<BackupDetailsResponse> {
    const { record, manifest } = await this.catalog.find(id);
    return BackupDetailsResponse.of(record, manifest);
  }

  @Delete('backups/:id')
  @ApiAnswer({
    summary: 'Delete a backup, and its manifest',
    description: 'Deletes it permanently. Refuses pinned backups and files that this service did not write.',
    type: BackupDeletedResponse,
    errors: {
      ...FIND_ERRORS,
      BACKUP_IN_USE: 'mydb_20231220_120000.sql is pinned.',
      NOT_A_BACKUP: 'old.sql was not written by this service.',
      BACKUP_DAMAGED: 'The manifest of mydb_20231220_120000.sql cannot be read or belongs to another file.',
    },
  })
  async delete(@Param() { id }: IdParams): Promise<BackupDeletedResponse> {
    const { record, warnings } = await this.deletion.delete(id);
    return { success: true, message: `${record.filename} was deleted.`, backup: CatalogedBackup.of(record), warnings };
  }

  @Post('backups/:id/pin')
  @ApiAnswer({
    summary: 'Pin a backup, so that no retention deletes it, or unpin it',
    type: BackupDetailsResponse,
    errors: FIND_ERRORS,
  })
  async pin(@Param() { id }: IdParams, @Body() { pinned }: PinRequest): Promise<BackupDetailsResponse> {
    await this.catalog.pin(id, pinned);
    return this.details({ id });
  }

  @Post('backups/:id/adopt')
  @ApiAnswer({
    summary: 'Adopt a backup that has a foreign manifest',
    description:
      'For a backup that is listed as `foreign` because its manifest is unsigned, altered or signed by another ' +
      'installation. The file is read and compared with the manifest, which is then signed. Do it only for files ' +
      'whose origin you know, because a restore trusts an adopted backup.',
    type: BackupDetailsResponse,
    accepted: true,
    errors: {
      ...FIND_ERRORS,
      NOT_A_BACKUP: 'old.sql has no manifest: nothing says what it must be.',
      BACKUP_DAMAGED: 'mydb_20231220_120000.sql is not what its manifest says: size or hash differ.',
      BUSY: 'mydb_20231220_120000.sql was changed or removed by somebody else while it was adopted.',
    },
  })
  async adopt(
    @Param() { id }: IdParams,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BackupDetailsResponse | object> {
    const job = await this.catalog.adopt(id);
    if (async) return accepted(response, job);
    const { backup_id: now } = ADOPT_JOB.resultOf(await this.jobs.resultOf(job));
    return this.details({ id: now });
  }

  @Post('backups/:id/verify')
  @ApiAnswer({
    summary: 'Verify a backup: read it back, or restore it into a verification server',
    description:
      'Compares size and SHA-256 with what was written. With `restored` it then loads the backup into a verification ' +
      'server and compares the data. A failure marks the backup as damaged; it does not count any more.',
    type: BackupDetailsResponse,
    accepted: true,
    errors: {
      ...FIND_ERRORS,
      NOT_A_BACKUP: 'The file was not written by this service: there is nothing to compare it with.',
      BACKUP_DAMAGED: 'The file is not the one that was written: its hash differs.',
      BUSY: 'mydb_20231220_120000.sql was changed or removed by somebody else while it was verified.',
      ...VERIFICATION_ERRORS,
    },
  })
  async verify(
    @Param() { id }: IdParams,
    @Body() { level = 'stored', compare }: VerifyRequest,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BackupDetailsResponse | object> {
    const job = await this.catalog.verify(id, level, compare, async ? 'async' : 'waits');
    if (async) return accepted(response, job);
    await this.jobs.resultOf(job);
    return this.details({ id });
  }
}
