import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { BackupModule } from '../backup/backup.module.js';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { RetentionController } from './retention.controller.js';
import { ScheduleCheck } from './schedule-check.js';
import { ScheduleCoverage } from './schedule-coverage.service.js';
import { ScheduleTimer } from './schedule-timer.js';
import { SchedulerController } from './scheduler.controller.js';
import { SchedulerService } from './scheduler.service.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';

@Module({
  imports: [ScheduleModule.forRoot(), ActiveConnectionModule, RuntimeModule, BackupModule],
  controllers: [SchedulerController, SchedulesController, RetentionController],
  providers: [SchedulerService, SchedulesService, ScheduleCheck, ScheduleCoverage, ScheduleTimer],
  exports: [SchedulerService, ScheduleCoverage],
})
export class SchedulerModule {}
