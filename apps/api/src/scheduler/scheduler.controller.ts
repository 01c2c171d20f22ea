import { Controller, Get, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { BACKUP_JOB } from '@app/core';
import { BACKUP_ERRORS } from '../backup/backup.controller.js';
import { BackupEntry, ForcedBackupResponse } from '../backup/backup.dto.js';
import { JobWaiter } from '../runtime/job-waiter.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { accepted, RespondAsync } from '../jobs/respond-async.js';
import { SchedulerStartResponse, SchedulerStatusResponse, SchedulerStopResponse } from './scheduler.dto.js';
import { ScheduleCoverage } from './schedule-coverage.service.js';
import { SchedulerService } from './scheduler.service.js';

@ApiTags('Scheduler')
@Controller('api')
export class SchedulerController {
  constructor(
    private readonly scheduler: SchedulerService,
    private readonly jobs: JobWaiter,
    private readonly coverage: ScheduleCoverage,
  ) {}

  @Post('scheduler/start')
  @ApiAnswer({
    summary: 'Start the backup scheduler',
    type: SchedulerStartResponse,
    errors: { NOT_CONNECTED: 'No database is connected.' },
  })
  async start(): Promise<SchedulerStartResponse> {
    await this.scheduler.start();
    return { success: true, message: 'Backup scheduler started successfully' };
  }

  @Post('scheduler/stop')
  @ApiAnswer({ summary: 'Stop the backup scheduler', type: SchedulerStopResponse })
  async stop(): Promise<SchedulerStopResponse> {
    await this.scheduler.stop();
    return { success: true, message: 'Backup scheduler stopped successfully' };
  }

  @Get('scheduler/status')
  @ApiAnswer({ summary: 'Scheduler status and next backup time', type: SchedulerStatusResponse })
  async status(): Promise<SchedulerStatusResponse> {
    const { running, nextBackup, nextBackupAt, schedule, lastRun } = this.scheduler.status();
    return {
      success: true,
      running,
      next_backup: nextBackup ?? null,
      schedule: schedule.expression,
      timezone: schedule.timezone,
      next_backup_at: nextBackupAt?.toISOString() ?? null,
      last_run:
        lastRun === undefined
          ? null
          : {
              at: lastRun.at,
              started_at: lastRun.startedAt.toISOString(),
              success: lastRun.success,
              message: lastRun.message,
            },
      ...(await this.coverage.warnings()),
    };
  }

  @Post('backup/force')
  @ApiAnswer({
    summary: 'Run the scheduled backup immediately',
    type: ForcedBackupResponse,
    accepted: true,
    errors: BACKUP_ERRORS,
  })
  async force(
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ForcedBackupResponse | object> {
    const job = await this.scheduler.runNow(async ? 'async' : 'waits');
    if (async) return accepted(response, job);
    const record = BACKUP_JOB.resultOf(await this.jobs.resultOf(job));
    return { success: true, message: 'Forced backup completed', backup: BackupEntry.of(record) };
  }
}
