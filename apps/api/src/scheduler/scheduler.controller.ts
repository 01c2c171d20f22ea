import { Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BACKUP_ERRORS } from '../backup/backup.controller.js';
import { BackupEntry, ForcedBackupResponse } from '../backup/backup.dto.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { SchedulerStartResponse, SchedulerStatusResponse, SchedulerStopResponse } from './scheduler.dto.js';
import { SchedulerService } from './scheduler.service.js';

@ApiTags('Scheduler')
@Controller('api')
export class SchedulerController {
  constructor(private readonly scheduler: SchedulerService) {}

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
  status(): SchedulerStatusResponse {
    const { running, nextBackup, schedule, lastRun } = this.scheduler.status();
    return {
      success: true,
      running,
      next_backup: nextBackup ?? null,
      schedule: schedule.expression,
      timezone: schedule.timezone,
      last_run: lastRun ?? null,
    };
  }

  @Post('backup/force')
  @ApiAnswer({
    summary: 'Run the scheduled backup immediately',
    type: ForcedBackupResponse,
    errors: BACKUP_ERRORS,
  })
  async force(): Promise<ForcedBackupResponse> {
    const record = await this.scheduler.runNow();
    return { success: true, message: 'Forced backup completed', backup: BackupEntry.of(record) };
  }
}
