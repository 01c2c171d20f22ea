import { Body, Controller, Delete, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { RestoreRecord } from '@app/catalog';
import type { ErrorCode } from '@app/domain';
import { RESTORE_JOB, UNDO_JOB } from '@app/core';
import { JobWaiter } from '../runtime/job-waiter.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { pageOf, PageQuery } from '../http/requests/page-query.js';
import { accepted, RespondAsync } from '../jobs/respond-async.js';
import { messageOfPlan, RestorePlanEntry } from './restore-plan.dto.js';
import {
  RestoreEntry,
  RestoreRecordResponse,
  RestoresResponse,
  RestoreUndoneResponse,
  UndoDroppedResponse,
} from './restore-record.dto.js';
import { RestoreDetails, RestoreRequestBody, RestoreResponse } from './restore.dto.js';
import { RestoresService } from './restores.service.js';
import type { ManualRestore } from './restores.service.js';

const RESTORE_ERRORS: Partial<Record<ErrorCode, string>> = {
  NOT_CONNECTED: 'No database is connected.',
  CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
  INVALID_PATH: 'backup_file_path leads outside the backup folders.',
  BACKUP_NOT_FOUND: 'There is no backup file ./backups/mydb.sql.',
  NOT_A_BACKUP: 'The file is no dump that this service knows.',
  WRONG_ENGINE: 'The file is a dump of MySQL; the connected server is PostgreSQL.',
  BACKUP_DAMAGED: 'The file is not the one that was written: its hash differs.',
  BACKUP_INCOMPLETE: 'The dump has no end: it was cut off.',
  BACKUP_UNSAFE: 'The dump contains commands for the client program.',
  MISSING_PRIVILEGE: 'User "user" may not write to database "mydb".',
  UNSUPPORTED: 'Table "orders" cannot be restored alone: "invoices" refers to it.',
  HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
  RESTORE_FAILED: 'The server refused a statement.',
  TOOL_MISSING: 'pg_restore is not installed.',
  SHUTTING_DOWN: 'The service is shutting down and begins nothing new.',
  STORAGE_MISSING: 'The storage /backups is not there.',
  NO_SPACE: 'No space is left for the safety backup.',
};
const NOT_FOUND: Partial<Record<ErrorCode, string>> = {
  RESTORE_NOT_FOUND: 'There is no restore 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};
const UNDO_ERRORS: Partial<Record<ErrorCode, string>> = {
  ...NOT_FOUND,
  UNDO_UNAVAILABLE: 'The restore of "mydb" cannot be undone: it was undone already.',
  CONNECTION_CHANGED: 'The connection names another database now.',
  HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
};

@ApiTags('Restore')
@Controller('api')
export class RestoresController {
  constructor(
    private readonly restores: RestoresService,
    private readonly jobs: JobWaiter,
  ) {}

  @Post('restore')
  @ApiAnswer({
    summary: 'Restore a backup file',
    description:
      'Checks the whole file first, loads it into a staging database, compares, and swaps it in. A failure leaves the ' +
      'database as it was. With `dry_run` nothing is changed, and the answer, always at once, has `plan`.',
    type: RestoreResponse,
    accepted: true,
    errors: RESTORE_ERRORS,
  })
  async restore(
    @Body() request: RestoreRequestBody,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RestoreResponse | object> {
    const order = orderOf(request);
    if (request.dry_run === true) {
      const plan = await this.restores.plan(order, whileListening(response));
      return { success: true, message: messageOfPlan(plan), plan: RestorePlanEntry.of(plan) };
    }
    const job = await this.restores.restore(order);
    if (async) return accepted(response, job);
    const outcome = RESTORE_JOB.resultOf(await this.jobs.resultOf(job));
    const record = await this.restores.recordOf(outcome.id);
    const message = `Restore successful from ${outcome.path}`;
    return { success: true, message, restore: RestoreDetails.of(outcome, record) };
  }

  @Get('restores')
  @ApiAnswer({
    summary: 'List the restores, newest first, with what is kept to undo them',
    description: 'An undo is listed as a restore, too: `kind` tells which it is.',
    type: RestoresResponse,
  })
  async list(@Query() query: PageQuery): Promise<RestoresResponse> {
    const { rows, next, undoBytes } = await this.restores.page(pageOf(query));
    const restores = rows.map(({ record, undoing }) => RestoreEntry.of(record, undoing));
    return { success: true, restores, next: next ?? null, undo_bytes: undoBytes };
  }

  @Get('restores/:id')
  @ApiAnswer({ summary: 'One restore', type: RestoreRecordResponse, errors: NOT_FOUND })
  async details(@Param() { id }: IdParams): Promise<RestoreRecordResponse> {
    const { record, undoing } = await this.restores.get(id);
    return { success: true, restore: RestoreEntry.of(record, undoing) };
  }

  @Post('restores/:id/undo')
  @ApiAnswer({
    summary: 'Undo a restore',
    description:
      'The previous database takes its place again, and the present one is kept in turn, so an undo can be undone, too. ' +
      'What was written since the restore is in the database that is kept.',
    type: RestoreUndoneResponse,
    accepted: true,
    errors: { ...UNDO_ERRORS, BACKUP_NOT_FOUND: 'There is no backup file ./backups/safety.sql any more.' },
  })
  async undo(
    @Param() { id }: IdParams,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RestoreUndoneResponse | object> {
    const job = await this.restores.undo(id);
    if (async) return accepted(response, job);
    const outcome = UNDO_JOB.resultOf(await this.jobs.resultOf(job));
    const [undone, record] = await Promise.all([this.restores.get(id), this.restores.recordOf(outcome.id)]);
    return { success: true, message: messageOfUndo(undone.record), restore: RestoreDetails.of(outcome, record) };
  }

  @Delete('restores/:id/undo')
  @ApiAnswer({
    summary: 'Give up the undo of a restore to free its space',
    type: UndoDroppedResponse,
    errors: UNDO_ERRORS,
  })
  async drop(@Param() { id }: IdParams): Promise<UndoDroppedResponse> {
    const record = await this.restores.drop(id);
    const restore = RestoreEntry.of(record);
    const what = `The previous state of ${JSON.stringify(restore.database)}`;
    const message =
      record.copyState === 'dropping'
        ? `${what} is being dropped, for which the server takes its time.`
        : record.copy === null
          ? `${what} is not kept for an undo any more: its safety backup is now judged as other backups are.`
          : `${what} was dropped.`;
    return { success: true, message, restore };
  }
}

function orderOf(request: RestoreRequestBody): ManualRestore {
  return {
    connectionId: request.connection_id,
    file: request.backup_file_path,
    targetDatabase: request.target_database,
    strategy: request.strategy,
    tables: request.tables,
    skipOwnership: request.no_owner ?? false,
    skipTablespaces: request.no_tablespaces ?? false,
    definer: request.definer,
    collations: request.collations,
    localeFallback: request.locale_fallback ?? false,
    acceptIncomplete: request.accept_incomplete ?? false,
    sourceDatabase: request.source_database,
    compare: request.compare,
  };
}

function messageOfUndo({ kind, database, tables }: RestoreRecord): string {
  const [what, before] = kind === 'undo' ? ['Undo undone', 'before the undo'] : ['Restore undone', 'before'];
  const name = JSON.stringify(database);
  if (tables === null) return `${what}: ${name} is as it was ${before}.`;
  const some =
    tables.length === 1 ? `table ${tables[0] ?? ''} of ${name} is` : `${tables.length} tables of ${name} are`;
  return `${what}: ${some} as ${before}.`;
}

/** A signal that aborts when nobody waits for the answer any more. */
function whileListening(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
