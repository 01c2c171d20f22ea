import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { scheduledJobRequests } from '@app/core';
import { ScheduleDispatcher } from '@app/jobs';
import type { JobQueue } from '@app/jobs';
import { BackupModule } from '../backup/backup.module.js';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { APP_CONFIG, CATALOG, CLOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';
import { RetentionController } from './retention.controller.js';
import { ScheduleCheck } from './schedule-check.js';
import { ScheduleCoverage } from './schedule-coverage.service.js';
import { ScheduleTimer } from './schedule-timer.js';
import { SchedulerController } from './scheduler.controller.js';
import { SchedulerService } from './scheduler.service.js';
import { SchedulesController } from './schedules.controller.js';
import { SchedulesService } from './schedules.service.js';

@Module({
  imports: [ScheduleModule.forRoot(), ActiveConnectionModule, EngineModule, BackupModule],
  controllers: [SchedulerController, SchedulesController, RetentionController],
  providers: [
    SchedulerService,
    SchedulesService,
    ScheduleCheck,
    ScheduleCoverage,
    ScheduleTimer,
    {
      provide: ScheduleDispatcher,
      inject: [CATALOG, JOB_QUEUE, APP_CONFIG, CLOCK, LOGGER],
      useFactory: (catalog: Catalog, queue: JobQueue, config: AppConfig, clock: Clock, logger: Logger) =>
        new ScheduleDispatcher({
          catalog,
          queue,
          clock,
          logger,
          catchUpMs: config.schedule.catchUpMs,
          requestsOf: scheduledJobRequests(catalog, logger),
        }),
    },
  ],
  exports: [SchedulerService, ScheduleCoverage],
})
export class SchedulerModule {}
